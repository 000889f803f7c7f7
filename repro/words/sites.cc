// sites: lists the named places of the model.
// SPDX-License-Identifier: Apache-2.0
#include "core/model/sites.h"

#include <nlohmann/json.hpp>

#include "repro/cli/pattern.h"
#include "repro/print/json.h"
#include "repro/run/session.h"
#include "repro/words/words.h"

namespace rmap {

Action add_sites(Arguments& args, const Io& io) {
  struct Given {
    std::string pattern;
    bool json = false;
  };
  auto given = std::make_shared<Given>();
  const auto sites = std::span(kSites).subspan(1);  // The first one has no name.
  pattern_argument(args, given->pattern, "site", sites);
  args.flag("--json", given->json, "one JSON object per site");
  return [given, sites, &io]() -> int {
    if (!any_matches(given->pattern, "site", sites, io)) return kBadInput;
    for (std::string_view site : sites) {
      if (!matches(given->pattern, site)) continue;
      if (given->json) {
        print_json(io, "sites/1", {{"function", site.substr(0, site.find('/'))}, {"site", site}});
      } else {
        io.out << site << "\n";
      }
    }
    return kClean;
  };
}

}  // namespace rmap
