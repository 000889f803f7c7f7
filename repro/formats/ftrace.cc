// An execution as the kernel's tracer prints it.
//
// "   mremap-1     [001] ...2     0.000108: pte_clear: @8: mig p1 -> none <-move_ptes": a cpu of
// the program is a task (its pid) and a cpu; its comm is the operation that it is in. The timestamp
// is the step, in microseconds. Of the flags only the depth of preempt_disable() is known: the spin
// locks that the task holds. The header's first line is what readers of the format look for.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "repro/formats/format.h"
#include "repro/story/story.h"
#include "repro/trace/rows.h"
#include "repro/trace/shadow.h"

namespace rmap {
namespace {

using sched::Event;
using sched::EventKind;

constexpr std::string_view kHeader =
    "#                                _-----=> irqs-off\n"
    "#                               / _----=> need-resched\n"
    "#                              | / _---=> hardirq/softirq\n"
    "#                              || / _--=> preempt-depth\n"
    "#                              ||| /\n"
    "#           TASK-PID     CPU#  ||||   TIMESTAMP  FUNCTION\n"
    "#              | |         |   ||||      |         |\n";

// The name of an event, as tracepoints are named.
std::string event_name(const Event& e, const Row& row) {
  switch (e.kind) {
    case EventKind::start: return "task_start";
    case EventKind::finish: return "task_finish";
    case EventKind::lock:
    case EventKind::lock_shared: return "lock_acquire";
    case EventKind::unlock: return "lock_release";
    case EventKind::wait: return "lock_contended";
    case EventKind::trylock: return e.a != 0 ? "lock_acquire" : "lock_trylock_failed";
    case EventKind::is_locked: return "lock_is_locked";
    case EventKind::rcu_lock: return "rcu_read_lock";
    case EventKind::rcu_unlock: return "rcu_read_unlock";
    case EventKind::rcu_wait: return "synchronize_rcu";
    case EventKind::notify: return "wake_up";
    case EventKind::relax: return "cpu_relax";
    case EventKind::choice: return "alloc";
    case EventKind::stop: return "rmapfuzz_stop";
    default: break;
  }
  if (is_note(e, Note::op_begin)) return "sys_enter";
  if (is_note(e, Note::op_end)) return "sys_exit";
  if (is_mm_note(e)) return "vma_" + row.verb;
  if (e.kind >= EventKind::note)
    return row.verb == "walk-end" ? "rmap_walk_end" : "rmap_" + row.verb;
  const std::string object(kObjectClasses[e.object.cls].name);
  const std::string what = e.object.cls == kPteObject && e.b == kFieldContents ? "user" : object;
  return fmt::format("{}_{}", what, row.verb);
}

// Spin locks held: what preempt_count() would say.
std::size_t preempt_depth(const Shadow& shadow, sched::TaskId task) {
  if (task > kCpusMax) return 0;
  const auto& held = shadow.held(task);
  return static_cast<std::size_t>(std::count_if(held.begin(), held.end(), [](const LockHeld& l) {
    return !kObjectClasses[l.object.cls].sleeps;
  }));
}

std::string comment(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += end == at ? "#\n" : "# " + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return out;
}

}  // namespace

std::string print_ftrace(const Recording& r, const FormatOptions&) {
  const auto events = r.trace.events();
  std::string text = fmt::format(
      "# tracer: rmapfuzz\n#\n# kernel: {}\n# entries-in-buffer/entries-written: {}/{}   "
      "#P:{}\n#\n",
      r.kernel, events.size(), r.trace.recorded(), kCpusMax + 1);
  text += kHeader;
  Shadow shadow(r);
  std::string comm[kCpusMax + 1];
  std::fill(std::begin(comm), std::end(comm), "idle");
  for (const Row& row : all_rows(r)) {
    const Event& e = events[row.event];
    if (is_note(e, Note::op_begin))
      comm[row.cpu] = op_info(r.program.ops[static_cast<uint32_t>(e.a)].kind).name;
    shadow.apply(e);
    const std::size_t depth = preempt_depth(shadow, e.task);
    const std::string flags =
        depth == 0 ? "...." : fmt::format("...{}", std::min<std::size_t>(depth, 9));
    const std::string what = row.what.empty() ? "" : " " + row.what;
    const std::string from = row.where.empty() ? "" : " <-" + function_of(e);
    // The set-up is pid 99: 0 is the idle task's.
    text += fmt::format("{:>16}-{:<7} [{:03}] {} {:5}.{:06}: {}:{}{}\n", comm[row.cpu],
                        row.cpu == 0 ? 99 : row.cpu, row.cpu, flags, row.step / 1000000,
                        row.step % 1000000, event_name(e, row), what, from);
  }
  text += "#\n" + comment(print_story(r)) + comment("\nSUMMARY: " + summary_of(r));
  return r.replay.empty() ? text : text + "# replay: " + r.replay + "\n";
}

}  // namespace rmap
