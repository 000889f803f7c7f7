// What the vm's tests share: programs as litmus lines, and an address space drawn as one line of
// text.
//
//   [0,2)rw pgoff 0 av0 [4,5)ro pgoff 4 - | 0:p3w 1:- 4:z
//
// reads: two vmas, the first with anon_vma 0 and the second with none; page 0 maps frame 3
// writable, nothing is at 1, the zero page is at 4. A migration entry would be m3. Numbers are
// handed out in order of allocation. Sequential tests are tables of Step: an operation, what it
// returns, and the address space afterwards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/execution.h"
#include "core/litmus.h"

namespace rmap::fixture {

// The program of a few litmus lines ("setup ...\ncpu1 ..."). A text that is wrong is a CHECK.
inline Program program(std::string_view lines) {
  const LitmusResult result = parse_litmus(fmt::format("litmus test\n{}", lines));
  if (!result.litmus)
    fmt::print("{}:{}: {}\n", result.error.line, result.error.column, result.error.message);
  CHECK(result.litmus.has_value());
  return result.litmus->program;
}

// One executor per kernel for the whole binary, with its learned access table.
inline Executor& executor(std::string_view kernel) {
  static std::map<std::string, std::unique_ptr<Executor>, std::less<>> all;
  auto& slot = all[std::string(kernel)];
  if (!slot) slot = std::make_unique<Executor>(kernel_named(kernel).kernel);
  return *slot;
}

// The same for programs of one task, which have no use for a table: nobody could run at a point.
inline Executor& sequential_executor(std::string_view kernel) {
  static std::map<std::string, std::unique_ptr<Executor>, std::less<>> all;
  auto& slot = all[std::string(kernel)];
  if (!slot) slot = std::make_unique<Executor>(kernel_named(kernel).kernel, sched::AccessTable({}));
  return *slot;
}

// --- Drawing -------------------------------------------------------------------------------------

inline Pte pte_at(const World& w, unsigned mm, PageNr address) {
  const uint8_t table = w.mms[mm].pmd[address / kPtesPerTable].peek();
  return table != 0 ? w.tables[table - 1].pte[address % kPtesPerTable] : Pte{};
}

inline std::string draw(const Pte& pte) {
  const auto frame = [&](char kind) {
    return fmt::format("{}{}{}", kind, pte.frame.value, pte.writable ? "w" : "");
  };
  switch (pte.kind) {
    case PteKind::none: return "-";
    case PteKind::present: return frame('p');
    case PteKind::migration: return frame('m');
    case PteKind::zero: return "z";
  }
  return "?";
}

inline std::string draw(const Vma& v) {
  const std::string anon = v.anon().valid() ? fmt::format("av{}", v.anon().value) : "-";
  return fmt::format("[{},{}){} pgoff {} {}", v.vm_start.peek(), v.vm_end.peek(),
                     v.can_write ? "rw" : "ro", v.vm_pgoff.peek(), anon);
}

// The vmas alone.
inline std::string draw_vmas(const World& w, unsigned mm = 0) {
  std::vector<std::string> words;
  for (VmaId id : w.mms[mm].vmas) words.push_back(draw(w.vmas[id.value]));
  return words.empty() ? "nothing" : fmt::format("{}", fmt::join(words, " "));
}

// The vmas and, page by page, what they map. An entry outside of every vma is shown too, with a
// '!'.
inline std::string draw(const World& w, unsigned mm = 0) {
  std::string pages;
  for (PageNr a = 0; a < kWindowPages; a++) {
    bool covered = false;
    for (VmaId id : w.mms[mm].vmas) {
      covered |= a >= w.vmas[id.value].vm_start.peek() && a < w.vmas[id.value].vm_end.peek();
    }
    const Pte pte = pte_at(w, mm, a);
    if (covered || !pte.none()) pages += fmt::format(" {}:{}{}", a, draw(pte), covered ? "" : "!");
  }
  const std::string vmas = draw_vmas(w, mm);
  return pages.empty() ? vmas : fmt::format("{} |{}", vmas, pages);
}

// What was last written to each page that is mapped: "0:1 5:3".
inline std::string draw_contents(const World& w, unsigned mm = 0) {
  std::vector<std::string> words;
  for (PageNr a = 0; a < kWindowPages; a++) {
    const Pte pte = pte_at(w, mm, a);
    if (pte.kind == PteKind::present)
      words.push_back(fmt::format("{}:{}", a, w.pages[pte.frame.value].contents.peek()));
  }
  return fmt::format("{}", fmt::join(words, " "));
}

// The page tables that exist, by index: "0 2".
inline std::string draw_tables(const World& w, unsigned mm = 0) {
  std::vector<uint32_t> tables;
  for (uint32_t i = 0; i < kTablesPerMm; i++) {
    if (w.mms[mm].pmd[i].peek() != 0) tables.push_back(i);
  }
  return fmt::format("{}", fmt::join(tables, " "));
}

// --- Running -------------------------------------------------------------------------------------

struct Step {
  std::string op;  // Or several; the error is the last one's.
  int error = kOk;
  std::string after = "";  // Not looked at when empty.
};

inline std::string join_ops(const std::vector<Step>& steps, std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; i++) text += (i == 0 ? "setup " : "; ") + steps[i].op;
  return text;
}

// Carries the steps out one after the other under `kernel`, and looks after each. Leaves the world
// of the last.
inline const World& expect_steps(const std::vector<Step>& steps, std::string_view kernel) {
  Executor& e = sequential_executor(kernel);
  for (std::size_t i = 0; i < steps.size(); i++) {
    SCOPED_TRACE(fmt::format("{}: {}", kernel, join_ops(steps, i + 1)));
    const Program p = program(join_ops(steps, i + 1));
    const Result& r = e.run(p);
    EXPECT_EQ(r.outcome.ending, sched::Ending::finished);
    EXPECT_EQ(errno_name(r.ops[p.ops.size() - 1].error), errno_name(steps[i].error));
    if (!steps[i].after.empty()) {
      EXPECT_EQ(draw(e.world()), steps[i].after);
    }
  }
  return e.world();
}

// The same under every release: what one task sees never changed. Leaves the newest one's world.
inline const World& expect_steps(const std::vector<Step>& steps) {
  const World* last = nullptr;
  for (std::string_view kernel : releases()) last = &expect_steps(steps, kernel);
  return *last;
}

// Runs `ops` as one task under the newest release and leaves its world; for tests that count
// something.
inline const World& after(std::string_view ops) {
  Executor& e = sequential_executor(kNewest);
  const Program p = program(fmt::format("setup {}", ops));
  EXPECT_EQ(e.run(p).outcome.ending, sched::Ending::finished);
  return e.world();
}

// How often each site is reached by `ops`, run by one task.
inline uint64_t hits(std::string_view ops, std::string_view site,
                     std::string_view kernel = kNewest) {
  sched::Coverage coverage;
  const Program p = program(fmt::format("setup {}", ops));
  sequential_executor(kernel).run(p, {.coverage = &coverage});
  for (std::size_t i = 0; i < std::size(kSites); i++) {
    if (kSites[i] == site) return coverage.hits[i];
  }
  CHECK(false);
  return 0;
}

// "mmap @0 +1; mmap @2 +1; ...": n vmas that cannot merge, from `address` on.
inline std::string scattered(uint32_t n, uint32_t address = 0) {
  std::string text;
  for (uint32_t i = 0; i < n; i++)
    text += fmt::format("{}mmap @{} +1", i == 0 ? "" : "; ", address + 2 * i);
  return text;
}

}  // namespace rmap::fixture
