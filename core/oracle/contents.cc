// SPDX-License-Identifier: Apache-2.0
#include "core/model/ghost/contents.h"

#include "core/model/world.h"

namespace rmap {

void Contents::read(World& w, MmId mm, PageNr address, uint16_t value, Site site) {
  const uint16_t expected = expected_[mm.value][address];
  w.oracle.judges(Rule::wrong_data);
  if (expected != 0) w.oracle.judges(Rule::lost_data);
  if (value == expected) return;
  const FindingDetail d{.mm = mm, .address = address, .moved_from = address, .other_site = {}};
  w.oracle.finding(value == 0 ? Rule::lost_data : Rule::wrong_data, Manner::none,
                   pte_object(mm, address), d, site);
}

void Contents::moved(MmId mm, PageNr from, PageNr to) {
  expected_[mm.value][to] = expected_[mm.value][from];
  expected_[mm.value][from] = 0;
}

}  // namespace rmap
