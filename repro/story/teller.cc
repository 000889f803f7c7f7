// The teller: groups deeds into sentences.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "core/program/litmus.h"
#include "repro/story/clauses.h"
#include "repro/story/state.h"
#include "repro/story/story.h"
#include "repro/story/verdict.h"
#include "repro/trace/rows.h"

namespace rmap {
namespace {

using sched::EventKind;

constexpr std::size_t kSentencesMax = 11;  // And the verdict.
constexpr std::size_t kFirstKept = 3;      // Of a longer story.
constexpr std::size_t kClausesMax = 5;     // Of a sentence.

// Deeds that make one sentence: of one task and one operation, and nobody else's between them.
struct Sentence {
  sched::TaskId task = 0;
  int op = -1;
  uint32_t first_turn = 0;
  uint32_t last_turn = 0;
  std::vector<std::size_t> deeds = {};
};

class Teller {
 public:
  explicit Teller(const Recording& r)
      : r_(r),
        focus_(focus_of(r)),
        turns_(turns_of(r)),
        deeds_(deeds_of(r, focus_, turns_)),
        clauses_(r, deeds_) {}

  std::vector<Scene> scenes() {
    note_waits();
    group();
    std::vector<Scene> scenes;
    for (std::size_t i = 0; i < sentences_.size(); i++) {
      const Sentence& s = sentences_[i];
      Scene scene;
      scene.cpu = cpu_of_task(r_.program, s.task);
      for (const Clause& clause : clauses_of(s)) scene.lines.push_back({clause.step, clause.text});
      scene.end = turn_end(i);
      scenes.push_back(std::move(scene));
    }
    return scenes;
  }

  std::vector<std::string> tell() {
    note_waits();
    group();
    std::vector<std::string> story;
    for (std::size_t i = 0; i < sentences_.size(); i++) {
      const std::size_t left_out = sentences_.size() - kSentencesMax;
      if (sentences_.size() > kSentencesMax && i == kFirstKept) {
        story.push_back(fmt::format("{} more turns like these are left out here.", left_out + 1));
        i += left_out;
        continue;
      }
      story.push_back(sentence(i));
    }
    const std::string before = setup_words();
    if (!before.empty()) story.insert(story.begin(), before);
    story.push_back(last_sentence(r_, deeds_) + since_words());
    return story;
  }

 private:
  // --- Which deeds -------------------------------------------------------------------------------
  // The set-up is told only where it is the culprit.
  bool is_told(const Deed& d) const {
    if (cpu_of_task(r_.program, d.task) != 0) return true;
    if (r_.finding->since && cpu_of_task(r_.program, r_.finding->since->task) == 0) return true;
    const sched::Violation& v = r_.result.outcome.violation;
    const bool in_setup = r_.result.outcome.ending == sched::Ending::violation &&
                          v.task != sched::kNoTask && cpu_of_task(r_.program, v.task) == 0;
    return in_setup || only_setup();
  }
  bool only_setup() const {
    return std::none_of(deeds_.begin(), deeds_.end(), [&](const Deed& d) {
      return cpu_of_task(r_.program, d.task) != 0 && !d.supports;
    });
  }

  void group() {
    for (std::size_t i = 0; i < deeds_.size(); i++) {
      const Deed& d = deeds_[i];
      if (!is_told(d) || clauses_.of(i).empty()) continue;
      const Turn& turn = turns_[d.turn];
      Sentence* s = sentences_.empty() ? nullptr : &sentences_.back();
      if (s == nullptr || s->task != d.task || s->op != turn.op) {
        drop_if_idle();
        sentences_.push_back({.task = d.task, .op = turn.op, .first_turn = d.turn});
        s = &sentences_.back();
      }
      s->last_turn = d.turn;
      s->deeds.push_back(i);
    }
    drop_if_idle();
    split_long_ones();
  }
  // Branches alone say nothing.
  void drop_if_idle() {
    if (sentences_.empty()) return;
    const auto& deeds = sentences_.back().deeds;
    if (std::all_of(deeds.begin(), deeds.end(), [&](std::size_t i) { return deeds_[i].supports; }))
      sentences_.pop_back();
  }
  void split_long_ones() {
    std::vector<Sentence> split;
    for (Sentence& s : sentences_) {
      const std::size_t parts = (s.deeds.size() + kClausesMax - 1) / kClausesMax;
      const std::size_t each = (s.deeds.size() + parts - 1) / parts;
      for (std::size_t from = 0; from < s.deeds.size(); from += each) {
        Sentence part = s;
        const std::size_t end = std::min(from + each, s.deeds.size());
        part.deeds.assign(s.deeds.begin() + static_cast<std::ptrdiff_t>(from),
                          s.deeds.begin() + static_cast<std::ptrdiff_t>(end));
        split.push_back(std::move(part));
      }
    }
    sentences_ = std::move(split);
  }

  // --- One sentence ------------------------------------------------------------------------------
  std::string sentence(std::size_t index) {
    const Sentence& s = sentences_[index];
    std::string text = clauses_.cpu(s.task) + operation(s);
    const std::vector<Clause> clauses = clauses_of(s);
    for (std::size_t k = 0; k < clauses.size(); k++) {
      const bool holds = clauses[k].says_locks;
      const bool last = k + 1 == clauses.size();
      const std::string_view join = k == 0  ? (holds ? "," : "")
                                    : !last ? ","
                                    : holds ? " and,"
                                            : " and";
      text += fmt::format("{} {}", join, clauses[k].text);
    }
    const std::string end = turn_end(index);
    const uint32_t first = deeds_[s.deeds.front()].step;
    const uint32_t last = deeds_[s.deeds.back()].last_step;
    const std::string steps = first == last       ? fmt::format(" (step {})", first)
                              : last == first + 1 ? fmt::format(" (steps {} and {})", first, last)
                                                  : fmt::format(" (steps {} to {})", first, last);
    return text + steps + end_words(end) + ".";
  }
  static std::string end_words(const std::string& end) {
    if (end.empty()) return "";
    return end == "preempted" ? "; there it is preempted" : "; then it " + end;
  }
  struct Clause {
    uint32_t step = 0;
    bool says_locks = false;
    std::string text;
  };
  // Locks are said once, as long as they stay the same.
  std::vector<Clause> clauses_of(const Sentence& s) const {
    std::vector<Clause> clauses;
    std::string locks;
    for (std::size_t i : s.deeds) {
      const std::string held = clauses_.locks(deeds_[i]);
      const bool says_locks = !held.empty() && held != locks;
      if (says_locks) locks = held;
      clauses.push_back(
          {deeds_[i].last_step, says_locks, (says_locks ? held + ", " : "") + clauses_.of(i)});
    }
    return clauses;
  }

  // Names the operation where it is told of for the first time.
  std::string operation(const Sentence& s) {
    if (s.op < 0 || named_[s.op]) return "";
    named_[s.op] = true;
    return fmt::format(" ({})", print_op(r_.program.ops[static_cast<uint32_t>(s.op)]));
  }

  // Why the next sentence is another task's.
  std::string turn_end(std::size_t index) const {
    const Sentence& s = sentences_[index];
    if (index + 1 == sentences_.size() || sentences_[index + 1].task == s.task) return "";
    const uint32_t next = sentences_[index + 1].first_turn;
    const Turn* last = &turns_[s.last_turn];
    for (uint32_t t = s.last_turn; t < next; t++) {
      if (turns_[t].task == s.task) last = &turns_[t];
    }
    if (last->op != s.op) return "";
    const std::size_t at = static_cast<std::size_t>(last - turns_.data());
    const bool told = deeds_[s.deeds.back()].act == Act::wait;
    if (last->end == TurnEnd::waits) return told ? "" : waits_[at];
    return last->end == TurnEnd::preempted ? "preempted" : "";
  }

  // What each turn that ends in waiting waits for.
  void note_waits() {
    waits_.resize(turns_.size());
    Shadow shadow(r_);
    const auto events = r_.trace.events();
    for (std::size_t t = 0; t < turns_.size(); t++) {
      for (uint32_t i = turns_[t].first; i <= turns_[t].last; i++) {
        const sched::Event& e = events[i];
        if (i == turns_[t].last && e.kind == EventKind::wait) {
          const sched::TaskId holder = shadow.holder(e.object);
          waits_[t] = fmt::format("waits for {}{}", lock_words(shadow.lock_name(e.object)),
                                  holder == sched::kNoTask
                                      ? ""
                                      : fmt::format(", which {} holds", clauses_.cpu(holder)));
        }
        shadow.apply(e);
      }
    }
  }

  // --- Before and since --------------------------------------------------------------------------
  // In which order a walk visits the vmas, where that is what the story turns on.
  std::string setup_words() const {
    if (!focus_.has(kWalks) || !focus_.has(kEntries)) return "";
    for (uint32_t a = 0; a < kAnonVmasMax; a++) {
      const AnonVma& anon_vma = r_.start->anon_vmas[a];
      if (!focus_.anon_vmas[a] || !anon_vma.allocated || !anon_vma.head.valid()) continue;
      if (anon_vma.head == anon_vma.tail) continue;
      std::string pages;
      for (uint32_t p = 0; p < kFramesMax; p++) {
        const std::vector<std::string> places = places_of(*r_.start, p);
        if (focus_.pages[p] && !places.empty())
          pages += fmt::format("; page {} is mapped at {}, with index {}", p, and_list(places),
                               static_cast<int32_t>(r_.start->pages[p].index));
      }
      return fmt::format("Before: walks of anon_vma {} visit {}{}.", a,
                         vmas_of(*r_.start, AnonVmaId{static_cast<uint8_t>(a)}), pages);
    }
    return "";
  }

  std::string since_words() const {
    if (!r_.finding->since) return "";
    const Moment& m = *r_.finding->since;
    const std::string site(kSites[m.site.index].substr(0, kSites[m.site.index].find('/')));
    if (kSites[m.site.index].ends_with("/insert"))
      return fmt::format(" It has been so since {} inserted the vma in {}() (step {}).",
                         clauses_.cpu(m.task), site, m.step);
    return fmt::format(" What broke it is {}'s step {}{}.", clauses_.cpu(m.task), m.step,
                       site.empty() ? "" : fmt::format(", in {}()", site));
  }

  const Recording& r_;
  const Focus focus_;
  const std::vector<Turn> turns_;
  const std::vector<Deed> deeds_;
  const Clauses clauses_;
  std::vector<Sentence> sentences_;
  std::vector<std::string> waits_;
  bool named_[kOpsMax] = {};
};

}  // namespace

std::vector<std::string> story_of(const Recording& r) {
  return r.finding ? Teller(r).tell() : std::vector<std::string>();
}

std::vector<Scene> scenes_of(const Recording& r) {
  return r.finding ? Teller(r).scenes() : std::vector<Scene>();
}

}  // namespace rmap
