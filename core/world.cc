// SPDX-License-Identifier: Apache-2.0
#include "core/world.h"

namespace rmap {
namespace {

uint8_t mmap_bits(const Mm& mm) {
  if (mm.mmap_sem.held_for_write()) return kMmapWrite;
  return mm.mmap_sem.held_for_read() ? kMmapRead : 0;
}

// A world before its first operation. Building it once and copying it is cheaper than building it
// each time.
World make_pristine() {
  World w{};
  for (uint32_t i = 0; i < kMmsMax; i++) {
    w.mms[i].mmap_sem = RwSem(sched::make_object(kMmapSem, i));
    w.mms[i].page_table_lock = SpinLock(sched::make_object(kPageTableLock, i));
  }
  for (uint32_t i = 0; i < kFramesMax; i++)
    w.pages[i].lock = Mutex(sched::make_object(kPageLockClass, i));
  for (uint32_t i = 0; i < kTablesMax; i++) w.tables[i].ptl = SpinLock(sched::make_object(kPtl, i));
  for (uint32_t i = 0; i < kAnonVmasMax; i++)
    w.anon_vmas[i].lock = Mutex(sched::make_object(kAnonVmaLock, i));
  w.rcu = sched::Rcu(sched::make_object(kRcuObject, 0));
  return w;
}

}  // namespace

Subject World::at(const Vma& v) {
  Subject s{sched::make_object(kVmaObject, id(v).value), 0, v.published};
  if (!s.published) return s;
  s.held = mmap_bits(mm_of(v));
  if (v.anon().valid() && root_lock(v.anon()).held()) s.held |= kAnonLock;
  return s;
}

Subject World::at_link(const Vma& v) {
  Subject s{sched::make_object(kVmaObject, id(v).value), 0, v.published};
  if (!s.published) return s;
  s.held = mmap_bits(mm_of(v));
  if (mm_of(v).page_table_lock.held()) s.held |= kTableLock;
  return s;
}

Subject World::at(const Page& p) const {
  return {sched::make_object(kPageObject, id(p).value),
          static_cast<uint8_t>(p.lock.held() ? kPageLock : 0), true};
}

Subject World::at(const AnonVma& a) const {
  const bool held = anon_vmas[a.root.value].lock.held();
  return {sched::make_object(kAnonVmaObject, id(a).value),
          static_cast<uint8_t>(held ? kAnonLock : 0), true};
}

Subject World::at_pte(const PteSlot& slot) {
  Subject s{sched::make_object(kPteObject, slot.mm.value * kWindowPages + slot.address), 0, true};
  s.held = mmap_bits(mm(slot.mm));
  if (table(slot.table).ptl.held()) s.held |= kTableLock;
  return s;
}

Subject World::at_pmd(MmId mm_id, uint32_t index) {
  Subject s{sched::make_object(kPmdObject, mm_id.value * kTablesPerMm + index), 0, true};
  s.held = mmap_bits(mm(mm_id));
  if (mm(mm_id).page_table_lock.held()) s.held |= kTableLock;
  return s;
}

bool World::allocation_fails(Site site) {
  if (failures_left == 0) return false;
  const bool fails = sched::Scheduler::running().choose(2, site) != 0;
  if (fails) failures_left--;
  return fails;
}

void init_world(World& w, const Kernel& kernel) {
  static const World pristine = make_pristine();
  w = pristine;
  w.kernel = kernel;
}

void cover(World& w, Site site) {
  sched::Scheduler& s = sched::Scheduler::running();
  w.oracle.branch(site);
  s.note(static_cast<sched::EventKind>(Note::cover), site);
}

std::string_view errno_name(int error) {
  switch (error) {
    case kOk: return "ok";
    case kEnoent: return "ENOENT";
    case kEagain: return "EAGAIN";
    case kEnomem: return "ENOMEM";
    case kEfault: return "EFAULT";
    case kEbusy: return "EBUSY";
    case kEinval: return "EINVAL";
    default: return "E?";
  }
}

}  // namespace rmap
