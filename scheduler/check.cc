// SPDX-License-Identifier: Apache-2.0
#include "scheduler/check.h"

#include <cstdio>
#include <cstdlib>

#include "scheduler/failure.h"
#include "scheduler/scheduler.h"

namespace sched {

void check_failed(const char* file, int line, const char* expression, unsigned long long a,
                  unsigned long long b) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s:%d: CHECK failed: %s (%llu, %llu)\n", file, line, expression, a, b);
  const std::string_view path = file;
  const std::string name(
      path.substr(path.rfind('/') + 1));  // No line and no values in these lines.
  const std::string lines =
      failure_lines("CHECK in " + name + ": " + expression, "check--" + name + "--" + expression);
  std::fputs(lines.c_str(), stderr);
  if (Scheduler::current_or_null() != nullptr) {
    const Scheduler& s = *Scheduler::current_or_null();
    const std::string_view site = s.vocabulary().sites[s.site().index];
    std::fprintf(stderr, "  at step %u, task %u, after %.*s\n", s.step(), s.current(),
                 static_cast<int>(site.size()), site.data());
  }
  std::abort();
}

}  // namespace sched
