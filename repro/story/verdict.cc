// SPDX-License-Identifier: Apache-2.0
#include "repro/story/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "repro/rows.h"
#include "repro/story/clauses.h"
#include "repro/story/state.h"

namespace rmap {
namespace {

class Judge {
 public:
  Judge(const Recording& r, const std::vector<Deed>& deeds)
      : r_(r), deeds_(deeds), w_(*r.end), v_(r.result.outcome.violation), d_(unpack_detail(v_)) {}

  std::string judge() const {
    switch (static_cast<Rule>(v_.rule)) {
      case Rule::none: break;
      case Rule::lock_order: return lock_order();
      case Rule::sleep_in_atomic: return sleep_in_atomic();
      case Rule::missed_pte: return missed_pte();
      case Rule::stale_entry: return stale_entry();
      case Rule::unlocked_entry: return unlocked_entry();
      case Rule::self_merge: return self_merge();
      case Rule::outside_vma: return outside_vma();
      case Rule::mapcount: return mapcount();
      case Rule::unreachable: return unreachable("At rest, ");
      case Rule::use_after_free: return use_after_free();
      case Rule::wrong_data:
      case Rule::lost_data: return data();
      case Rule::leak: return leak();
      case Rule::anon_vma_count: return anon_vma_count();
      case Rule::foreign_unlock: return foreign_unlock();
      case Rule::chain_order: return chain_order();
      case Rule::chain_mismatch: return chain_mismatch();
      case Rule::unfaulted_pgoff: return unfaulted_pgoff();
      case Rule::early_unreachable:
        return unreachable(fmt::format("When {} leaves {}() at step {}, ", who(), site(), v_.step));
      case Rule::early_order: return early_order();
    }
    return "";
  }

 private:
  std::string who() const {
    const uint8_t cpu = cpu_of_task(r_.program, v_.task);
    return cpu == 0 ? "the set-up" : cpu_name(cpu);
  }
  std::string site() const {
    return std::string(kSites[v_.site.index].substr(0, kSites[v_.site.index].find('/')));
  }
  std::string place() const { return place_name(d_.mm, d_.address); }
  uint32_t place_ordinal() const { return d_.mm.value * kWindowPages + d_.address; }
  uint32_t object() const { return v_.object.ordinal; }

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
        return fmt::format(
            "it is at {}{}, and the walk looked there {}", place(), since,
            look != nullptr ? fmt::format("at step {}, before", look->step) : "before");
      case Manner::not_yet_covered:
        return fmt::format(
            "it is at {}{}; {} covers that now, but when the walk came to it, it "
            "did not yet",
            place(), since, vma_at(w_, place_ordinal()));
      case Manner::not_covered:
        return fmt::format(
            "it is at {}, and no vma that is linked to its anon_vma computes that "
            "address",
            place());
      default: return why_not_visited();
    }
  }
  std::string why_not_visited() const {
    const std::string vma = vma_at(w_, place_ordinal());
    std::string but = "but the walk was not led there";
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
    switch (static_cast<Manner>(v_.manner)) {
      case Manner::in_transit: why = "whoever took it never set it again"; break;
      case Manner::anon_vma:
        why = fmt::format("the page's mapping is {}, which was freed", mapping_words(page));
        break;
      case Manner::wrong_index:
      case Manner::not_covered:
        why = fmt::format("its index is {}, from which {} computes {}",
                          static_cast<int32_t>(page.index), at,
                          computed_address(w_, page, place_ordinal()));
        break;
      default:
        why = fmt::format("its mapping is {}, to which {} is not linked: {}", mapping_words(page),
                          at, vmas_of(w_, AnonVmaRef::of(page.mapping.peek()).id));
        break;
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
        "walks visit that vma before the source: {}. A walk that runs now can look at the new "
        "place too early and at the old one too late.",
        who(), site(), v_.step, object(), range_words(range_of(vma)), vmas_of(w_, vma.anon()));
  }

  // --- Objects -----------------------------------------------------------------------------------
  std::string use_after_free() const {
    const auto manner = static_cast<Manner>(v_.manner);
    if (manner == Manner::page &&
        w_.pages[object()].mapcount.peek() + w_.pages[object()].refcount.peek() != 0 &&
        !places_of(w_, object()).empty()) {
      return fmt::format(
          "{} frees page {} in {}() (step {}) while {} maps it. The next owner of "
          "the frame shares it with that mapping.",
          who(), object(), site(), v_.step, and_list(places_of(w_, object())));
    }
    if (manner == Manner::page)
      return fmt::format("{} comes to page {} in {}() (step {}), which is free{}.", who(), object(),
                         site(), v_.step, mapped_words());
    if (manner == Manner::table)
      return fmt::format(
          "{} comes to a page table in {}() (step {}) that was freed since it was found.", who(),
          site(), v_.step);
    if (manner == Manner::vma)
      return fmt::format(
          "{} is led to vma {} in {}() (step {}) by an element that still stands in the list of an "
          "anon_vma, but that vma was freed. Its memory may be anything by now.",
          who(), object(), site(), v_.step);
    return fmt::format("{} follows a pointer to anon_vma {} in {}() (step {}), which {}{}", who(),
                       object(), site(), v_.step, freed_words(), pointers_words());
  }
  std::string mapped_words() const {
    const std::vector<std::string> places = places_of(w_, object());
    return places.empty() ? "" : " and mapped at " + and_list(places);
  }
  // When its last reference went, or its last vma.
  std::string freed_words() const {
    const Deed* free = nullptr;
    for (const Deed& d : deeds_) {
      const bool last_reference = d.act == Act::reference && d.object.ordinal == object() &&
                                  d.after == 0 && !d.site.ends_with("/alloc");
      const bool unlinked = d.act == Act::link && d.function() == "unlink_anon_vmas" &&
                            r_.end->kernel.anon_refs != AnonRefs::counted;
      if ((last_reference || unlinked) && d.event < r_.trace.events().size()) free = &d;
    }
    const bool again = w_.anon_vmas[object()].allocated;
    std::string text = "had been freed by then";
    if (free != nullptr) {
      const uint8_t cpu = cpu_of_task(r_.program, free->task);
      text =
          fmt::format("was freed by {} in {}() (step {})", cpu == 0 ? "the set-up" : cpu_name(cpu),
                      free->function(), free->last_step);
    }
    return text + (again ? "; its memory is another anon_vma by now." : ".");
  }
  std::string pointers_words() const {
    std::vector<std::string> names;
    for (uint32_t i = 0; i < kVmasMax; i++) {
      const Vma& vma = w_.vmas[i];
      if (vma.allocated && is_stale(vma.anon_ref()))
        names.push_back(fmt::format("vma {} ({})", i, range_words(range_of(vma))));
    }
    for (uint32_t i = 0; i < kFramesMax; i++) {
      const Page& page = w_.pages[i];
      if (page.allocated && is_stale(AnonVmaRef::of(page.mapping.peek())))
        names.push_back(fmt::format("page {}", i));
    }
    return names.empty() ? ""
                         : fmt::format(" The freed one is still named by {}.", and_list(names));
  }
  bool is_stale(AnonVmaRef ref) const {
    if (!ref.valid() || ref.id.value != object()) return false;
    const AnonVma& a = w_.anon_vmas[ref.id.value];
    return !a.allocated || a.life != ref.life;
  }
  std::string leak() const {
    switch (static_cast<Manner>(v_.manner)) {
      case Manner::page:
        return fmt::format(
            "At rest, page {} has a refcount of {}, but {}: somebody took a reference and never "
            "gave it back, so that the page can never be freed.",
            object(), w_.pages[object()].refcount.peek(),
            places_of(w_, object()).empty()
                ? std::string("no entry maps it")
                : fmt::format("only {} maps it", and_list(places_of(w_, object()))));
      case Manner::anon_vma:
        return fmt::format(
            "At rest, anon_vma {} has a refcount of {}, and {}: the references do not add up, so "
            "that it will be freed never, or too early.",
            object(), w_.anon_vmas[object()].refcount.peek(),
            vmas_of(w_, AnonVmaId{static_cast<uint8_t>(object())}));
      case Manner::chain:
        return "At rest, an anon_vma_chain element is in no vma's chain: nobody can free it any "
               "more.";
      case Manner::vma:
        return "At rest, an allocated vma is in no mm: nobody can free it any more.";
      default: return "At rest, an allocated page table is in no pmd: nobody can free it any more.";
    }
  }
  std::string anon_vma_count() const {
    return fmt::format(
        "{} lets go of anon_vma {} in {}() (step {}), but its counts say that somebody has it: {}. "
        "Somewhere a count was changed without its counterpart, and nothing will correct it.",
        who(), object(), site(), v_.step, counts_of(w_, w_.anon_vmas[object()]));
  }

  // --- Vmas --------------------------------------------------------------------------------------
  std::string self_merge() const {
    return fmt::format(
        "{} has merged the destination into the source in {}() (step {}), which is now vma {} "
        "({}), although its pages were faulted in: their entries move within one vma, and a walk "
        "visits it once, so that it can look at the new place too early.",
        who(), site(), v_.step, object(), range_words(range_of(w_.vmas[object()])));
  }
  std::string outside_vma() const {
    return fmt::format(
        "The interval tree leads {}'s walk to vma {} (step {}), which is {}, {}. The tree was not "
        "told of the range that the vma has now, so that walks come to it in vain, and not where "
        "they should.",
        who(), object(), v_.step, range_words(range_of(w_.vmas[object()])),
        keys_of(w_, VmaId{static_cast<uint8_t>(object())}));
  }
  std::string chain_order() const {
    const VmaId id{static_cast<uint8_t>(object())};
    return fmt::format(
        "At rest, the chain of {} is {}, newest first: its last element should be the root. "
        "Whoever "
        "takes the last for the oldest gives pages an anon_vma that not all their vmas have.",
        vma_words(w_, id), chain_of(w_, w_.vmas[object()]));
  }
  std::string chain_mismatch() const {
    const VmaId id{static_cast<uint8_t>(object())};
    const Vma& vma = w_.vmas[object()];
    std::string other = "another vma has the same anon_vma";
    for (uint32_t i = 0; i < kVmasMax; i++) {
      const Vma& candidate = w_.vmas[i];
      if (!candidate.allocated || i == object() || !(candidate.anon() == vma.anon())) continue;
      if (chain_of(w_, candidate) == chain_of(w_, vma)) continue;
      other = fmt::format("{} has the same anon_vma and the chain {}",
                          vma_words(w_, VmaId{static_cast<uint8_t>(i)}), chain_of(w_, candidate));
      break;
    }
    return fmt::format(
        "At rest, the chain of {} is {}, newest first, and {}. A merge of two such vmas keeps one "
        "chain, and drops links that pages of the other need.",
        vma_words(w_, id), chain_of(w_, vma), other);
  }
  std::string unfaulted_pgoff() const {
    const Vma& vma = w_.vmas[object()];
    return fmt::format(
        "At rest, {} has no anon_vma and the pgoff {}, not {}. Nothing will correct it: pages that "
        "are faulted in there get indexes that belong to other addresses.",
        vma_words(w_, VmaId{static_cast<uint8_t>(object())}),
        static_cast<int32_t>(vma.vm_pgoff.peek()), vma.vm_start.peek());
  }

  // --- Data --------------------------------------------------------------------------------------
  std::string data() const {
    const Deed* load = nullptr;
    const Deed* store = nullptr;
    for (const Deed& d : deeds_) {
      if (d.act == Act::load && d.task == v_.task) load = &d;
      if (d.act == Act::store) store = &d;
    }
    const uint64_t entry = entry_at(w_, object());
    const std::string got = load != nullptr ? fmt::format("{}", load->after) : "something else";
    const std::string last = store != nullptr
                                 ? fmt::format("the last store was {} by {} (step {})",
                                               store->after, name_of(*store), store->step)
                                 : "that is not what was last stored there";
    return fmt::format("{} reads {} at {} (step {}), from {}; {}. What was stored is lost.", who(),
                       got, place_words(object()), v_.step,
                       entry == 0 ? std::string("no page") : "where " + entry_words(entry) + " is",
                       last);
  }
  std::string name_of(const Deed& d) const {
    const uint8_t cpu = cpu_of_task(r_.program, d.task);
    return cpu == 0 ? "the set-up" : cpu_name(cpu);
  }

  const Recording& r_;
  const std::vector<Deed>& deeds_;
  const World& w_;
  const sched::Violation& v_;
  const FindingDetail d_;
};

std::string waits_verdict(const Recording& r) {
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

std::string verdict_of(const Recording& r, const std::vector<Deed>& deeds) {
  if (r.result.outcome.ending != sched::Ending::violation) return waits_verdict(r);
  return Judge(r, deeds).judge();
}

}  // namespace rmap
