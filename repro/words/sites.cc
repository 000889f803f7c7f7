// sites: lists the named places of the model.
// SPDX-License-Identifier: Apache-2.0
#include "core/sites.h"

#include <nlohmann/json.hpp>

#include "repro/json.h"
#include "repro/session.h"
#include "repro/words/words.h"

namespace rmap {

Action add_sites(Arguments& args, const Io& io) {
  auto json = std::make_shared<bool>(false);
  args.flag("--json", *json, "one JSON object per site");
  return [json, &io] {
    for (std::string_view site : kSites) {
      if (site.empty()) continue;
      if (*json) {
        print_json(io, "sites/1", {{"function", site.substr(0, site.find('/'))}, {"site", site}});
      } else {
        io.out << site << "\n";
      }
    }
    return kClean;
  };
}

}  // namespace rmap
