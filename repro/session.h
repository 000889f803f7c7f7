// What the words share: loading files, choosing kernels, and runs with a trace.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/finding.h"
#include "core/kernel.h"
#include "repro/command.h"
#include "repro/input.h"

namespace rmap {

// One Executor per kernel, made when it is first asked for, because learning a kernel takes a
// moment.
class Executors {
 public:
  Executor& of(const Kernel& kernel);

 private:
  std::vector<std::unique_ptr<Executor>> executors_;
};

// The file, or nothing and a line on io.err. Its witnesses fit into a program.
std::optional<Input> load(const std::string& path, const Io& io);
// The kernel of that name, or nothing and a line on io.err.
std::optional<NamedKernel> find_kernel(const std::string& expression, const Io& io);
// `option` if it is given, else that of the file's first witness, else the newest.
std::optional<NamedKernel> kernel_for(const Input& input, const std::string& option, const Io& io);

// The file's program; a witness for the kernel takes the place of its decisions.
Program program_for(const Input& input, const Kernel& kernel);
// What is left of decisions that are followed by nothing, which reads as zeros.
std::span<const uint8_t> without_trailing_zeros(std::span<const uint8_t> decisions);
// False, and the program is left as it is, when that is more than a program holds.
[[nodiscard]] bool use_decisions(Program& p, std::span<const uint8_t> decisions);

// One execution with everything that is known about it. Printers are pure functions of this.
struct Recording {
  Program program;
  std::string kernel;
  Result result;
  std::optional<Finding> finding;
  sched::Trace trace;
  std::unique_ptr<World> start;  // After the set-up.
  std::unique_ptr<World> end;    // When it ended.
  std::string name;              // Of the litmus, where it came from a file.
  std::string replay;            // The command that runs it again, where it came from a file.
};
// Runs without a trace, then with one, and CHECKs that both ended the same way.
Recording record(Executor& executor, const NamedKernel& kernel, const Program& p, RuleSet rules);

int exit_code(const Result& result);
std::string hex16(uint64_t hash);

// Calls `each(path)` for every file; the worst exit code counts.
int for_each_file(const std::vector<std::string>& paths,
                  const std::function<int(const std::string&)>& each);

// One JSON object on a line; keys come out sorted.
void print_json(const Io& io, const nlohmann::json& object);

}  // namespace rmap
