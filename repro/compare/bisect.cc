// SPDX-License-Identifier: Apache-2.0
#include "repro/compare/bisect.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/kernel/chain.h"
#include "repro/run/session.h"
#include "scheduler/check.h"

namespace rmap {
namespace {

class Bisector {
 public:
  Bisector(const Chain& chain, const Ask& ask, const BisectOptions& options)
      : chain_(chain), ask_(ask), options_(options) {}

  Bisection run() {
    std::optional<ChainRow> last;  // The last one that is known.
    for (std::size_t r = 0; r < chain_.releases.size(); r++) {
      const ChainRow row = row_at(chain_.steps_of(r));
      if (options_.every_commit && r > 0) row_for_each_between(chain_.steps_of(r - 1), row.steps);
      if (is_known(row)) {
        if (last && last->asked.answer.has != row.asked.answer.has)
          row_for_each_between(last->steps, row.steps);
        last = row;
      }
      if (is_known(row) || !last || options_.every_commit) settle();
    }
    settle();
    Bisection result;
    result.borders = borders();
    if (options_.both_ways) {
      for (Border& border : result.borders) {
        if (!border.open) ask_both_ways(border);  // Else nobody knows what to take away.
      }
    }
    result.rows = std::move(rows_);
    return result;
  }

 private:
  using Steps = std::vector<std::size_t>;

  static bool is_known(const ChainRow& row) {
    return row.asked.answer.has == Has::yes || row.asked.answer.has == Has::no;
  }

  // --- Kernels -----------------------------------------------------------------------------------
  Asked ask(const std::string& kernel) const { return {kernel, ask_(kernel)}; }

  // What cannot be taken away by itself goes with what needs it.
  Asked ask_whole(const std::string& kernel) const {
    Asked asked = ask(kernel);
    return asked.answer.whole.empty() ? asked : ask(asked.answer.whole);
  }

  std::string with(std::size_t release, const Steps& steps) const {
    std::string kernel = chain_.releases[release];
    for (std::size_t s : steps) kernel += "+" + chain_.steps[s].commit;
    return kernel;
  }

  // What was added last is taken away first: where two steps change one rule, that is the order.
  std::string without(std::size_t release, const Steps& steps) const {
    std::string kernel = chain_.releases[release];
    for (auto s = steps.rbegin(); s != steps.rend(); ++s) kernel += "-" + chain_.steps[*s].commit;
    return kernel;
  }

  static Steps range(std::size_t first, std::size_t end) {
    Steps steps;
    for (std::size_t s = first; s < end; s++) steps.push_back(s);
    return steps;
  }

  // --- The chain ---------------------------------------------------------------------------------
  const ChainRow& row_at(std::size_t steps) {
    const auto before = [](const ChainRow& row, std::size_t n) { return row.steps < n; };
    const auto at = std::lower_bound(rows_.begin(), rows_.end(), steps, before);
    if (at != rows_.end() && at->steps == steps) return *at;
    const std::size_t release = chain_.release_at_most(steps);
    const Asked asked = ask(with(release, range(chain_.steps_of(release), steps)));
    return *rows_.insert(at, {steps, asked});
  }

  void row_for_each_between(std::size_t first, std::size_t last) {
    for (std::size_t steps = first + 1; steps < last; steps++) row_at(steps);
  }

  // Tells of the rows that were not told of yet.
  void settle() {
    if (!options_.settled) return;
    const std::vector<Border> known = borders();
    for (; settled_ < rows_.size(); settled_++) {
      const ChainRow& row = rows_[settled_];
      const auto ends_here = [&](const Border& b) { return b.last + 1 == row.steps; };
      const auto border = std::find_if(known.begin(), known.end(), ends_here);
      options_.settled(row, border == known.end() ? nullptr : &*border);
    }
  }

  std::vector<Border> borders() const {
    std::vector<Border> found;
    const ChainRow* last = nullptr;
    bool open = false;
    for (const ChainRow& row : rows_) {
      open |= row.asked.answer.has == Has::unknown || row.asked.answer.has == Has::vacuous;
      if (!is_known(row)) continue;
      const Has has = row.asked.answer.has;
      if (last != nullptr && last->asked.answer.has != has) {
        found.push_back({has == Has::yes, last->steps, row.steps - 1, open, last->asked, row.asked,
                         std::nullopt, std::nullopt, std::nullopt});
      }
      last = &row;
      open = false;
    }
    return found;
  }

  // --- The other way round -----------------------------------------------------------------------
  // A release that differs from its side of the border says nothing: another border lies between.
  void ask_both_ways(Border& border) {
    const std::size_t before = chain_.release_at_most(border.first);
    const std::size_t after = chain_.release_at_least(border.last + 1);
    if (has(before) == border.before.answer.has) border.sufficient = sufficiency(border, before);
    if (has(after) == border.after.answer.has)
      border.without = ask_whole(without(after, range(border.first, border.last + 1)));
    for (std::size_t r = 0; r < before && !border.introduced; r++) {
      if (chain_.releases[r] == options_.about && has(r) == Has::yes)
        border.backport = sufficiency(border, r);
    }
  }

  Has has(std::size_t release) { return row_at(chain_.steps_of(release)).asked.answer.has; }

  Sufficiency sufficiency(const Border& border, std::size_t release) const {
    const Has wanted = border.after.answer.has;
    Sufficiency s;
    s.alone = ask(with(release, range(border.first, border.last + 1)));
    const Has alone = s.alone.answer.has;  // What is not known asks for nothing else.
    if (alone == wanted || alone == Has::unknown || alone == Has::vacuous) return s;
    s.together = fewest(border, release);
    for (std::size_t step : s.together) {
      if (step < border.first) s.each.push_back(ask(with(release, {step})));
    }
    return s;
  }

  // The border's steps, and of those between the release and them what they cannot do without. The
  // newest are left out first: they may need older ones, but not the other way round.
  Steps fewest(const Border& border, std::size_t release) const {
    Steps kept = range(chain_.steps_of(release), border.last + 1);
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t step = border.first; step-- > chain_.steps_of(release);) {
        Steps fewer = kept;
        if (std::erase(fewer, step) == 0) continue;
        if (ask_(with(release, fewer)).has != border.after.answer.has) continue;
        kept = fewer;
        changed = true;
      }
    }
    return kept;
  }

  const Chain& chain_;
  const Ask& ask_;
  const BisectOptions& options_;
  std::vector<ChainRow> rows_;
  std::size_t settled_ = 0;  // So many of them.
};

}  // namespace

std::size_t Chain::steps_of(std::size_t release) const {
  const auto later = [&](const Step& step) { return step.release > release; };
  return static_cast<std::size_t>(std::find_if(steps.begin(), steps.end(), later) - steps.begin());
}

std::size_t Chain::release_at_most(std::size_t n) const {
  std::size_t release = 0;
  while (release + 1 < releases.size() && steps_of(release + 1) <= n) release++;
  return release;
}

std::size_t Chain::release_at_least(std::size_t n) const {
  std::size_t release = 0;
  while (steps_of(release) < n) release++;
  return release;
}

Chain kernel_chain() {
  Chain chain{{releases().begin(), releases().end()}, {}};
  for (const Change& c : changes()) {
    const auto release = std::find(releases().begin(), releases().end(), c.release);
    if (release == releases().end()) continue;  // It never landed.
    const std::string commit = name_of(c);
    if (!chain.steps.empty() && chain.steps.back().commit == commit) continue;
    CHECK(!c.sentence.empty());  // The first row of a commit has it.
    chain.steps.push_back({commit, static_cast<std::size_t>(release - releases().begin()),
                           std::string(c.sentence), std::string(c.landed)});
  }
  return chain;
}

bool Bisection::knows_all() const {
  return std::none_of(rows.begin(), rows.end(),
                      [](const ChainRow& row) { return row.asked.answer.has == Has::unknown; });
}

bool Bisection::is_anywhere() const {
  return std::any_of(rows.begin(), rows.end(),
                     [](const ChainRow& row) { return row.asked.answer.has == Has::yes; });
}

// With no step at all, a kernel is the oldest release.
std::size_t Bisection::unasked(const Chain& chain) const {
  return chain.steps.size() + 1 - rows.size();
}

Bisection bisect(const Chain& chain, const Ask& ask, const BisectOptions& options) {
  return Bisector(chain, ask, options).run();
}

}  // namespace rmap
