// Bisect: which commit brought a race and which one took it away, by asking kernels for verdicts.
//
// A race can come, go and come again along the chain, so every release is asked, and between two
// that differ every commit: a release has a dozen at most, so halving would save little and miss
// what comes and goes in between. Then each border is asked the other way round: does the commit do
// it alone, and is it undone without it? Nothing here explores or prints: tests invent their
// verdicts. Read next: verdicts.h, which answers; bisect_words.h, which says what was found.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rmap {

// Whether a kernel has the race; refused: that combination of commits makes no sense; vacuous: the
// program cannot show it there.
enum class Has : uint8_t { no, yes, unknown, refused, vacuous };

// What is known of one kernel: schedules that show the race, of how many, within which bound.
struct Answer {
  Has has = Has::unknown;
  std::string verdict;  // "never", "sometimes", "always", "unknown" or "refused".
  uint64_t failing = 0;
  uint64_t total = 0;
  uint32_t preemptions = 0;
  std::string why;           // Why it is refused.
  std::string whole = {};    // And what is accepted instead; empty if nothing near is.
  std::string vacuous = {};  // Why a never says nothing (core/run/vacuity.h).
};
using Ask = std::function<Answer(const std::string& kernel)>;

struct Asked {
  std::string kernel;
  Answer answer;
};

// One commit, or half of one: all of its rows in core/kernel/chain.cc.
struct Step {
  std::string commit;   // "948f017b093a.merge"
  std::size_t release;  // The release that has it first.
  std::string sentence;
  std::string landed = {};  // Where it really came, which may lie before that release.
};

// A kernel of the chain is the oldest release with the first so many steps.
struct Chain {
  std::vector<std::string> releases;
  std::vector<Step> steps;  // In order; none belongs to the oldest release.

  // How many steps the release has.
  std::size_t steps_of(std::size_t release) const;
  // The newest release with at most so many steps, and the oldest with at least so many.
  std::size_t release_at_most(std::size_t steps) const;
  std::size_t release_at_least(std::size_t steps) const;
};
Chain kernel_chain();

// A kernel of the chain that was asked.
struct ChainRow {
  std::size_t steps;
  Asked asked;
};

// Whether the commits of a border do the same to another release: by themselves, or with others.
struct Sufficiency {
  Asked alone;
  // If not alone: the fewest steps that do it together, those of the border included (no other can
  // be left out), and each of the others by itself.
  std::vector<std::size_t> together;
  std::vector<Asked> each;
};

// Between two kernels of the chain, one of which has the race.
struct Border {
  bool introduced;  // Else fixed.
  // The steps of the chain between the two: one, or several if what lies between was not answered.
  std::size_t first;
  std::size_t last;
  bool open;  // What lies between is unknown: more than one border may be there.
  Asked before;
  Asked after;
  std::optional<Sufficiency> sufficient;  // On the last release before the border.
  std::optional<Asked> without;           // The first release after it, without its steps, and
                                          // without what needs them.
  std::optional<Sufficiency> backport;    // On the release that the question is about.
};

struct Bisection {
  std::vector<ChainRow> rows;  // In the order of the chain.
  std::vector<Border> borders;

  bool knows_all() const;    // No row is unknown.
  bool is_anywhere() const;  // Some row has the race.
  // How many kernels of the chain have no row: what came and went there is not seen.
  std::size_t unasked(const Chain& chain) const;
};

struct BisectOptions {
  bool every_commit = false;  // Also between releases that agree.
  bool both_ways = false;     // Asks what borders have to do with `sufficient` and `without`.
  std::string about;          // A release; `backport` is asked for it.
  // Told of each row in the order of the chain, as soon as no other can come before it; and of the
  // border that it is the end of, or null.
  std::function<void(const ChainRow&, const Border*)> settled = {};
};
Bisection bisect(const Chain& chain, const Ask& ask, const BisectOptions& options);

}  // namespace rmap
