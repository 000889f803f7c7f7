// Guards: a lock held for the length of a block.
//
// A stopped execution abandons its tasks without unwinding them, so that a guard's destructor runs
// only when its block is really left.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scheduler/sync.h"

namespace sched {

class [[nodiscard]] Guard {
 public:
  Guard(ExclusiveLock& lock, Site site, uint8_t nesting = 0) : lock_(lock), site_(site) {
    lock_.lock(site, nesting);
  }
  ~Guard() { lock_.unlock(site_); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  ExclusiveLock& lock_;
  Site site_;
};

class [[nodiscard]] ReadGuard {
 public:
  ReadGuard(RwSem& sem, Site site, uint8_t nesting = 0) : sem_(sem), site_(site) {
    sem_.down_read(site, nesting);
  }
  ~ReadGuard() { sem_.up_read(site_); }
  ReadGuard(const ReadGuard&) = delete;
  ReadGuard& operator=(const ReadGuard&) = delete;

 private:
  RwSem& sem_;
  Site site_;
};

class [[nodiscard]] WriteGuard {
 public:
  WriteGuard(RwSem& sem, Site site, uint8_t nesting = 0) : sem_(sem), site_(site) {
    sem_.down_write(site, nesting);
  }
  // A lock that was downgraded meanwhile is held for read.
  ~WriteGuard() { sem_.held_for_write() ? sem_.up_write(site_) : sem_.up_read(site_); }
  WriteGuard(const WriteGuard&) = delete;
  WriteGuard& operator=(const WriteGuard&) = delete;

 private:
  RwSem& sem_;
  Site site_;
};

class [[nodiscard]] RcuGuard {
 public:
  RcuGuard(Rcu& rcu, Site site) : rcu_(rcu), site_(site) { rcu_.read_lock(site); }
  ~RcuGuard() { rcu_.read_unlock(site_); }
  RcuGuard(const RcuGuard&) = delete;
  RcuGuard& operator=(const RcuGuard&) = delete;

 private:
  Rcu& rcu_;
  Site site_;
};

}  // namespace sched
