// What things are called in sentences.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/model/types.h"

namespace rmap {

std::string site_name(Site site);
// "@5" in the first process, "mm1 @5" in others.
std::string place_name(MmId mm, PageNr address);
std::string ending_name(sched::Ending ending);
std::string object_name(sched::Object object);
// "cpu1", or "setup".
std::string cpu_name(uint8_t cpu);

}  // namespace rmap
