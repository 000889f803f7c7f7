// SPDX-License-Identifier: Apache-2.0
#include "repro/cli/called.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "core/text/hint.h"
#include "core/text/quote.h"

namespace rmap {

void hint_as_called(std::string program, Readers readers) {
  const char* set = std::getenv("RMAPFUZZ_RUN");
  const std::string run = set == nullptr ? "" : set;
  if (!run.empty()) program = run;
  char here[PATH_MAX];
  const std::string folder =
      ::getcwd(here, sizeof here) != nullptr ? std::string(here) + "/" : std::string();
  const bool is_path = program.find('/') != std::string::npos;  // Else found in PATH.
  if (is_path && !program.starts_with('/') && readers == Readers::anybody)
    program = folder + program.substr(program.starts_with("./") ? 2 : 0);
  const bool from_anywhere = program.starts_with('/') || readers == Readers::anybody;
  set_hint_style(
      {shell_quoted(program) + (run.empty() ? "" : " rmapfuzz"), from_anywhere ? folder : ""});
}

}  // namespace rmap
