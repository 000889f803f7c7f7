// Contents: what each process must read at each address, whatever became of the pages meanwhile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/types.h"

namespace rmap {

struct World;

class Contents {
 public:
  void wrote(MmId mm, PageNr address, uint16_t tag) { expected_[mm.value][address] = tag; }
  void read(World& w, MmId mm, PageNr address, uint16_t value, Site site);
  void moved(MmId mm, PageNr from, PageNr to);
  void copied(MmId from, MmId to, PageNr address) {
    expected_[to.value][address] = expected_[from.value][address];
  }
  void unmapped(MmId mm, PageNr address) { expected_[mm.value][address] = 0; }

 private:
  uint16_t expected_[kMmsMax][kWindowPages] = {};
};

}  // namespace rmap
