// SPDX-License-Identifier: Apache-2.0
#include "core/run/words.h"

#include <fmt/format.h>

#include "core/model/names.h"
#include "core/model/sites.h"

namespace rmap {

std::string site_name(Site site) { return std::string(kSites[site.index]); }

std::string place_name(MmId mm, PageNr address) {
  return mm.value == 0 ? fmt::format("@{}", address) : fmt::format("mm{} @{}", mm.value, address);
}

std::string ending_name(sched::Ending ending) {
  switch (ending) {
    case sched::Ending::finished: return "finished";
    case sched::Ending::violation: return "violation";
    case sched::Ending::deadlock: return "deadlock";
    case sched::Ending::livelock: return "livelock";
    case sched::Ending::step_limit: return "step_limit";
  }
  return "unknown";
}

std::string object_name(sched::Object object) {
  if (object.cls == kPteObject) {
    return fmt::format("pte {}",
                       place_name(MmId{static_cast<uint8_t>(object.ordinal / kWindowPages)},
                                  object.ordinal % kWindowPages));
  }
  return fmt::format("{} {}", kObjectClasses[object.cls].name, object.ordinal);
}

std::string cpu_name(uint8_t cpu) { return cpu == 0 ? "setup" : fmt::format("cpu{}", cpu); }

}  // namespace rmap
