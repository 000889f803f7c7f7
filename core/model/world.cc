// SPDX-License-Identifier: Apache-2.0
#include "core/model/world.h"

namespace rmap {
namespace {

uint8_t mmap_bits(const Mm& mm) {
  if (mm.mmap_sem.held_for_write()) return kMmapWrite;
  return mm.mmap_sem.held_for_read() ? kMmapRead : 0;
}

// A world before its first operation. Building it once and copying it is cheaper than building it
// each time.
World make_pristine(AnonLock anon_lock) {
  World w{};
  for (uint32_t i = 0; i < kMmsMax; i++) {
    w.mms[i].mmap_sem = RwSem(sched::make_object(kMmapSem, i));
    w.mms[i].page_table_lock = SpinLock(sched::make_object(kPageTableLock, i));
  }
  for (uint32_t i = 0; i < kFramesMax; i++)
    w.pages[i].lock = Mutex(sched::make_object(kPageLockClass, i));
  for (uint32_t i = 0; i < kTablesMax; i++) w.tables[i].ptl = SpinLock(sched::make_object(kPtl, i));
  const auto anon_class = sleeps(anon_lock) ? kAnonVmaLock : kAnonVmaSpinLock;
  for (uint32_t i = 0; i < kAnonVmasMax; i++) {
    w.anon_vmas[i].lock = RwSem(sched::make_object(anon_class, i));
    w.anon_vmas[i].root.init(static_cast<uint8_t>(i + 1));
  }
  w.rcu = sched::Rcu(sched::make_object(kRcuObject, 0));
  return w;
}

}  // namespace

// A vma that can be reached, or is being made; not one that was freed.
Subject World::reached(const Vma& v) {
  if (!v.allocated)
    oracle.lives.freed_object_used(*this, Manner::vma, vma_object(id(v)),
                                   oracle.actors.last_branch());
  return {vma_object(id(v)), 0, v.published};
}

Subject World::at(const Vma& v) {
  Subject s = reached(v);
  if (!s.published) return s;
  s.held = mmap_bits(mm_of(v));
  if (v.grows_down) s.variant = kGrowsDownVariant;
  // A vma that fork has just linked may have a chain before it has an anon_vma.
  AnonVmaId a = v.anon();
  if (!a.valid() && v.chain_tail.valid()) a = avc(v.chain_tail).anon_vma.id;
  if (a.valid()) s.held |= anon_lock_held(a);
  return s;
}

Subject World::at_link(const Vma& v) {
  Subject s = reached(v);
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
  return {sched::make_object(kAnonVmaObject, id(a).value), anon_lock_held(id(a)), true};
}

uint8_t World::anon_lock_held(AnonVmaId a) const {
  const AnonVma& self = anon_vmas[a.value];
  const bool root = locks_root(kernel.lock_scope);
  const RwSem& lock = root ? anon_vmas[self.root_id().value].lock : self.lock;
  if (lock.held_for_write()) return kAnonLock;
  return lock.held_for_read() ? kAnonRead : 0;
}

bool World::holds_chain_lock(const Vma& v) {
  const Mm& m = mm_of(v);
  if (!v.in_mm || m.mmap_sem.held_for_write()) return true;
  return m.mmap_sem.held_for_read() && m.page_table_lock.held();
}

Subject World::at_pte(const PteSlot& slot) {
  Subject s{pte_object(slot.mm, slot.address), 0, true};
  s.held = mmap_bits(mm(slot.mm));
  if (table(slot.table).ptl.held()) s.held |= kTableLock;
  return s;
}

Subject World::at_pmd(MmId mm_id, uint32_t index) {
  Subject s{pmd_object(mm_id, index), 0, true};
  s.held = mmap_bits(mm(mm_id));
  if (mm(mm_id).page_table_lock.held()) s.held |= kTableLock;
  return s;
}

bool World::allocation_fails(Site site) {
  if (failures_left == 0) return false;
  const bool fails = sched::Scheduler::running().choose(2, site, sched::Cost::rare) != 0;
  if (fails) failures_left--;
  return fails;
}

void init_world(World& w, const Kernel& kernel) {
  static const World spinning = make_pristine(AnonLock::spinlock);
  static const World sleeping = make_pristine(AnonLock::mutex);
  w = !sleeps(kernel.anon_lock) ? spinning : sleeping;
  w.kernel = kernel;
}

void cover(World& w, Site site) {
  sched::Scheduler& s = sched::Scheduler::running();
  w.oracle.actors.branch(site);
  s.note(static_cast<sched::EventKind>(Note::cover), site);
}

void note_vma(World& w, Note note, const Vma& vma, uint8_t of, Site site) {
  sched::Scheduler::running().note(static_cast<sched::EventKind>(note), site, vma_object(w.id(vma)),
                                   of);
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
