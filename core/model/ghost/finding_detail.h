// What a violation says, packed into the operands that the scheduler carries.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/types.h"

namespace rmap {

// What a finding says beside its rule; packed into sched::Violation's operands.
struct FindingDetail {
  MmId mm;
  PageNr address = 0;
  PageNr moved_from = 0;
  uint8_t op = 0;        // Kind of the operation that noticed, +1.
  uint8_t other_op = 0;  // Kind of the operation that moved the entry, +1.
  Site other_site = {};
};
inline sched::Object page_object(FrameId page) {
  return sched::make_object(kPageObject, page.value);
}
inline sched::Object pte_object(MmId mm, PageNr address) {
  return sched::make_object(kPteObject, mm.value * kWindowPages + address);
}
inline sched::Object vma_object(VmaId vma) { return sched::make_object(kVmaObject, vma.value); }
inline sched::Object pmd_object(MmId mm, uint32_t index) {
  return sched::make_object(kPmdObject, mm.value * kTablesPerMm + index);
}
inline sched::Object anon_vma_object(AnonVmaId a) {
  return sched::make_object(kAnonVmaObject, a.value);
}
uint64_t pack_a(const FindingDetail& d);
uint64_t pack_b(const FindingDetail& d);
FindingDetail unpack_detail(const sched::Violation& v);

}  // namespace rmap
