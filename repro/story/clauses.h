// Clauses: a deed in words, without its subject: "moves the entry from @8 to @1".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "repro/story/deeds.h"

namespace rmap {

class Clauses {
 public:
  Clauses(const Recording& r, const std::vector<Deed>& deeds);

  // Of deeds[i].
  std::string of(std::size_t i) const;
  // "holding both page-table locks (ptl @0-3 and ptl @8-11), but not anon_vma 0, which cpu2 holds";
  // empty where locks decide nothing.
  std::string locks(const Deed& d) const;
  std::string cpu(sched::TaskId task) const;

 private:
  std::string entry_change(const Deed& d) const;
  std::string look(std::size_t i) const;
  std::string range_change(const Deed& d) const;
  std::string words_read(const Deed& d) const;
  std::string pointer(const Deed& d) const;
  std::string list_change(const Deed& d) const;
  std::string reference(const Deed& d) const;
  std::string lock(const Deed& d) const;

  const Recording& r_;
  const std::vector<Deed>& deeds_;
  bool several_tasks_ = false;  // Nobody's locks matter to a task that is alone.
};

// "a, b and c"
std::string and_list(const std::vector<std::string>& parts);
// A lock's name in a sentence: "the lock of page 1" where a trace says "page lock p1".
std::string lock_words(const std::string& name);
// "the migration entry of page 1", "the entry of page 0"
std::string entry_words(uint64_t word);

}  // namespace rmap
