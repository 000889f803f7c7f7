// kernels: lists the kernels as a chain of commits, or explains a kernel expression.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/kernel.h"
#include "repro/session.h"
#include "repro/words/words.h"

namespace rmap {
namespace {

std::string change_words(const Change& c) {
  return fmt::format("{}: {} -> {}", c.rule, c.before, c.after);
}

// One commit or half of one, with its sentence where it has one.
void print_change(const Io& io, const Change& c) {
  const std::string name = fmt::format("{}{}{}", c.commit, c.half.empty() ? "" : ".", c.half);
  if (!c.sentence.empty()) io.out << fmt::format("  {:<22} {}\n", name, c.sentence);
  io.out << fmt::format("  {:<22} [{}]\n", "", change_words(c));
}

void print_change_json(const Io& io, const Change& c) {
  print_json(io, {{"after", c.after},
                  {"before", c.before},
                  {"commit", c.commit},
                  {"half", c.half},
                  {"release", c.release},
                  {"rule", c.rule},
                  {"sentence", c.sentence}});
}

int list_kernels(const Io& io, bool json) {
  if (json) {
    for (std::string_view release : releases()) {
      print_json(io, {{"kernel", release}, {"rules", describe(kernel_named(release).kernel)}});
    }
    for (const Change& c : changes()) print_change_json(io, c);
    return kClean;
  }
  for (std::string_view release : releases()) {
    io.out << release << (release == kNewest ? "  (newest)" : "") << "\n";
    for (const Change& c : changes()) {
      if (c.release == release) print_change(io, c);
    }
  }
  io.out << "never landed\n";
  for (const Change& c : changes()) {
    if (c.release.empty()) print_change(io, c);
  }
  io.out << "\nA kernel is a release plus or minus commits, and rules: v3.0+486cf46f3f9b, "
            "v3.3-948f017b093a.rollback,\n"
            "v3.0{move_locks=always}. `rmapfuzz kernels EXPRESSION` says what it stands for.\n";
  return kClean;
}

// "-": the same as that release; else the rules that differ.
std::vector<std::string> differences(const Kernel& k, std::string_view release) {
  const std::vector<std::string> mine = describe(k);
  const std::vector<std::string> theirs = describe(kernel_named(release).kernel);
  std::vector<std::string> different;
  for (std::size_t i = 0; i < mine.size(); i++) {
    if (mine[i] == theirs[i]) continue;
    different.push_back(
        fmt::format("{} (there: {})", mine[i], theirs[i].substr(theirs[i].find('=') + 1)));
  }
  return different;
}

int explain_kernel(const Io& io, const std::string& expression, bool json) {
  const std::optional<NamedKernel> k = find_kernel(expression, io);
  if (!k) return kBadInput;
  if (json) {
    nlohmann::json j = {{"kernel", k->name}, {"rules", describe(k->kernel)}};
    for (std::string_view release : releases())
      j["differs_from"][std::string(release)] = differences(k->kernel, release);
    print_json(io, j);
    return kClean;
  }
  io.out << fmt::format("kernel {}\n", k->name);
  for (const std::string& rule : describe(k->kernel)) io.out << fmt::format("  {}\n", rule);
  for (std::string_view release : releases()) {
    const std::vector<std::string> different = differences(k->kernel, release);
    io.out << (different.empty()
                   ? fmt::format("is {}\n", release)
                   : fmt::format("differs from {}: {}\n", release, fmt::join(different, ", ")));
  }
  return kClean;
}

}  // namespace

Action add_kernels(CLI::App& app, const Io& io) {
  struct Arguments {
    std::string expression;
    bool json = false;
  };
  auto args = std::make_shared<Arguments>();
  app.add_option("expression", args->expression,
                 "explain this kernel, for example v3.0+486cf46f3f9b");
  app.add_flag("--json", args->json, "one JSON object per kernel and change");
  return [args, &io] {
    return args->expression.empty() ? list_kernels(io, args->json)
                                    : explain_kernel(io, args->expression, args->json);
  };
}

}  // namespace rmap
