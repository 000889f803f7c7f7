// The structure of what the printers print, which the readers of the formats rely on.
// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "core/program/generate.h"
#include "repro/formats/format.h"
#include "tests/repro/golden.h"

namespace rmap {
namespace {

using nlohmann::json;

class Printers : public CommandTest {
 protected:
  // One executor for all inputs: learning a kernel takes a moment.
  std::string print(const std::string& file, const char* format) {
    const std::optional<Input> input = load_input(file).input;
    const NamedKernel kernel = *parse_kernel("v3.0").kernel;
    const RuleSet rules = RuleSet::proof().with(Rule::early_order).with(Rule::early_unreachable);
    const Recording r =
        record(executors_.of(kernel.kernel), kernel, program_for(*input, kernel.kernel), rules);
    return format_named(format)->print(r, {});
  }
  // The merge race for 0, else a generated input.
  std::string input(uint64_t seed) const {
    if (seed == 0) return merge();
    sched::SplitMix random(seed);
    const std::vector<uint8_t> bytes = encode(generate_program(random));
    return write(std::to_string(seed), {bytes.begin(), bytes.end()});
  }

 private:
  Executors executors_;
};
constexpr uint64_t kInputs = 300;

// Required keys, times that never go back, slices that nest, asynchronous slices that are closed,
// arrows with two ends.
void expect_valid_trace_events(const std::string& text) {
  const json trace = json::parse(text, nullptr, false);
  ASSERT_FALSE(trace.is_discarded());
  std::map<int, std::vector<std::string>> open;
  std::set<int> async;
  int arrows = 0;
  int64_t last = 0;
  for (const json& e : trace["traceEvents"]) {
    for (const char* key : {"name", "ph", "pid", "tid", "ts"}) ASSERT_TRUE(e.contains(key)) << e;
    const std::string ph = e["ph"];
    const int tid = e["tid"];
    EXPECT_GE(e["ts"].get<int64_t>(), last) << e;
    last = e["ts"];
    if (ph == "B") open[tid].push_back(e["name"]);
    if (ph == "E") {
      ASSERT_FALSE(open[tid].empty()) << e;
      EXPECT_EQ(open[tid].back(), e["name"].get<std::string>());
      open[tid].pop_back();
    }
    if (ph == "b") EXPECT_TRUE(async.insert(e["id"].get<int>()).second) << e;
    if (ph == "e") EXPECT_EQ(async.erase(e["id"].get<int>()), 1u) << e;
    if (ph == "s") arrows++;
    if (ph == "f") arrows--;
  }
  for (const auto& [tid, names] : open) EXPECT_TRUE(names.empty()) << names.back();
  EXPECT_TRUE(async.empty());
  EXPECT_EQ(arrows, 0);
}

TEST_F(Printers, perfetto_traces_are_well_formed) {
  for (uint64_t seed = 0; seed < kInputs; seed++)
    expect_valid_trace_events(print(input(seed), "perfetto"));
}

TEST_F(Printers, perfetto_has_an_arrow_from_the_mover_to_the_walk) {
  const Ran r = run({"explain", merge(), "--format", "perfetto"});
  EXPECT_TRUE(contains(r.out, "\"ph\":\"s\"")) << r.out;
}

// What readers of ftrace's text expect of a line.
TEST_F(Printers, ftrace_lines_have_the_shape_of_the_kernels) {
  const std::regex line_shape(
      R"( *[a-z_]+-[0-9]+ +\[[0-9]{3}\] \.\.\.[.0-9] +[0-9]+\.[0-9]{6}: [a-z_-]+:( .*\S)?)");
  for (uint64_t seed = 0; seed < kInputs; seed++) {
    std::istringstream lines(print(input(seed), "ftrace"));
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "# tracer: rmapfuzz");
    while (std::getline(lines, line)) {
      if (line.starts_with('#')) continue;
      EXPECT_TRUE(std::regex_match(line, line_shape)) << line;
    }
  }
}

// Every line is one that a sequence diagram knows, and nothing ends a statement early.
TEST_F(Printers, mermaid_diagrams_are_well_formed) {
  const std::regex statement(
      R"( +(Note over (cpu[1-4]|setup)|(cpu[1-4]|setup)-->>(cpu[1-4]|setup)): .+)");
  const std::regex participant(R"( +participant (cpu[1-4]|setup) as .+)");
  const std::regex entity(R"(#(35|59|quot|lt|gt);)");
  for (uint64_t seed = 0; seed < kInputs; seed++) {
    std::istringstream lines(print(input(seed), "mermaid"));
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "sequenceDiagram");
    int rects = 0;
    while (std::getline(lines, line)) {
      if (line.find_first_not_of(' ') == line.find("%%")) continue;
      if (line == "    rect rgb(255, 205, 205)" || line == "    end") {
        rects += line == "    end" ? -1 : 1;
        continue;
      }
      EXPECT_TRUE(std::regex_match(line, statement) || std::regex_match(line, participant)) << line;
      const std::string plain = std::regex_replace(line, entity, "");
      EXPECT_EQ(plain.find_first_of(";#\""), std::string::npos) << line;
    }
    EXPECT_EQ(rects, 0);
  }
}

TEST_F(Printers, json_has_the_schema_that_it_documents) {
  const json j = json::parse(print(merge(), "json"));
  EXPECT_EQ(j["schema"], "rmapfuzz/explain/1");
  for (const char* key : {"events", "finding", "kernel", "model", "outcome", "program", "replay",
                          "story", "summary", "symptom", "trace_hash", "truncated"})
    EXPECT_TRUE(j.contains(key)) << key;
  EXPECT_EQ(j["finding"]["rule"], "early_order");
  EXPECT_EQ(j["program"]["operations"].size(), 5u);
  for (const json& e : j["events"]) {
    for (const char* key :
         {"a", "b", "cpu", "is_step", "kind", "object", "site", "step", "verb", "what"})
      EXPECT_TRUE(e.contains(key)) << key;
  }
  // The litmus text in it is an input again.
  const Ran again = run({"show", write("again.litmus", j["program"]["litmus"])});
  EXPECT_EQ(again.code, 0) << again.err;
}

}  // namespace
}  // namespace rmap
