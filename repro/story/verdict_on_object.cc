// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "repro/story/case.h"
#include "repro/story/clauses.h"
#include "repro/story/state.h"
#include "repro/trace/rows.h"

namespace rmap {
namespace {

class ObjectJudge : Case {
 public:
  using Case::Case;

  std::string judge() const {
    switch (static_cast<Rule>(v_.rule)) {
      case Rule::self_merge: return self_merge();
      case Rule::outside_vma: return outside_vma();
      case Rule::use_after_free: return use_after_free();
      case Rule::wrong_data:
      case Rule::lost_data: return data();
      case Rule::leak: return leak();
      case Rule::anon_vma_count: return anon_vma_count();
      case Rule::list_race: return list_race();
      case Rule::chain_order: return chain_order();
      case Rule::chain_mismatch: return chain_mismatch();
      case Rule::unfaulted_pgoff: return unfaulted_pgoff();
      default: return "";
    }
  }

 private:
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
    if (v_.object.cls == kPmdObject && site() == "map_pte")
      return fmt::format(
          "{} reads {} once more in {}() (step {}), and the page table that it saw there has been "
          "moved away. What it takes for an entry is in the frame at physical address 0.",
          who(), object_name(v_.object), site(), v_.step);
    if (manner == Manner::table)
      return fmt::format(
          "{} comes to a page table (step {}) that free_pgtables() gave away, and that is in use: "
          "an "
          "entry is in it, or about to be set.",
          who(), v_.step);
    if (manner == Manner::vma)
      return fmt::format(
          "{} is led to vma {} in {}() (step {}) by an element that still stands in the list of an "
          "anon_vma, but that vma was freed. Its memory may be anything by now.",
          who(), object(), site(), v_.step);
    return fmt::format("{} follows a pointer to anon_vma {} in {}() (step {}), which {}{}", who(),
                       object(), site(), v_.step, freed_words(), pointers_words());
  }
  std::string list_race() const {
    std::string list = fmt::format("the list of anon_vma {}", object());
    if (v_.object.cls == kVmaObject) list = fmt::format("the chain of vma {}", object());
    if (v_.object.cls == kMmapSem) list = "the list of vmas of " + object_name(v_.object);
    return fmt::format(
        "{} comes to {} in {}() (step {}) while another task is at it without its lock, and one of "
        "them changes it. What it is afterwards, nobody can say.",
        who(), list, site(), v_.step);
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
      const bool unlinked = d.act == Act::unlink && d.members.back().of == object() &&
                            r_.end->kernel.anon_refs != AnonRefs::counted;
      if ((last_reference || unlinked) && d.event < r_.trace.events().size()) free = &d;
    }
    const bool again = w_.anon_vmas[object()].allocated;
    std::string text = "had been freed by then";
    if (free != nullptr) {
      text = fmt::format("was freed by {} in {}() (step {})", name_of(free->task), free->function(),
                         free->last_step);
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
            "At rest, anon_vma {} has a refcount of {} and holds {}: the references do not add up, "
            "so "
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
        "The interval tree leads {}'s walk to vma {} (step {}), which held the page when the tree "
        "looked; now it is {}. Its range changes under the walk, which holds the anon_vma lock.",
        who(), object(), v_.step, range_words(range_of(w_.vmas[object()])));
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
                                               store->after, name_of(store->task), store->step)
                                 : "that is not what was last stored there";
    return fmt::format("{} reads {} at {} (step {}), from {}; {}. What was stored is lost.", who(),
                       got, place_words(object()), v_.step,
                       entry == 0 ? std::string("no page") : "where " + entry_words(entry) + " is",
                       last);
  }
};

}  // namespace

std::string Case::name_of(sched::TaskId task) const {
  const uint8_t cpu = cpu_of_task(r_.program, task);
  return cpu == 0 ? "the set-up" : cpu_name(cpu);
}

std::string verdict_on_object(const Recording& r, const std::vector<Deed>& deeds) {
  return ObjectJudge(r, deeds).judge();
}

}  // namespace rmap
