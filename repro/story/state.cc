// SPDX-License-Identifier: Apache-2.0
#include "repro/story/state.h"

#include <fmt/format.h>

#include "core/run/finding.h"
#include "repro/story/clauses.h"
#include "repro/trace/shadow.h"

namespace rmap {
namespace {

VmaId vma_of_place(const World& w, uint32_t place) {
  const PageNr address = place % kWindowPages;
  if (place >= kMmsMax * kWindowPages) return {};
  for (VmaId id : w.mms[place / kWindowPages].vmas) {
    const Vma& vma = w.vmas[id.value];
    if (address >= vma.vm_start.peek() && address < vma.vm_end.peek()) return id;
  }
  return {};
}

}  // namespace

uint64_t entry_at(const World& w, uint32_t place) {
  if (place >= kMmsMax * kWindowPages) return 0;
  const PageNr address = place % kWindowPages;
  const uint8_t table = w.mms[place / kWindowPages].pmd[address / kPtesPerTable].peek();
  return table == 0 ? 0 : w.tables[table - 1].pte[address % kPtesPerTable].word();
}

std::vector<std::string> places_of(const World& w, uint32_t page) {
  std::vector<std::string> places;
  for (uint32_t place = 0; place < kMmsMax * kWindowPages; place++) {
    const uint64_t word = entry_at(w, place);
    const bool names_page =
        kind_of(word) == PteKind::present || kind_of(word) == PteKind::migration;
    if (names_page && page_of(word) == page) places.push_back(place_words(place));
  }
  return places;
}

std::string vma_words(const World& w, VmaId id) {
  const Vma& vma = w.vmas[id.value];
  const VmaRange range = range_of(vma);
  return fmt::format("vma {} {} pgoff {}", id.value,
                     pages_words(range.start, range.end, vma.mm.value),
                     static_cast<int32_t>(range.pgoff));
}

std::string vma_at(const World& w, uint32_t place) {
  const VmaId id = vma_of_place(w, place);
  return id.valid() ? vma_words(w, id) : "no vma";
}

std::string computed_address(const World& w, const Page& page, uint32_t place) {
  const VmaId id = vma_of_place(w, place);
  if (!id.valid()) return "nothing";
  const VmaRange range = range_of(w.vmas[id.value]);
  return fmt::format("@{}", static_cast<int32_t>(range.start + (page.index - range.pgoff)));
}

std::string mapping_words(const Page& page) {
  const AnonVmaRef ref = AnonVmaRef::of(page.mapping.peek());
  return ref.valid() ? fmt::format("anon_vma {}", ref.id.value) : "NULL";
}

std::string vmas_of(const World& w, AnonVmaId id) {
  if (!id.valid() || !w.anon_vmas[id.value].allocated) return "no vma";
  std::vector<std::string> vmas;
  for (AvcId avc = w.anon_vmas[id.value].head; avc.valid() && vmas.size() < kVmasMax;
       avc = w.avcs[avc.value].next) {
    vmas.push_back(vma_words(w, w.avcs[avc.value].vma));
  }
  if (vmas.empty()) return "no vma";
  return fmt::format("{}{}", and_list(vmas), vmas.size() > 1 ? ", in this order" : "");
}

std::string chain_of(const World& w, const Vma& vma) {
  std::vector<std::string> elements;
  for (AvcId avc = vma.chain_head; avc.valid() && elements.size() < kAvcsMax;
       avc = w.avcs[avc.value].next_in_vma) {
    const AnonVmaId id = w.avcs[avc.value].anon_vma.id;
    const AnonVma& a = w.anon_vmas[id.value];
    const bool is_root = a.root_id() == id;
    elements.push_back(fmt::format("anon_vma {}{}", id.value, is_root ? " (a root)" : ""));
  }
  return elements.empty() ? "empty" : fmt::format("{}", fmt::join(elements, ", "));
}

std::string counts_of(const World& w, const AnonVma& a) {
  if (w.kernel.reuse == Reuse::degree)
    return fmt::format("its degree is {}", static_cast<int8_t>(a.degree));
  return fmt::format("children {}, active vmas {}", static_cast<int8_t>(a.num_children),
                     static_cast<int8_t>(a.num_active_vmas));
}

}  // namespace rmap
