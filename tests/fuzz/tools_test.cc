// The targets that fuzz the tools: what they claim holds of the litmus files, and each claim
// notices a tool that breaks it.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "fuzz/tools/dictionary.h"
#include "fuzz/tools/explain_claims.h"
#include "fuzz/tools/litmus_claims.h"
#include "fuzz/tools/minimize_claims.h"

namespace rmap {
namespace {

std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The regression of the mail's race, and its program with the witness' decisions.
std::string kept_file() {
  return slurp(std::filesystem::path(RMAPFUZZ_SOURCE_DIR) /
               "repro/regressions/missed_pte-merge-order.litmus");
}
Program kept_program() {
  const Litmus l = *parse_litmus(kept_file()).litmus;
  Program p = l.program;
  EXPECT_TRUE(use_decisions(p, l.witnesses.at(0).decisions));
  return p;
}
const FuzzedKernel& kept_kernel() {
  const Litmus l = *parse_litmus(kept_file()).litmus;
  return kernel_chosen_by(byte_of_release(l.witnesses.at(0).kernel));
}

// What a check says: the token of the broken claim, or nothing.
std::string token(const Check& check) { return check ? std::string(check->token) : ""; }

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// --- Programs and text ---------------------------------------------------------------------------

TEST(Claims, hold_for_every_litmus_file_and_regression) {
  for (const char* folder : {"tests/litmus", "repro/regressions"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(RMAPFUZZ_SOURCE_DIR) / folder)) {
      const std::string text = slurp(entry.path());
      EXPECT_EQ(token(check_file(bytes_of(text))), "") << entry.path();
      EXPECT_EQ(token(check_litmus_text(text)), "") << entry.path();
    }
  }
  EXPECT_EQ(token(check_program_bytes(encode(kept_program()))), "");
}

TEST(Claims, notice_a_printer_that_forgets_a_line) {
  const TextForm form{.print = [](const Litmus& l) {
    std::string text = print_litmus(l);
    const std::size_t at = text.find("decisions");
    return at == std::string::npos ? text : text.erase(at, text.find('\n', at) + 1 - at);
  }};
  EXPECT_EQ(token(check_forms(kept_program(), form)), "text-other-program");
}

TEST(Claims, notice_a_printer_of_what_is_no_text) {
  const TextForm form{.print = [](const Litmus& l) { return print_litmus(l) + "nothing\n"; }};
  EXPECT_EQ(token(check_forms(kept_program(), form)), "text-refused");
  EXPECT_EQ(token(check_litmus_text(kept_file(), form)), "printed-refused");
}

TEST(Claims, notice_a_printer_that_changes_with_what_it_read) {
  const TextForm form{.print = [](const Litmus& l) {
    Litmus other = l;
    other.name += "x";
    return print_litmus(other);
  }};
  EXPECT_EQ(token(check_forms(kept_program(), form)), "text-other-text");
  EXPECT_EQ(token(check_litmus_text(kept_file(), form)), "printed-other");
}

TEST(Claims, notice_a_program_that_is_not_canonical) {
  Program p = kept_program();
  p.decisions.push_back(0);
  EXPECT_EQ(token(check_forms(p)), "not-canonical");
}

TEST(Claims, notice_errors_of_two_lines_or_nowhere) {
  const TextForm lines{.parse = [](std::string_view) {
    return LitmusResult{std::nullopt, {1, 1, "one\ntwo"}};
  }};
  EXPECT_EQ(token(check_litmus_text("x", lines)), "error-lines");
  const TextForm nowhere{.parse = [](std::string_view) {
    return LitmusResult{std::nullopt, {2, 1, "x"}};
  }};
  EXPECT_EQ(token(check_litmus_text("x", nowhere)), "error-place");
}

TEST(Claims, notice_updates_that_lose_something) {
  const TextUpdates forgets_expectations{
      .expectations = [](std::string_view text, const Litmus&) -> std::string {
        return std::string(text.substr(0, text.find("expect")));
      }};
  EXPECT_EQ(token(check_litmus_text(kept_file(), {}, forgets_expectations)), "update-expectations");
  const TextUpdates forgets_kept{
      .kept = [](std::string_view text, const Litmus&, std::string_view) -> std::string {
        return std::string(text.substr(0, text.find("finding")));
      }};
  EXPECT_EQ(token(check_litmus_text(kept_file(), {}, forgets_kept)), "update-kept");
}

// --- The minimizer -------------------------------------------------------------------------------

TEST(Claims, hold_for_the_minimizer) {
  EXPECT_EQ(token(check_minimize(kept_kernel(), kept_program(), kThorough)), "");
}

// The real result, changed.
template <typename Change>
std::optional<Minimized> changed(const Goal& goal, const Program& p, const MinimizeLimits& limits,
                                 Change change) {
  std::optional<Minimized> m = minimize(goal, p, limits);
  if (m) change(*m);
  return m;
}

TEST(Claims, notice_a_minimizer_that_loses_the_finding) {
  const auto loses = [](const Goal& g, const Program& p, const MinimizeLimits& l) {
    return changed(g, p, l, [](Minimized& m) { m.program.decisions.clear(); });
  };
  EXPECT_EQ(token(check_minimize(kept_kernel(), kept_program(), kThorough, loses)),
            "minimized-other-finding");
}

TEST(Claims, notice_a_minimizer_that_adds_something) {
  const auto adds = [](const Goal& g, const Program& p, const MinimizeLimits& l) {
    return changed(g, p, l, [](Minimized& m) {
      m.program.ops.push_back({.kind = OpKind::exit, .task = 0, .mm = 3});
      canonicalize(m.program);
    });
  };
  EXPECT_EQ(token(check_minimize(kept_kernel(), kept_program(), kThorough, adds)),
            "minimized-less-simple");
}

TEST(Claims, notice_a_minimizer_that_adds_preemptions) {
  const auto adds = [](const Goal& g, const Program& p, const MinimizeLimits& l) {
    return changed(g, p, l, [](Minimized& m) { m.preemptions = 100; });
  };
  EXPECT_EQ(token(check_minimize(kept_kernel(), kept_program(), kThorough, adds)),
            "minimized-preemptions");
}

// The first result has a needless operation, and the second one has not.
TEST(Claims, notice_a_minimizer_that_is_not_done) {
  Program p = kept_program();
  p.ops.push_back({.kind = OpKind::exit, .task = 0, .mm = 3});
  canonicalize(p);
  const auto gives_up = [](const Goal& g, const Program& q, const MinimizeLimits& l) {
    static bool is_first = true;
    return changed(g, q, l, [&](Minimized& m) {
      if (is_first) m.program = q;
      is_first = false;
      m.fewest_preemptions = m.one_minimal = true;
    });
  };
  EXPECT_EQ(token(check_minimize(kept_kernel(), p, kThorough, gives_up)),
            "minimized-no-fixed-point");
}

// A farm wants many inputs a second: the work for one is bounded by a number, whatever it is; but
// for the few that ask for more.
TEST(Claims, the_work_of_minimizing_is_bounded) {
  static uint64_t executions;
  const auto counts = [](const Goal& g, const Program& p, const MinimizeLimits& l) {
    std::optional<Minimized> m = minimize(g, p, l);
    if (m) executions += m->executions;
    return m;
  };
  uint32_t findings = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(RMAPFUZZ_SOURCE_DIR) / "corpus/minimize_fuzzer")) {
    const std::string seed = slurp(entry.path());
    const auto byte = static_cast<uint8_t>(seed[0]);
    Program p;
    ASSERT_TRUE(decode_chosen(bytes_of(seed), 1, p));
    executions = 0;
    EXPECT_EQ(token(check_minimize(kernel_chosen_by(byte), p, effort_chosen_by(byte), counts)), "");
    const bool brief = &effort_chosen_by(byte) == &kBrief;
    EXPECT_LE(executions, brief ? 200u : 5'000u) << entry.path();
    findings += executions > 0;
  }
  EXPECT_GT(findings, 10u);
}

TEST(Claims, the_last_bytes_ask_for_proofs) {
  EXPECT_EQ(effort_chosen_by(0xef).steps_max, kBrief.steps_max);
  EXPECT_EQ(effort_chosen_by(0xf0).steps_max, kThorough.steps_max);
}

// --- Printers and regressions --------------------------------------------------------------------

std::string check_printer(std::string (*print)(const Recording&, const FormatOptions&),
                          std::string_view name = "columns") {
  return token(
      check_format(kept_kernel(), kept_program(), {name, "", true, print}, FormatOptions()));
}

TEST(Claims, hold_for_every_format) {
  for (const Format& format : all_formats()) {
    for (const FormatOptions& options :
         {FormatOptions{false, false}, FormatOptions{true, false}, FormatOptions{true, true}}) {
      EXPECT_EQ(token(check_format(kept_kernel(), kept_program(), format, options)), "")
          << format.name;
    }
  }
}

TEST(Claims, notice_a_broken_printer) {
  EXPECT_EQ(
      check_printer([](const Recording&, const FormatOptions&) -> std::string { return "no end"; }),
      "explain-cut");
  EXPECT_EQ(check_printer(
                [](const Recording&, const FormatOptions&) -> std::string { return "\033[1m\n"; }),
            "explain-unprintable");
  EXPECT_EQ(check_printer([](const Recording&, const FormatOptions&) -> std::string {
              return "page at 0x7ffd\n";
            }),
            "explain-address");
  EXPECT_EQ(
      check_printer([](const Recording&, const FormatOptions&) -> std::string { return "{]\n"; },
                    "json"),
      "explain-no-json");
  EXPECT_EQ(check_printer([](const Recording&, const FormatOptions&) -> std::string {
              static int calls = 0;
              return std::to_string(calls++) + "\n";
            }),
            "explain-again");
}

TEST(Claims, the_events_that_are_explained_are_bounded) {
  Program p;
  for (uint32_t i = 0; i < kOpsMax; i++)
    p.ops.push_back({.kind = i % 2 == 0 ? OpKind::mmap : OpKind::write, .length = kWindowPages});
  canonicalize(p);
  const auto says_events = [](const Recording& r, const FormatOptions&) -> std::string {
    EXPECT_TRUE(r.trace.truncated());
    EXPECT_EQ(r.trace.events().size(), kEventsExplained);
    return "events\n";
  };
  const Format counting{"columns", "", true, says_events};
  EXPECT_EQ(token(check_format(kept_kernel(), p, counting, FormatOptions())), "");
  for (const Format& format : all_formats())
    EXPECT_EQ(token(check_format(kept_kernel(), p, format, FormatOptions())), "") << format.name;
}

// kept_text(), and then `change` to the text.
template <typename Change>
std::optional<KeptText> kept_changed(Executor& executor, const std::string& kernel,
                                     const Program& p, const std::string& name,
                                     std::string_view origin, Change change) {
  auto kept = kept_text(executor, kernel, p, name, origin);
  if (kept) change(kept->text);
  return kept;
}

TEST(Claims, hold_for_what_is_kept) {
  EXPECT_EQ(token(check_keep(kept_kernel(), kept_program())), "");
}

TEST(Claims, notice_a_broken_regression) {
  const auto check = [](KeepFunction keep) {
    return token(check_keep(kept_kernel(), kept_program(), keep));
  };
  EXPECT_EQ(check([](Executor& e, const std::string& k, const Program& p, const std::string& n,
                     std::string_view o) {
              return kept_changed(e, k, p, n, o, [](std::string& text) { text += "nothing\n"; });
            }),
            "keep-refused");
  EXPECT_EQ(check([](Executor& e, const std::string& k, const Program& p, const std::string& n,
                     std::string_view o) {
              return kept_changed(e, k, p, n, o, [](std::string& text) { text += "# more\n"; });
            }),
            "keep-other-text");
  EXPECT_EQ(check([](Executor& e, const std::string& k, const Program& p, const std::string& n,
                     std::string_view o) {
              return kept_changed(e, k, p, n, o, [](std::string& text) {
                const std::size_t at = text.find(" model ");
                const std::size_t digit = text.find('\n', at) - 1;
                text[digit] = text[digit] == '0' ? '1' : '0';
              });
            }),
            "keep-fails");
}

// --- Reports, inputs, dictionary -----------------------------------------------------------------

TEST(Claims, a_broken_one_ends_the_process_with_two_stable_lines) {
  hold({});
  EXPECT_DEATH(hold(Broken{"a-token", "it holds", "page 5"}),
               "\nASSERTION FAILED: FuzzerHash=[a-p]+ it holds\nDEDUP_TOKEN: a-token\npage 5\n");
}

TEST(KernelInput, mutants_choose_and_are_canonical) {
  std::vector<uint8_t> data(300);
  std::size_t size = 0;
  for (unsigned int seed = 0; seed < 2000; seed++) {
    size = mutate_chosen(data.data(), size, 200 + seed % 100, seed, 2);
    ASSERT_LE(size, 200 + seed % 100);
    Program p;
    ASSERT_TRUE(decode_chosen({data.data(), size}, 2, p));
    const auto encoded = encode(p);
    const auto written = std::span(data).first(size).subspan(2);
    ASSERT_TRUE(std::equal(encoded.begin(), encoded.end(), written.begin(), written.end()));
  }
}

TEST(Dictionary, is_the_file_in_the_tree) {
  EXPECT_EQ(slurp(std::filesystem::path(RMAPFUZZ_SOURCE_DIR) / "fuzz/litmus_fuzzer.dict"),
            litmus_dictionary())
      << "build/bin/tool_seeds --dictionary >fuzz/litmus_fuzzer.dict";
}

// The parser's own list, so that a new kind of line is not forgotten.
TEST(Dictionary, has_all_that_begins_a_line) {
  const std::string dictionary = litmus_dictionary();
  std::string known = parse_litmus("litmus a\nnothing\n").error.message;
  known = known.substr(known.find("known: ") + 7);
  std::size_t heads = 0;
  for (std::size_t at = 0; at < known.size(); heads++) {
    const std::size_t end = std::min(known.find(", ", at), known.size());
    std::string word = known.substr(at, end - at);
    if (word.starts_with("and ")) word = word.substr(4);
    word = word.substr(0, word.find(' '));
    EXPECT_NE(dictionary.find("\"" + word + "\"\n"), std::string::npos) << word;
    at = end + 2;
  }
  EXPECT_GT(heads, 10u);
}

}  // namespace
}  // namespace rmap
