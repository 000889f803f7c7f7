// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/kernel/expression.h"
#include "core/text/hint.h"
#include "core/text/quote.h"
#include "repro/files/file.h"
#include "repro/formats/format.h"
#include "repro/keep/keep.h"
#include "repro/print/json.h"

namespace rmap {
namespace {

constexpr std::size_t kDescriptionBytesMax = 1u << 20;

std::string finding_file(const Folder& folder, const std::string& name, std::string_view ending) {
  return fmt::format("{}/{}{}", folder.file("findings"), name, ending);
}

std::optional<SoakFinding> read_finding(const Folder& folder, const std::string& name) {
  std::string text;
  if (!read_file(finding_file(folder, name, ".json"), kDescriptionBytesMax, text).empty())
    return std::nullopt;
  return parse_finding(text, name);
}

// The execution as litmus text where it fits one, else as bytes; and its story.
std::string write_execution(const Folder& folder, Executor& executor, const NamedKernel& kernel,
                            const Program& p, const SoakFinding& f) {
  const auto text = kept_text(executor, kernel.name, p, f.name, {});
  const std::string path = finding_file(folder, f.name, text ? ".litmus" : ".bytes");
  const std::vector<uint8_t> bytes = encode(p);
  std::string wrong =
      replace_file(path, text ? text->text : std::string(bytes.begin(), bytes.end()));
  if (!wrong.empty()) return wrong;
  Recording r = record(executor, kernel, p, RuleSet::proof());
  r.name = f.name;
  r.replay = replay_command(path, kernel.name);
  return replace_file(finding_file(folder, f.name, ".txt"), print_explanation(r, {}));
}

}  // namespace

std::string print_finding(const SoakFinding& f) {
  const nlohmann::json j = {{"inputs", f.inputs},           {"minimal", f.minimal},
                            {"minimized", f.minimized},     {"operations", f.operations},
                            {"preemptions", f.preemptions}, {"rule", f.rule},
                            {"sentence", f.sentence},       {"signature", f.signature}};
  return json_text("soak-finding/1", j) + "\n";
}

std::optional<SoakFinding> parse_finding(std::string_view text, const std::string& name) {
  const nlohmann::json j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object()) return std::nullopt;
  SoakFinding f;
  f.name = name;
  try {
    j.at("inputs").get_to(f.inputs);
    j.at("minimal").get_to(f.minimal);
    j.at("minimized").get_to(f.minimized);
    j.at("operations").get_to(f.operations);
    j.at("preemptions").get_to(f.preemptions);
    j.at("rule").get_to(f.rule);
    j.at("sentence").get_to(f.sentence);
    j.at("signature").get_to(f.signature);
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
  return f;
}

std::vector<SoakFinding> kept_findings(const Folder& folder) {
  std::vector<SoakFinding> kept;
  for (const std::string& file : files_in(folder.file("findings"))) {
    if (!file.ends_with(".json")) continue;
    if (auto f = read_finding(folder, file.substr(0, file.size() - 5)))
      kept.push_back(*std::move(f));
  }
  return kept;
}

std::string execution_file(const Folder& folder, const std::string& name) {
  std::error_code code;
  const std::string text = finding_file(folder, name, ".litmus");
  return std::filesystem::exists(text, code) ? text : finding_file(folder, name, ".bytes");
}

std::string replay_command(const std::string& path, const std::string& kernel) {
  return fmt::format("{} replay {} --kernel {}", tool(), hinted(path), shell_quoted(kernel));
}

std::vector<std::string> stored_inputs(const Folder& folder) {
  std::vector<std::string> inputs = files_in(folder.file("inputs"));
  std::erase_if(inputs, [](const std::string& name) {
    return !std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
  });
  return inputs;
}

std::vector<std::string> inputs_to_do(const Folder& folder, const std::vector<SoakFinding>& kept) {
  std::vector<std::string> inputs = stored_inputs(folder);
  std::erase_if(inputs, [&](const std::string& input) {
    return std::any_of(kept.begin(), kept.end(), [&](const SoakFinding& f) {
      return std::find(f.inputs.begin(), f.inputs.end(), input) != f.inputs.end();
    });
  });
  return inputs;
}

std::string keep_input(const Folder& folder, const NamedKernel& kernel, const std::string& input,
                       uint64_t schedules_max) {
  const InputResult loaded = load_input(folder.file("inputs/") + input);
  if (!loaded.input) return loaded.error;
  Executor executor(kernel.kernel);
  Program p = program_for(*loaded.input, kernel.kernel);
  if (!executor.run(p).finding())
    return fmt::format("{}: shows no finding under {}; look at it, and remove it",
                       loaded.input->path, kernel.name);
  const Goal goal(executor, describe_finding(executor, p).signature);
  const auto small =
      minimize(goal, p, {.schedules_max = schedules_max, .executions_max = 100 * schedules_max});
  if (small) p = small->program;
  const uint32_t preemptions = executor.run(p).outcome.preemptions;
  const Finding finding = describe_finding(executor, p);
  const std::string name = fmt::format("{}-{}", finding.rule, finding.hash8);
  std::optional<SoakFinding> f = read_finding(folder, name);
  if (!f) {
    f = {.name = name,
         .rule = finding.rule,
         .signature = finding.signature,
         .sentence = finding.sentence,
         .inputs = {},
         .operations = p.ops.size(),
         .preemptions = preemptions,
         .minimized = small.has_value(),
         .minimal = small && small->one_minimal && small->fewest_preemptions};
    std::string wrong = write_execution(folder, executor, kernel, p, *f);
    if (!wrong.empty()) return wrong;
  }
  f->inputs.push_back(input);
  return replace_file(finding_file(folder, name, ".json"), print_finding(*f));
}

}  // namespace rmap
