// JSON: every object that a word prints, or a campaign keeps, has the keys of repro/json.md, and
// every key there is printed.
// SPDX-License-Identifier: Apache-2.0
#include "repro/print/json.h"

#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "repro/compare/bisect_words.h"
#include "repro/compare/matrix_table.h"
#include "repro/formats/format.h"
#include "repro/soak/findings.h"
#include "repro/soak/folder.h"
#include "repro/soak/journal.h"
#include "repro/soak/report.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

using nlohmann::json;

// A documented path and its types; the parts of "a[].b?" are a, [] and b?.
struct SchemaRow {
  std::vector<std::string> parts;
  std::string types;
  mutable bool was_printed = false;
};

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  std::istringstream words(replaced(path, "[]", ".[]"));
  for (std::string part; std::getline(words, part, '.');) parts.push_back(part);
  return parts;
}

bool is_any_key(const std::string& part) {
  return !part.empty() &&
         std::all_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string without_mark(const std::string& part) { return replaced(part, "?", ""); }

bool names(const std::string& documented, const std::string& printed) {
  return is_any_key(documented) || without_mark(documented) == printed;
}

std::string type_of(const json& value) { return value.is_number() ? "number" : value.type_name(); }

// The tables of json.md, by schema.
std::map<std::string, std::vector<SchemaRow>> documented() {
  std::map<std::string, std::vector<SchemaRow>> tables;
  std::istringstream text(slurp(RMAPFUZZ_SOURCE_DIR "/repro/json.md"));
  std::string schema;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("## ")) schema = line.substr(3);
    if (!line.starts_with("| ") || line.starts_with("| key |")) continue;
    std::istringstream cells(replaced(line, " | ", "\x1f"));
    std::string key, types;
    std::getline(cells, key, '\x1f');
    std::getline(cells, types, '\x1f');
    tables[schema].push_back({parts_of(key.substr(2)), types});
  }
  return tables;
}

class JsonTest : public CommandTest {
 protected:
  // The rows below a place.
  using Rows = std::vector<const SchemaRow*>;

  void hold(const std::string& text) {
    const json object = json::parse(text);
    const std::string schema = object.value("schema", "");
    ASSERT_TRUE(schema.starts_with("rmapfuzz/")) << text;
    const auto table = tables_.find(schema.substr(9));
    ASSERT_NE(table, tables_.end()) << schema << " is not documented";
    Rows rows;
    for (const SchemaRow& row : table->second) rows.push_back(&row);
    json rest = object;
    rest.erase("schema");
    walk(rest, rows, 0, table->first);
  }

  void hold_lines(const std::string& text) {
    ASSERT_FALSE(text.empty());
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) hold(line);
  }

  void hold_word(const std::vector<std::string>& args, int code = kClean) {
    SCOPED_TRACE(args[0]);
    const Ran r = run(args);
    EXPECT_EQ(r.code, code) << r.err;
    hold_lines(r.out);
  }

  void expect_all_printed() const {
    for (const auto& [schema, rows] : tables_) {
      for (const SchemaRow& row : rows) {
        std::string path;
        for (const std::string& part : row.parts) path += "." + part;
        EXPECT_TRUE(row.was_printed) << schema << " " << path << " is documented, but not printed";
      }
    }
  }

  // No litmus file has one.
  Recording a_deadlock() const {
    const NamedKernel kernel = kernel_named("v3.0");
    Executor executor(kernel.kernel);
    const Input input = *load(merge(), {std::cout, std::cerr});
    Recording r = record(executor, kernel, program_for(input, kernel.kernel), RuleSet::proof());
    r.result.outcome.waits = {};
    r.result.outcome.waits.push_back({1, 2, {}, sched::make_object(kAnonVmaLock, 0)});
    r.finding->since = Moment{.step = 63, .task = 1, .site = {}};
    return r;
  }

  // What a short run of `matrix` does not show: a kernel that is refused, and a fix that needs
  // others.
  static json with_rare_parts(json matrix) {
    const Answer refused{Has::refused, "refused", 0, 0, 0, "why"};
    matrix["rows"].push_back(row_as_json({"v3.0-x", "", "", refused, nullptr}));
    Border border{};
    border.sufficient = Sufficiency{{"v3.0+x", {}}, {0, 1}, {{"v3.0-x", refused}}};
    border.without = border.before = {"v3.0", {}};
    border.backport = border.sufficient;
    matrix["borders"].push_back(border_as_json(kernel_chain(), border));
    return matrix;
  }

  std::string clean() const {
    return write("clean.litmus", "litmus clean\nsetup mmap @0 +1\ncpu1 read @0 +1\n");
  }

 private:
  void walk(const json& value, const Rows& rows, std::size_t depth, const std::string& place) {
    if (value.is_array()) {
      for (const json& element : value) step("[]", element, rows, depth, place);
      return;
    }
    if (value.is_object()) {
      for (const auto& [key, element] : value.items()) step(key, element, rows, depth, place);
      for (const SchemaRow* row : rows) {
        if (row->parts.size() == depth) continue;  // The row of what else may stand here.
        const std::string& part = row->parts[depth];
        if (is_any_key(part) || part.ends_with('?')) continue;
        EXPECT_TRUE(value.contains(part)) << place << "." << part << " is missing";
      }
      return;
    }
    const auto is_here = [&](const SchemaRow* row) {
      const bool fits = row->parts.size() == depth && contains(row->types, type_of(value));
      row->was_printed |= fits;
      return fits;
    };
    EXPECT_NE(std::count_if(rows.begin(), rows.end(), is_here), 0)
        << place << " is not documented as " << type_of(value);
  }

  void step(const std::string& key, const json& element, const Rows& rows, std::size_t depth,
            const std::string& place) {
    Rows below;
    for (const SchemaRow* row : rows) {
      if (row->parts.size() > depth && names(row->parts[depth], key)) below.push_back(row);
    }
    EXPECT_FALSE(below.empty()) << place << "." << key << " is not documented";
    if (!below.empty()) walk(element, below, depth + 1, place + "." + key);
  }

  const std::map<std::string, std::vector<SchemaRow>> tables_ = documented();
};

// All in one test: what is documented must have been printed by some of it.
TEST_F(JsonTest, what_is_printed_is_what_is_documented) {
  const std::string file = merge();
  const std::string missing = path("missing");
  const std::string litmus = RMAPFUZZ_SOURCE_DIR "/tests/litmus/";
  hold_word({"replay", "--json", "--trace", file, missing}, kBadInput);
  const std::string changed =
      write("changed.litmus", std::string(kMergeProgram) + "witness v3.0 00\n");
  hold_word({"replay", "--json", changed}, kInconclusive);
  hold_word({"explain", "--format", "json", changed}, kInconclusive);
  hold_word({"explain", "--format", "json", clean()});
  hold_word({"explain", "--format", "json", litmus + "mremap-merge+migrate.litmus"}, kFinding);
  hold(print_json_trace(a_deadlock(), {}));
  hold_word({"show", "--json", file});
  hold_word({"assemble", "--json", file, "-o", path("bytes")});
  const std::string checked = write("e.litmus", std::string(kMergeProgram) + "expect v3.0 never\n");
  hold_word({"litmus", "--json", "--preemptions", "1", checked, missing}, kBadInput);
  hold_word({"matrix", "--json", "--preemptions", "1", file, missing}, kBadInput);
  const Ran bisected = run({"matrix", "--json", "--bisect", "--preemptions", "1", file});
  hold(with_rare_parts(json::parse(bisected.out)).dump());
  hold_word({"minimize", "--json", file, "-o", path("small")}, kFinding);
  hold_word({"keep", "--json", file, "--name", "x", "-o", path("kept")});
  const std::string kept = kept_merge("regressions");
  write("regressions/other.litmus",
        std::string(kMergeProgram) + "expect v3.3 missed_pte sometimes\n");
  hold_word({"regress", "--json", path("regressions"), file, clean(),
             (std::filesystem::create_directory(path("empty")), path("empty"))},
            kBadInput);
  hold_word({"rebase", "--json", "--check", kept, missing}, kBadInput);
  hold_lines(run({"rebase", "--json", "--check",
                  write("old.litmus", replaced(slurp(kept), kModelWords, "model 1"))})
                 .out);
  hold_word({"coverage", "--format", "json", "--kernel", "v3.0", file, missing}, kBadInput);
  hold_word({"kernels", "--json"});
  hold_word({"kernels", "--json", "v3.0+486cf46f3f9b"});
  for (const char* word : {"rules", "ops", "sites", "points"}) hold_word({word, "--json"});

  SoakReport report;
  report.findings.resize(2);
  report.findings[0].first = SeenAt{};
  report.growth.resize(1);
  report.troubles = report.sites_reached = report.sites_missed = {"x"};
  hold(print_soak_json(report));
  hold(print_finding({.inputs = {"x"}}));
  for (const char* what : {"", "x"}) {
    JournalLine line;
    line.what = what;
    hold(print_journal_line(line));
  }
  Campaign campaign{"v3.0", kModelVersion, 7};
  Folder folder(path("campaign"));
  ASSERT_EQ(folder.open(campaign), "");
  hold(slurp(folder.file("campaign.json")));
  expect_all_printed();
}

TEST_F(JsonTest, a_name_in_other_bytes_is_replaced) {
  EXPECT_EQ(json_text("x/1", {{"file", "a\xff"}}),
            "{\"file\":\"a\xef\xbf\xbd\",\"schema\":\"rmapfuzz/x/1\"}");
}

}  // namespace
}  // namespace rmap
