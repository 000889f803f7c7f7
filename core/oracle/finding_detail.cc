// SPDX-License-Identifier: Apache-2.0
#include "core/model/ghost/finding_detail.h"

namespace rmap {

uint64_t pack_a(const FindingDetail& d) {
  return uint64_t{d.mm.value} << 48 | uint64_t{d.address} << 24 | d.moved_from;
}
uint64_t pack_b(const FindingDetail& d) {
  return uint64_t{d.op} << 32 | uint64_t{d.other_op} << 24 | d.other_site.index;
}

FindingDetail unpack_detail(const sched::Violation& v) {
  FindingDetail d;
  d.mm = MmId{static_cast<uint8_t>(v.a >> 48)};
  d.address = static_cast<PageNr>(v.a >> 24 & 0xffffff);
  d.moved_from = static_cast<PageNr>(v.a & 0xffffff);
  d.op = static_cast<uint8_t>(v.b >> 32);
  d.other_op = static_cast<uint8_t>(v.b >> 24);
  d.other_site = Site{static_cast<uint16_t>(v.b)};
  return d;
}

}  // namespace rmap
