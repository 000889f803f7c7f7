// Case: a finding with all that its verdict rests on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "repro/story/deeds.h"

namespace rmap {

class Case {
 public:
  Case(const Recording& r, const std::vector<Deed>& deeds)
      : r_(r), deeds_(deeds), w_(*r.end), v_(r.result.outcome.violation), d_(unpack_detail(v_)) {}

 protected:
  // Who noticed, and in which function.
  std::string who() const { return name_of(v_.task); }
  std::string site() const {
    return std::string(kSites[v_.site.index].substr(0, kSites[v_.site.index].find('/')));
  }
  std::string name_of(sched::TaskId task) const;
  std::string place() const { return place_name(d_.mm, d_.address); }
  uint32_t place_ordinal() const { return d_.mm.value * kWindowPages + d_.address; }
  uint32_t object() const { return v_.object.ordinal; }

  const Recording& r_;
  const std::vector<Deed>& deeds_;
  const World& w_;  // How it ended.
  const sched::Violation& v_;
  const FindingDetail d_;
};

// Verdicts on objects, vmas and data; the others are in verdict.cc.
std::string verdict_on_object(const Recording& r, const std::vector<Deed>& deeds);

}  // namespace rmap
