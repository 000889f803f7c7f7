// Rows: a trace's events in words.
//
// A pure function of a recording. Follows the page tables through the events, so that an entry is
// named by what it was and became, and a page-table lock by the addresses that it covers. Read
// next: formats/columns.h, story/story.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "repro/run/session.h"

namespace rmap {

// One event in words.
struct Row {
  uint32_t step = 0;
  uint8_t cpu = 0;       // 0: the set-up.
  bool is_step = false;  // A visible operation; else a remark on one.
  uint32_t event = 0;    // Index in the trace.
  std::string verb;
  std::string what;
  std::string_view where;  // The site.
};

// Every event, set-up included.
std::vector<Row> all_rows(const Recording& r);

// "none", "p3", "p3 (ro)", "mig p3", "zero" from Pte::word().
std::string pte_words(uint64_t word);

// Who came upon the finding.
uint8_t finding_cpu(const Recording& r);

}  // namespace rmap
