// The objects of the model: ptes, page tables, pages, vmas, anon_vmas and mms.
//
// All are trivially copyable and refer to each other by id, so that the state of an execution is
// one block of bytes (World). A field that two tasks can reach is a Word: each load and store names
// its site and goes through the scheduler's one access path. Fields are grouped under the sentence
// that names their lock. Read next: world.h, which holds them all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/limits.h"
#include "core/names.h"
#include "scheduler/guards.h"

namespace rmap {

using sched::BoundedVector;
using sched::Guard;
using sched::Mutex;
using sched::ReadGuard;
using sched::RwSem;
using sched::Site;
using sched::SpinLock;
using sched::WriteGuard;

// A page number: an address, or an offset (pgoff), in pages. Arithmetic wraps as the kernel's
// unsigned long does.
using PageNr = uint32_t;

// The number of an object of one kind, or none.
template <typename Tag>
struct Id {
  uint8_t value = 0xff;
  constexpr bool valid() const { return value != 0xff; }
  friend constexpr bool operator==(Id, Id) = default;
};
using MmId = Id<struct MmTag>;
using VmaId = Id<struct VmaTag>;
using AvcId = Id<struct AvcTag>;
using AnonVmaId = Id<struct AnonVmaTag>;
using FrameId = Id<struct FrameTag>;
using TableId = Id<struct TableTag>;
using TokenId = Id<struct TokenTag>;  // A mapping token; see oracle.h.

// The locks of a subject that the current task holds, as access-table bits.
enum HeldLock : uint8_t {
  kMmapRead = 1,   // mmap_sem of the subject's mm, for read
  kMmapWrite = 2,  // the same, for write
  kAnonLock = 4,   // the root lock of its anon_vma
  kTableLock = 8,  // the page-table lock that covers it (page_table_lock for a pmd)
  kPageLock = 16,  // the lock of its page
};

// Whom an access is about: its name for traces, the locks held, and whether other tasks can reach
// it at all.
struct Subject {
  sched::Object object;
  uint8_t held = 0;
  bool published = true;
};

// One shared word. F is its field class. Like sched::Shared, but a word is nothing but its value:
// who it belongs to and which locks are held come with each access, so that a World stays small.
template <typename T, FieldId F>
class Word {
 public:
  T load(Subject s, Site site) const {
    begin(s, sched::AccessMode::read, site);
    done(s, sched::AccessMode::read, site);
    return value_;
  }
  void store(Subject s, T value, Site site) {
    begin(s, sched::AccessMode::write, site);
    value_ = value;
    done(s, sched::AccessMode::write, site);
  }
  // Atomic read-modify-write. add() does not look at the result; add_return() does.
  void add(Subject s, int delta, Site site) {
    begin(s, sched::AccessMode::add, site);
    value_ = static_cast<T>(value_ + delta);
    done(s, sched::AccessMode::add, site);
  }
  T add_return(Subject s, int delta, Site site) {
    begin(s, sched::AccessMode::write, site);
    value_ = static_cast<T>(value_ + delta);
    done(s, sched::AccessMode::write, site);
    return value_;
  }
  // Atomic increment unless zero.
  bool inc_not_zero(Subject s, Site site) {
    begin(s, sched::AccessMode::write, site);
    const bool was_zero = value_ == T{};
    if (!was_zero) value_ = static_cast<T>(value_ + 1);
    done(s, sched::AccessMode::write, site);
    return !was_zero;
  }
  // No access: for oracles, printers, objects that nobody else can reach, and words whose every
  // writer is kept out by mmap_sem, held for write by whoever peeks.
  T peek() const { return value_; }
  void init(T value) { value_ = value; }

 private:
  void begin(Subject s, sched::AccessMode mode, Site site) const {
    if (s.published) sched::Scheduler::running().before_access(field(F), mode, s.held, site);
  }
  void done(Subject s, sched::AccessMode mode, Site site) const {
    if (s.published)
      sched::Scheduler::running().access_done(field(F), mode, site, s.object, value_);
  }
  T value_ = {};
};

// --- Page tables ---------------------------------------------------------------------------------

enum class PteKind : uint8_t {
  none,
  present,    // maps a page
  migration,  // the page is being migrated: whoever needs it waits for the page lock
  zero,       // maps the shared zero page, which has no reverse map
};

// One entry. `token` is ghost state that travels with the entry (see oracle.h); the kernel knows
// nothing of it.
struct Pte {
  PteKind kind = PteKind::none;
  FrameId frame;
  bool writable = false;
  TokenId token;

  bool none() const { return kind == PteKind::none; }
  bool present() const { return kind == PteKind::present || kind == PteKind::zero; }
  bool is_migration() const { return kind == PteKind::migration; }
  bool maps(FrameId page) const { return kind == PteKind::present && frame == page; }
  // The entry without its ghost, for traces and pte_same().
  uint32_t word() const {
    return static_cast<uint32_t>(kind) << 16 | uint32_t{writable} << 8 | (none() ? 0 : frame.value);
  }
};

// A page-table page.
struct Table {
  SpinLock ptl;
  // Written under ptl; peeked at without it.
  Pte pte[kPtesPerTable];
  bool allocated = false;
  uint8_t generation = 0;  // Counts its lives, so that a stale pointer to it is noticed.
};

// A place in a page table: what a pte_t pointer is, plus what it was found for.
struct PteSlot {
  TableId table;
  uint8_t index = 0;
  uint8_t generation = 0;
  MmId mm;
  PageNr address = 0;
};

// --- Pages ---------------------------------------------------------------------------------------

struct Page {
  Mutex lock;  // PG_locked
  // Under the page lock, or while nobody else can reach the page.
  Word<uint8_t, kFieldMapping> mapping;  // AnonVmaId + 1, 0 for NULL.
  PageNr index = 0;                      // Constant while mapped.
  // Atomic.
  Word<uint8_t, kFieldMapcount> mapcount;  // Entries that map it. The kernel stores one less.
  Word<uint8_t, kFieldRefcount> refcount;
  Word<uint16_t, kFieldContents> contents;  // What was last written to it; 0 when fresh.
  // Under lru_lock, which is one atomic operation here.
  bool lru = false;
  bool allocated = false;
};

// --- Virtual memory areas ------------------------------------------------------------------------

struct Vma {
  // Written under mmap_sem for write, and under the anon_vma lock too where the kernel's AdjustLock
  // says so. A walk reads them under the anon_vma lock alone.
  Word<PageNr, kFieldVmStart> vm_start;
  Word<PageNr, kFieldVmEnd> vm_end;
  Word<PageNr, kFieldVmPgoff> vm_pgoff;
  // Set under mmap_sem, page_table_lock and the anon_vma lock; then constant.
  Word<uint8_t, kFieldAnonVma> anon_vma;  // AnonVmaId + 1, 0 for NULL.
  // The chain, newest first. Under mmap_sem and page_table_lock.
  AvcId chain_head, chain_tail;
  MmId mm;
  bool can_write = false;  // VM_WRITE
  bool published = false;  // In the mm's list or in an anon_vma.
  bool allocated = false;

  AnonVmaId anon() const { return AnonVmaId{static_cast<uint8_t>(anon_vma.peek() - 1)}; }
};

// Links one vma to one anon_vma. In the vma's chain and in the anon_vma's list at the same time.
struct AnonVmaChain {
  VmaId vma;
  AnonVmaId anon_vma;
  // same_vma: the vma's chain. Under mmap_sem and page_table_lock.
  AvcId next_in_vma, prev_in_vma;
  // same_anon_vma: the anon_vma's list, or the in-order sequence of its interval tree. Under the
  // anon_vma lock.
  AvcId next, prev;
  // The interval that the tree was told at insertion, in pgoffs.
  PageNr key_start = 0, key_last = 0;
  bool allocated = false;
};

struct AnonVma {
  Mutex lock;                                  // Used through the root.
  AnonVmaId root;                              // Constant after allocation.
  Word<uint8_t, kFieldAnonRefcount> refcount;  // Atomic.
  AvcId head, tail;                            // Under the root's lock.
  bool allocated = false;
};

// One process's memory.
struct Mm {
  RwSem mmap_sem;
  SpinLock page_table_lock;  // The pmd level.
  // Set under page_table_lock; read without; cleared under mmap_sem for write once no walk can come
  // here.
  Word<uint8_t, kFieldPmd> pmd[kTablesPerMm];  // TableId + 1, 0 for none.
  // The vmas in address order. Under mmap_sem.
  BoundedVector<VmaId, kVmasPerMm> vmas;
};

}  // namespace rmap
