// What the words share: loading files, choosing kernels, and runs with a trace.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/kernel/expression.h"
#include "core/run/finding.h"
#include "repro/files/input.h"
#include "repro/io.h"

namespace rmap {

// One Executor per kernel, made when it is first asked for, because learning a kernel takes a
// moment.
class Executors {
 public:
  Executor& of(const Kernel& kernel);
  // The same by an expression that is known to be right, which is parsed once.
  Executor& of(std::string_view expression);

 private:
  std::vector<std::unique_ptr<Executor>> executors_;
  std::vector<std::pair<std::string, Executor*>> by_expression_;
};

// The file, or nothing and a line on io.err. Its witnesses fit into a program; a schedule without a
// witness for its kernel has got one, on line 0.
std::optional<Input> load(const std::string& path, const Io& io, bool json = false);
// Says on io.err what is wrong with a file. With `json` also as an object, {"error": "...", "file":
// "..."}, because who reads those must miss no file. Returns kBadInput.
int refuse(const std::string& path, const std::string& wrong, const Io& io, bool json);
// The kernel of that name, or nothing and a line on io.err.
std::optional<NamedKernel> find_kernel(const std::string& expression, const Io& io);
// `option` if it is given, else that of the file's first witness, else the newest.
std::optional<NamedKernel> kernel_for(const Input& input, const std::string& option, const Io& io);

// The file's program; a witness for the kernel takes the place of its decisions.
Program program_for(const Input& input, const Kernel& kernel);
// The decisions of the execution that a plan gives, up to the last that is not 0; nothing when they
// are more than a program holds.
std::optional<std::vector<uint8_t>> decisions_of(Executor& executor, const Program& p,
                                                 const sched::Plan& plan);

// One execution with everything that is known about it. Printers are pure functions of this.
struct Recording {
  Program program;
  std::string kernel;
  Result result;
  std::optional<Finding> finding;
  sched::Trace trace{0};
  std::unique_ptr<World> start;  // After the set-up.
  std::unique_ptr<World> end;    // When it ended.
  std::string name;              // Of the litmus, where it came from a file.
  std::string replay;            // The command that runs it again, where it came from a file.
  std::string not_shown;         // How that file no longer shows what it was kept for.
};
// Runs without a trace, then with one, and CHECKs that both ended the same way. Keeps `events_max`.
Recording record(Executor& executor, const NamedKernel& kernel, const Program& p, RuleSet rules,
                 uint32_t events_max = sched::Trace::kEventsMax);

int exit_code(const Result& result);
std::string hex16(uint64_t hash);

// Calls `each(path)` for every file; the worst exit code counts.
int for_each_file(const std::vector<std::string>& paths,
                  const std::function<int(const std::string&)>& each);

// A file, or a folder, and why it cannot be used.
struct Unusable {
  std::string file;
  std::string error;  // A whole line.
};

}  // namespace rmap
