// The objects of the model: ptes, page tables, pages, vmas, anon_vmas and mms.
//
// All are trivially copyable and refer to each other by id, so that the state of an execution is
// one block of bytes (World). A field that two tasks can reach is a Word: each load and store names
// its site and goes through the scheduler's one access path. Fields are grouped under the sentence
// that names their lock. Read next: world.h, which holds them all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/limits.h"
#include "core/model/names.h"
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
  kAnonLock = 4,   // the lock of its anon_vma (of the root, where the kernel locks roots)
  kTableLock = 8,  // the page-table lock that covers it (page_table_lock for a pmd)
  kPageLock = 16,  // the lock of its page
  kAnonRead = 32,  // the lock of its anon_vma, for read
};

// Whom an access is about: its name for traces, the locks held, and whether other tasks can reach
// it at all.
struct Subject {
  sched::Object object;
  uint8_t held = 0;
  bool published = true;
  uint8_t variant = 0;  // Added to the field: objects of another kind, which never share one.
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
  // Atomic: adds unless the value is `unless`. True when it added.
  bool add_unless(Subject s, int delta, T unless, Site site) {
    begin(s, sched::AccessMode::write, site);
    const bool adds = value_ != unless;
    if (adds) value_ = static_cast<T>(value_ + delta);
    done(s, sched::AccessMode::write, site);
    return adds;
  }
  bool inc_not_zero(Subject s, Site site) { return add_unless(s, +1, T{}, site); }
  // No access: for oracles, printers, objects that nobody else can reach, and words whose every
  // writer is kept out by mmap_sem, held for write by whoever peeks.
  T peek() const { return value_; }
  void init(T value) { value_ = value; }

 private:
  void begin(Subject s, sched::AccessMode mode, Site site) const {
    if (s.published)
      sched::Scheduler::running().before_access(field(F, s.variant), mode, s.held, site);
  }
  void done(Subject s, sched::AccessMode mode, Site site) const {
    if (s.published)
      sched::Scheduler::running().access_done(field(F, s.variant), mode, site, s.object, value_);
  }
  T value_ = {};
};

// A pointer to an anon_vma as the kernel stores it. The memory of a freed anon_vma becomes another
// one (SLAB_DESTROY_BY_RCU), which is the same pointer: the kernel compares ids. The life says
// which of them was meant, for the oracle.
struct AnonVmaRef {
  AnonVmaId id;
  uint8_t life = 0;

  constexpr bool valid() const { return id.valid(); }
  constexpr uint16_t word() const {
    return valid() ? static_cast<uint16_t>(life << 8 | (id.value + 1)) : uint16_t{0};
  }
  static constexpr AnonVmaRef of(uint16_t word) {
    return {AnonVmaId{static_cast<uint8_t>((word & 0xff) - 1)}, static_cast<uint8_t>(word >> 8)};
  }
};

// Who is about to follow or to change a list without its lock; ghost state.
struct ListUse {
  uint8_t following = 0;
  uint8_t changing = 0;
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
  bool exclusive = false;  // Of a migration entry: its page was, when it was replaced.
  TokenId token;

  bool none() const { return kind == PteKind::none; }
  bool present() const { return kind == PteKind::present || kind == PteKind::zero; }
  bool is_migration() const { return kind == PteKind::migration; }
  bool maps(FrameId page) const { return kind == PteKind::present && frame == page; }
  // The entry without its ghost, for traces and pte_same().
  uint32_t word() const {
    return static_cast<uint32_t>(kind) << 16 | uint32_t{exclusive} << 9 | uint32_t{writable} << 8 |
           (none() ? 0 : frame.value);
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
  Word<uint16_t, kFieldMapping> mapping;  // An AnonVmaRef's word, 0 for NULL.
  PageNr index = 0;                       // Constant while mapped, since 2.6.36.
  // Atomic.
  Word<uint8_t, kFieldMapcount> mapcount;  // Entries that map it. The kernel stores one less.
  Word<uint8_t, kFieldRefcount> refcount;
  Word<uint16_t, kFieldContents> contents;  // What was last written to it; 0 when fresh.
  bool anon_exclusive = false;  // PageAnonExclusive; under the page-table lock of its one entry.
  // Under lru_lock, which is one atomic operation here.
  bool lru = false;
  bool allocated = false;
};

// --- Virtual memory areas ------------------------------------------------------------------------

// The three words of a vma's range as they were at one moment.
struct RangeWords {
  PageNr start = 0, end = 0, pgoff = 0;
  friend bool operator==(const RangeWords&, const RangeWords&) = default;
};

struct Vma {
  // Written under mmap_sem for write, and under the anon_vma lock too where the kernel's AdjustLock
  // says so; those of a stack also under mmap_sem for read and the anon_vma lock. A walk reads them
  // under the anon_vma lock alone.
  Word<PageNr, kFieldVmStart> vm_start;
  Word<PageNr, kFieldVmEnd> vm_end;
  Word<PageNr, kFieldVmPgoff> vm_pgoff;
  // Set under mmap_sem, page_table_lock and the anon_vma lock; then constant.
  Word<uint16_t, kFieldAnonVma> anon_vma;  // An AnonVmaRef's word, 0 for NULL.
  // The chain, newest first. Under mmap_sem and page_table_lock.
  AvcId chain_head, chain_tail;
  ListUse chain_use;
  MmId mm;
  // Under mmap_sem.
  bool can_write = false;   // VM_WRITE
  bool grows_down = false;  // VM_GROWSDOWN
  bool accounted = false;   // VM_ACCOUNT: it is, or was, writable.
  bool published = false;   // In the mm's list or in an anon_vma.
  bool in_mm = false;       // In the mm's list: others can find it there.
  bool allocated = false;
  uint8_t life = 0;  // Counts its lives, so that a stale pointer to it is noticed.
  // Ghost state: the range that was last written as a whole, and the one before it; which kind of
  // operation began to write it last (+1), and where.
  RangeWords whole, whole_before;
  uint8_t range_op = 0;
  Site range_site = {};

  RangeWords range_now() const { return {vm_start.peek(), vm_end.peek(), vm_pgoff.peek()}; }
  AnonVmaRef anon_ref() const { return AnonVmaRef::of(anon_vma.peek()); }
  AnonVmaId anon() const { return anon_ref().id; }
};

// Links one vma to one anon_vma. In the vma's chain and in the anon_vma's list at the same time.
// Where vmas have one anon_vma each, this is the list node inside the vma.
struct AnonVmaChain {
  VmaId vma;
  uint8_t vma_life = 0;
  AnonVmaRef anon_vma;
  // same_vma: the vma's chain. Under mmap_sem and page_table_lock.
  AvcId next_in_vma, prev_in_vma;
  // same_anon_vma: the anon_vma's list, or what its interval tree has in order. Under the anon_vma
  // lock.
  AvcId next, prev;
  bool linked = false;  // Is in it.
  // The node of the tree. Under the anon_vma lock.
  AvcId rb_left, rb_right, rb_parent;
  bool rb_red = false;
  PageNr subtree_last = 0;  // Where the last interval of its subtree ended when that was computed.
  bool allocated = false;
};

struct AnonVma {
  RwSem lock;  // Its own, or that of all whose root it is. Taken for write where it is no rwsem.
  // Set before the anon_vma can be found, but by then somebody may have a pointer to its last life.
  Word<uint8_t, kFieldAnonRoot> root;  // AnonVmaId + 1.
  uint8_t root_life = 0;               // Which life of the root was meant.
  AnonVmaRef parent;                   // Itself for a root. Constant.
  // Atomic: references from outside, or all of them, as the kernel's AnonRefs says.
  Word<uint8_t, kFieldAnonRefcount> refcount;
  // Under the lock.
  AvcId head, tail;
  AvcId rb_root;
  ListUse list_use;
  uint8_t degree = 0;        // 3.19: vmas whose anon_vma it is, and children.
  uint8_t num_children = 0;  // 6.0: the same, apart.
  uint8_t num_active_vmas = 0;
  bool allocated = false;
  uint8_t life = 0;       // Counts its lives.
  uint16_t freed_at = 0;  // When its last life ended, on the oracle's clock.

  AnonVmaId root_id() const { return AnonVmaId{static_cast<uint8_t>(root.peek() - 1)}; }
};

// One process's memory.
struct Mm {
  RwSem mmap_sem;
  SpinLock page_table_lock;  // The pmd level.
  // Set under page_table_lock; read without; cleared under mmap_sem for write once no walk can come
  // here.
  Word<uint8_t, kFieldPmd> pmd[kTablesPerMm];  // TableId + 1, 0 for none.
  // Under mmap_sem.
  BoundedVector<VmaId, kVmasPerMm> vmas;  // In address order.
  ListUse vmas_use;
  PageNr brk = kBrkStart;  // Where the heap ends.
};

}  // namespace rmap
