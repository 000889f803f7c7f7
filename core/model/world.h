// World: the whole state of one execution. One block of bytes that can be copied, compared and
// thrown away.
//
// Holds the mms, all pools of objects, and the oracle's ghost state. Small helpers turn ids into
// references and compute which of a subject's locks the current task holds. Read next: the
// mechanisms (page_table.h, anon_vma.h, vma.h, rmap.h), then ops/.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

#include "core/kernel/kernel.h"
#include "core/model/oracle.h"
#include "core/model/types.h"

namespace rmap {

struct World {
  Kernel kernel;
  Oracle oracle;
  Mm mms[kMmsMax];
  Page pages[kFramesMax];
  Table tables[kTablesMax];
  Vma vmas[kVmasMax];
  AnonVmaChain avcs[kAvcsMax];
  AnonVma anon_vmas[kAnonVmasMax];
  sched::Rcu rcu;
  uint8_t failures_left = 0;  // Allocations that may still fail, by decision.
  uint16_t next_tag = 1;      // What the next write stores.

  Mm& mm(MmId id) { return mms[id.value]; }
  Page& page(FrameId id) { return pages[id.value]; }
  Table& table(TableId id) { return tables[id.value]; }
  Vma& vma(VmaId id) { return vmas[id.value]; }
  AnonVmaChain& avc(AvcId id) { return avcs[id.value]; }
  AnonVma& anon_vma(AnonVmaId id) { return anon_vmas[id.value]; }
  Mm& mm_of(const Vma& v) { return mms[v.mm.value]; }

  MmId id(const Mm& m) const { return MmId{static_cast<uint8_t>(&m - mms)}; }
  FrameId id(const Page& p) const { return FrameId{static_cast<uint8_t>(&p - pages)}; }
  TableId id(const Table& t) const { return TableId{static_cast<uint8_t>(&t - tables)}; }
  VmaId id(const Vma& v) const { return VmaId{static_cast<uint8_t>(&v - vmas)}; }
  AvcId id(const AnonVmaChain& c) const { return AvcId{static_cast<uint8_t>(&c - avcs)}; }
  AnonVmaId id(const AnonVma& a) const { return AnonVmaId{static_cast<uint8_t>(&a - anon_vmas)}; }

  AnonVmaRef ref(const AnonVma& a) const { return {id(a), a.life}; }

  // Subjects of accesses, with the locks that the current task holds on them.
  Subject at(const Vma& v);       // Its range.
  Subject at_link(const Vma& v);  // Its anon_vma word, which the anon_vma lock does not protect.
  Subject at(const Page& p) const;
  Subject at(const AnonVma& a) const;
  // How the current task holds the lock of that anon_vma: kAnonLock, kAnonRead or neither.
  uint8_t anon_lock_held(AnonVmaId a) const;
  Subject at_pte(const PteSlot& slot);
  Subject at_pmd(MmId mm, uint32_t index);

  // Whether the current task may change the vma's chain: nobody else can find the vma, or it holds
  // mmap_sem for write, or for read with page_table_lock.
  bool holds_chain_lock(const Vma& v);

  // True when this allocation fails: a decision, as long as the program allows more failures.
  bool allocation_fails(Site site);

 private:
  Subject reached(const Vma& v);
};

static_assert(std::is_trivially_copyable_v<World>);
static_assert(std::is_trivially_destructible_v<World>);

// A world before its first operation, under `kernel`.
void init_world(World& w, const Kernel& kernel);

// Marks a branch that is worth naming: seen by coverage, `reach` lines, traces and a finding's
// signature.
void cover(World& w, Site site);

// Says in the trace that `vma` came into a list or left it: that of an anon_vma or of an mm, whose
// number is `of`. Nobody else can run between the change and its note.
void note_vma(World& w, Note note, const Vma& vma, uint8_t of, Site site);

// Results of operations: 0 or a negative errno, as the kernel's.
inline constexpr int kOk = 0;
inline constexpr int kEnoent = -2;
inline constexpr int kEagain = -11;
inline constexpr int kEnomem = -12;
inline constexpr int kEfault = -14;
inline constexpr int kEbusy = -16;
inline constexpr int kEinval = -22;
std::string_view errno_name(int error);

}  // namespace rmap
