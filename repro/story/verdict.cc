// SPDX-License-Identifier: Apache-2.0
#include "repro/story/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "repro/story/case.h"
#include "repro/story/clauses.h"
#include "repro/story/state.h"
#include "repro/trace/rows.h"

namespace rmap {
namespace {

class Judge : Case {
 public:
  using Case::Case;

  std::string judge() const {
    switch (static_cast<Rule>(v_.rule)) {
      case Rule::none: break;
      case Rule::lock_order: return lock_order();
      case Rule::sleep_in_atomic: return sleep_in_atomic();
      case Rule::missed_pte: return missed_pte();
      case Rule::stale_entry: return stale_entry();
      case Rule::unlocked_entry: return unlocked_entry();
      case Rule::mapcount: return mapcount();
      case Rule::unreachable: return unreachable("At rest, ");
      case Rule::foreign_unlock: return foreign_unlock();
      case Rule::early_unreachable:
        return unreachable(fmt::format("When {} leaves {}() at step {}, ", who(), site(), v_.step));
      case Rule::early_order: return early_order();
      case Rule::self_merge:
      case Rule::outside_vma:
      case Rule::use_after_free:
      case Rule::wrong_data:
      case Rule::lost_data:
      case Rule::leak:
      case Rule::anon_vma_count:
      case Rule::list_race:
      case Rule::chain_order:
      case Rule::chain_mismatch:
      case Rule::unfaulted_pgoff: return verdict_on_object(r_, deeds_);
    }
    return "";
  }

 private:
  // --- Locks -------------------------------------------------------------------------------------
  std::string lock_name(sched::Object lock) const {
    Shadow shadow(r_);
    for (const sched::Event& e : r_.trace.events()) shadow.apply(e);
    return shadow.lock_name(lock);
  }
  sched::Object held_object() const {
    return sched::make_object(static_cast<unsigned>(v_.a >> 16),
                              static_cast<unsigned>(v_.a & 0xffff));
  }
  std::string lock_order() const {
    const sched::Object held = held_object();
    return fmt::format(
        "Holding {}, {} asks for {} in {}() (step {}). The declared order is the other way round, "
        "{} before {}: a task that takes them in that order can wait for this one for ever.",
        lock_words(lock_name(held)), who(), lock_words(lock_name(v_.object)), site(), v_.step,
        kObjectClasses[v_.object.cls].name, kObjectClasses[held.cls].name);
  }
  std::string sleep_in_atomic() const {
    const sched::Object held = held_object();
    const std::string inside = held == sched::Object{} ? "Inside the RCU section"
                                                       : "Holding " + lock_words(lock_name(held));
    return fmt::format(
        "{}, {} asks for {} in {}() (step {}), a lock that may sleep. A task must not sleep there: "
        "{}.",
        inside, who(), lock_name(v_.object), site(), v_.step,
        held == sched::Object{} ? "whoever waits for the end of a grace period would wait for it"
                                : "whoever spins for that lock would spin as long as it sleeps");
  }
  std::string foreign_unlock() const {
    std::string taken = "another lock";
    for (const Deed& d : deeds_) {
      if (d.act == Act::lock && d.task == v_.task)
        taken = fmt::format("{} (step {})", d.lock, d.step);
    }
    return fmt::format(
        "{} unlocks anon_vma {} in {}() (step {}), which it does not hold: it locked {}, and read "
        "the root anew to unlock. The lock that it took stays locked for ever, and whoever holds "
        "the other one is no longer alone.",
        who(), object(), site(), v_.step, taken);
  }

  // --- Migration entries -------------------------------------------------------------------------
  const Deed* last_deed(Act a, Act b, uint32_t at) const {
    for (auto d = deeds_.rbegin(); d != deeds_.rend(); ++d) {
      if ((d->act == a || d->act == b) && d->place == at) return &*d;
    }
    return nullptr;
  }
  std::string missed_pte() const {
    return fmt::format(
        "{}'s walk ends (step {}) and has missed the migration entry of page {}: {}. The migration "
        "of page {} is over for everyone else: nobody will look for this entry again, and it names "
        "a page that will be unlocked and freed.",
        who(), v_.step, object(), why_missed(), object());
  }
  std::string why_missed() const {
    const Deed* moved = last_deed(Act::move, Act::put, place_ordinal());
    const Deed* copied = last_deed(Act::set, Act::set, place_ordinal());
    const bool is_copy = copied != nullptr && copied->before == 0;
    const Deed* arrival = moved == nullptr && is_copy ? copied : moved;
    const Deed* look = last_deed(Act::look, Act::look, place_ordinal());
    const std::string since =
        arrival != nullptr ? fmt::format(" since step {}", arrival->last_step) : "";
    switch (static_cast<Manner>(v_.manner)) {
      case Manner::in_transit: {
        const bool back = entry_at(w_, place_ordinal()) != 0;
        return back ? fmt::format("it was in a register when the walk looked, and is at {}{}",
                                  place(), since)
                    : "it is in a register still, and in no page table";
      }
      case Manner::moved_behind:
        return fmt::format("it is at {}{}, and the walk looked there before that{}", place(), since,
                           look != nullptr ? fmt::format(", at step {}", look->last_step) : "");
      case Manner::not_yet_covered:
      case Manner::torn_range:
        return fmt::format("it is at {}{}; {} covers that now, but when the walk came to it, {}",
                           place(), since, vma_at(w_, place_ordinal()),
                           static_cast<Manner>(v_.manner) == Manner::torn_range
                               ? "only a part of its range had been changed"
                               : "it did not yet");
      case Manner::out_of_tree:
        return fmt::format("it is at {}{}, and {}", place(), since, why_out_of_tree());
      case Manner::not_covered: {
        const std::string change = list_change();
        return fmt::format(
            "it is at {}, and no vma that is linked to its anon_vma computes that address{}",
            place(), change.empty() ? "" : ": " + change);
      }
      default: return why_not_visited();
    }
  }
  // The vma that covers the entry's place now.
  bool is_its_vma(uint32_t vma) const {
    return vma_at(w_, place_ordinal()).starts_with(fmt::format("vma {} ", vma));
  }
  // What a deed does to a vma in the list, or tree, of the page's anon_vma; null for nothing. Of
  // several vmas it is the one that covers the entry.
  const Deed::Member* member_of(const Deed& d) const {
    const Deed::Member* member = nullptr;
    for (const Deed::Member& m : d.members) {
      if (m.of != AnonVmaRef::of(w_.pages[object()].mapping.peek()).id.value) continue;
      if (member == nullptr || is_its_vma(m.vma)) member = &m;
    }
    return member;
  }
  std::string why_out_of_tree() const {
    const Deed* out = nullptr;
    const Deed* back = nullptr;
    for (const Deed& d : deeds_) {
      const bool leaves = d.act == Act::detach;
      if ((!leaves && d.act != Act::attach) || member_of(d) == nullptr) continue;
      if (leaves) out = &d;
      back = leaves ? nullptr : &d;
    }
    if (out == nullptr) return "the vma there was out of its tree when the walk went by";
    const Deed::Member& m = *member_of(*out);
    const std::string when =
        back == nullptr ? fmt::format("since step {}", out->step)
                        : fmt::format("from step {} to step {}", out->step, back->last_step);
    return fmt::format(
        "vma {}, which covers that, {} out of the tree of anon_vma {} {}: the walk went by "
        "meanwhile",
        m.vma, back == nullptr ? "is" : "was", m.of, when);
  }
  // What became of the vma's place in the list while the walk was under way; empty if nothing.
  std::string list_change() const {
    std::string words;
    bool walks = false;
    for (const Deed& d : deeds_) {
      walks |= d.act == Act::walk && d.task == v_.task;
      const Deed::Member* m = member_of(d);
      if (!walks || m == nullptr || !is_its_vma(m->vma)) continue;
      const std::string_view what = d.act == Act::link      ? "was linked to"
                                    : d.act == Act::unlink  ? "was unlinked from"
                                    : d.act == Act::requeue ? "was moved to the end of"
                                                            : "";
      if (what.empty()) continue;
      words = fmt::format("vma {} {} anon_vma {} at step {}, when the walk was under way", m->vma,
                          what, m->of, d.last_step);
    }
    return words;
  }
  std::string why_not_visited() const {
    const std::string vma = vma_at(w_, place_ordinal());
    const std::string change = list_change();
    std::string but = change.empty() ? "but the walk was not led there" : "but " + change;
    for (const Deed& d : deeds_) {
      if (d.act == Act::look && vma.starts_with(fmt::format("vma {} ", d.vma)))
        but = fmt::format("but when the walk came to that vma, it looked at {} (step {})",
                          place_words(d.place), d.last_step);
    }
    return fmt::format("it is at {}, where {} computes its address now, {}", place(), vma, but);
  }
  std::string stale_entry() const {
    return fmt::format(
        "{} unlocks page {} in {}() (step {}) while its migration entry is still at {}. Whoever "
        "meets the entry now takes an unlocked page for one that is being migrated.",
        who(), object(), site(), v_.step, place());
  }
  std::string unlocked_entry() const {
    return fmt::format(
        "{} comes to {} in {}() (step {}) and finds a migration entry of page {}, which nobody has "
        "locked: its migration ended without removing this entry, and no later one will.",
        who(), place(), site(), v_.step, object());
  }

  // --- Entries at rest ---------------------------------------------------------------------------
  std::string unreachable(const std::string& when) const {
    const Page& page = w_.pages[object()];
    const std::string at = vma_at(w_, place_ordinal());
    std::string why;
    const auto manner = static_cast<Manner>(v_.manner);
    const std::string computed = computed_address(w_, page, place_ordinal());
    const bool wrong_index = (manner == Manner::wrong_index || manner == Manner::not_covered) &&
                             computed != fmt::format("@{}", d_.address);
    if (manner == Manner::in_transit) {
      why = "whoever took it never set it again";
    } else if (manner == Manner::anon_vma) {
      why = fmt::format("the page's mapping is {}, which was freed", mapping_words(page));
    } else if (wrong_index) {
      why = fmt::format("its index is {}, from which {} computes {}",
                        static_cast<int32_t>(page.index), at, computed);
    } else {
      why =
          fmt::format("its mapping is {}, to which {} is not linked: it holds {}",
                      mapping_words(page), at, vmas_of(w_, AnonVmaRef::of(page.mapping.peek()).id));
    }
    return fmt::format(
        "{}page {} is mapped at {}, but {}. A walk for the page never finds this entry.", when,
        object(), place(), why);
  }
  std::string mapcount() const {
    const Page& page = w_.pages[object()];
    const std::vector<std::string> places = places_of(w_, object());
    return fmt::format(
        "At rest, the mapcount of page {} is {}, but {}. Whoever asks the count whether the page "
        "is mapped gets the wrong answer for ever.",
        object(), page.mapcount.peek(),
        places.empty() ? "no entry maps it" : fmt::format("it is mapped at {}", and_list(places)));
  }
  std::string early_order() const {
    const Vma& vma = w_.vmas[object()];
    return fmt::format(
        "{} begins to move entries in {}() (step {}) to vma {} ({}), without the rmap lock, and "
        "walks visit {}. A walk that runs now can look at the new "
        "place too early and at the old one too late.",
        who(), site(), v_.step, object(), range_words(range_of(vma)), vmas_of(w_, vma.anon()));
  }
};

std::string waits_verdict(const Recording& r) {
  if (const auto retried = last_retried_entry(r)) {
    const sched::Event& e = r.trace.events()[*retried];
    return fmt::format(
        "However often {} comes to {}, it finds {}, whose migration is over, and retries in {}(): "
        "nobody is left who would remove the entry.",
        cpu_name(cpu_of_task(r.program, e.task)), place_words(e.object.ordinal), entry_words(e.a),
        function_of(e));
  }
  if (r.result.outcome.ending == sched::Ending::livelock)
    return "Even when every task gets its turn, they only retry: none of them changes what the "
           "others wait for.";
  if (r.result.outcome.is_cycle) {
    std::vector<std::string> names;
    for (const sched::Wait& wait : r.result.outcome.waits)
      names.push_back(cpu_name(cpu_of_task(r.program, wait.task)));
    if (names.size() == 1) return names[0] + " waits for itself, and can never go on.";
    names.push_back(names[0]);
    return fmt::format("That is a cycle: {}. None of them can ever go on.",
                       fmt::join(names, " waits for "));
  }
  return "Nobody is left who could release what they wait for.";
}

}  // namespace

std::string last_sentence(const Recording& r, const std::vector<Deed>& deeds) {
  if (r.result.outcome.ending != sched::Ending::violation) return waits_verdict(r);
  return Judge(r, deeds).judge();
}

}  // namespace rmap
