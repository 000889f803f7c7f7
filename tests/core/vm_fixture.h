// What the vm's tests share: programs as litmus lines, and address spaces drawn as one line of
// text.
//
//   [0,2)rw pgoff 0 av0 [4,5)ro pgoff 4 - | 0:p3w 1:- 4:z
//
// reads: two vmas, the first with anon_vma 0 and the second with none; page 0 maps frame 3
// writable, nothing is at 1, the zero page is at 4. A migration entry would be m3. Numbers are
// handed out in order of allocation. A stack that grows down is "rwd".
//
//   [0,1)rw pgoff 0 av0 | 0:p0x2 || mm1 [0,1)rw pgoff 0 av1<av0 | 0:p0x2
//
// is a parent and its child: frame 0 is mapped twice, and the child's vma has a chain, its own
// anon_vma 1 and the inherited one. A chain is drawn from its newest element; where that is not the
// vma's own anon_vma, "av0 in av1<av0" says so. Sequential tests are tables of Step: an operation,
// what it returns, and all address spaces afterwards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/kernel/chain.h"
#include "core/kernel/expression.h"
#include "core/program/litmus.h"
#include "core/run/execution.h"

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

inline std::string draw(const World& w, const Pte& pte) {
  const auto frame = [&](char kind) {
    const uint32_t users = w.pages[pte.frame.value].mapcount.peek();
    return fmt::format("{}{}{}{}", kind, pte.frame.value, pte.writable ? "w" : "",
                       users > 1 ? fmt::format("x{}", users) : "");
  };
  switch (pte.kind) {
    case PteKind::none: return "-";
    case PteKind::present: return frame('p');
    case PteKind::migration: return frame('m');
    case PteKind::zero: return "z";
  }
  return "?";
}

// The vma's anon_vma, and its chain where that says more.
inline std::string draw_chain(const World& w, const Vma& v) {
  std::vector<std::string> chain;
  for (AvcId id = v.chain_head; id.valid(); id = w.avcs[id.value].next_in_vma)
    chain.push_back(fmt::format("av{}", w.avcs[id.value].anon_vma.id.value));
  const std::string own = v.anon().valid() ? fmt::format("av{}", v.anon().value) : "-";
  if (chain.empty()) return v.anon().valid() ? own + " unlinked" : own;
  const std::string all = fmt::format("{}", fmt::join(chain, "<"));
  return chain.front() == own ? all : fmt::format("{} in {}", own, all);
}

inline std::string draw(const World& w, const Vma& v) {
  return fmt::format("[{},{}){}{} pgoff {} {}", v.vm_start.peek(), v.vm_end.peek(),
                     v.can_write ? "rw" : "ro", v.grows_down ? "d" : "", v.vm_pgoff.peek(),
                     draw_chain(w, v));
}

// The vmas alone.
inline std::string draw_vmas(const World& w, unsigned mm = 0) {
  std::vector<std::string> words;
  for (VmaId id : w.mms[mm].vmas) words.push_back(draw(w, w.vmas[id.value]));
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
    if (covered || !pte.none())
      pages += fmt::format(" {}:{}{}", a, draw(w, pte), covered ? "" : "!");
  }
  const std::string vmas = draw_vmas(w, mm);
  return pages.empty() ? vmas : fmt::format("{} |{}", vmas, pages);
}

// All address spaces: that of mm0, then those of the others that have something mapped.
inline std::string draw_all(const World& w) {
  std::string text = draw(w, 0);
  for (unsigned mm = 1; mm < kMmsMax; mm++) {
    if (!w.mms[mm].vmas.empty()) text += fmt::format(" || mm{} {}", mm, draw(w, mm));
  }
  return text;
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

// What a user of mm can know: each page's protection and contents. "0:w1 1:r0" has 1 written to
// page 0, which is writable, and nothing to page 1, which is not.
inline std::string draw_user(const World& w, unsigned mm = 0) {
  std::vector<std::string> words;
  for (VmaId id : w.mms[mm].vmas) {
    const Vma& v = w.vmas[id.value];
    for (PageNr a = v.vm_start.peek(); a < v.vm_end.peek(); a++) {
      const Pte pte = pte_at(w, mm, a);
      const bool has_page = pte.kind == PteKind::present || pte.is_migration();
      words.push_back(fmt::format("{}:{}{}", a, v.can_write ? 'w' : 'r',
                                  has_page ? w.pages[pte.frame.value].contents.peek() : 0));
    }
  }
  return fmt::format("{}", fmt::join(words, " "));
}

// Objects of the world that are in use, for tests that nothing is left behind.
inline std::string draw_used(const World& w) {
  const auto used = [](const auto& pool) {
    uint32_t n = 0;
    for (const auto& object : pool) n += object.allocated;
    return n;
  };
  return fmt::format("{} pages, {} tables, {} vmas, {} links, {} anon_vmas", used(w.pages),
                     used(w.tables), used(w.vmas), used(w.avcs), used(w.anon_vmas));
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
      EXPECT_EQ(draw_all(e.world()), steps[i].after);
    }
  }
  return e.world();
}

using Kernels = std::vector<std::string_view>;

// The releases from `first` to `last`.
inline Kernels between(std::string_view first, std::string_view last) {
  const auto all = releases();
  const auto a = std::find(all.begin(), all.end(), first);
  const auto b = std::find(all.begin(), all.end(), last);
  CHECK(a != all.end());
  CHECK(b != all.end());
  return {a, b + 1};
}
inline Kernels since(std::string_view first) { return between(first, kNewest); }
inline Kernels until(std::string_view last) { return between(releases().front(), last); }
inline bool is_until(std::string_view last, std::string_view kernel) {
  const Kernels old = until(last);
  return std::find(old.begin(), old.end(), kernel) != old.end();
}

// The same under each of `kernels`; leaves the last one's world.
inline const World& expect_steps(const std::vector<Step>& steps, const Kernels& kernels) {
  const World* last = nullptr;
  for (std::string_view kernel : kernels) last = &expect_steps(steps, kernel);
  return *last;
}
// The same under every release.
inline const World& expect_steps(const std::vector<Step>& steps) {
  return expect_steps(steps, since(releases().front()));
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

// --- Failing allocations -------------------------------------------------------------------------

// What came of failing each allocation of one operation in turn.
struct Failed {
  uint32_t with_enomem = 0;   // Times that the operation failed,
  uint32_t with_success = 0;  // and that it could do without.
  sched::Coverage coverage;   // Of the runs in which it failed.
};

// All that a failed operation must leave as it was: vmas, entries, contents, page tables of each
// mm.
inline std::string everything(const World& w) {
  std::string text = draw_all(w);
  for (unsigned mm = 0; mm < kMmsMax; mm++)
    text += fmt::format(" / {} / {}", draw_contents(w, mm), draw_tables(w, mm));
  return text + " / " + draw_used(w);
}
// What its user can know is as it was; vmas may have been split, and page tables be there in vain.
inline std::string users_view(const World& w) {
  std::string text;
  for (unsigned mm = 0; mm < kMmsMax; mm++) text += draw_user(w, mm) + " / ";
  return text;
}

// Fails each allocation of `op` in turn, after the operations `before` all went well. Wherever that
// makes it fail, `picture` must be as it was; and the oracle watches at rest.
inline Failed fail_each_allocation(const std::string& before, const std::string& op,
                                   std::string_view kernel,
                                   std::string (*picture)(const World&) = everything) {
  Executor& e = sequential_executor(kernel);
  e.run(program("setup " + before));
  const std::string wanted = picture(e.world());
  Failed failed;
  std::string zeros;
  for (int k = 0; k < 80; k++, zeros += " 00") {
    const Program p =
        program(fmt::format("setup {}; {}\nfailures 1\ndecisions{} 01", before, op, zeros));
    SCOPED_TRACE(fmt::format("{}: {}; {}: failing allocation {}", kernel, before, op, k));
    sched::Coverage once;
    const Result& r = e.run(p, {.coverage = &once});
    EXPECT_EQ(r.outcome.ending, sched::Ending::finished);
    const uint32_t last = p.ops.size() - 1;
    bool before_failed = false;
    for (uint32_t i = 0; i < last; i++) before_failed |= r.ops[i].error != kOk;
    if (before_failed || e.world().failures_left != 0) continue;
    if (r.ops[last].error == kOk) {
      failed.with_success++;
      continue;
    }
    failed.with_enomem++;
    EXPECT_EQ(errno_name(r.ops[last].error), errno_name(kEnomem));
    EXPECT_EQ(picture(e.world()), wanted);
    for (std::size_t i = 0; i < std::size(kSites); i++) failed.coverage.hits[i] += once.hits[i];
  }
  return failed;
}

// "mmap @0 +1; mmap @2 +1; ...": n vmas that cannot merge, from `address` on.
inline std::string scattered(uint32_t n, uint32_t address = 0) {
  std::string text;
  for (uint32_t i = 0; i < n; i++)
    text += fmt::format("{}mmap @{} +1", i == 0 ? "" : "; ", address + 2 * i);
  return text;
}

}  // namespace rmap::fixture
