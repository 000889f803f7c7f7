// The model's words: its sites, classes of objects and fields, and the events of its own.
//
// A site that is used but not listed in sites.h does not compile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

#include "core/model/sites.h"
#include "scheduler/access.h"
#include "scheduler/trace.h"
#include "scheduler/vocabulary.h"

namespace rmap {

// "move_ptes/anon_vma"_site is the number of that name in kSites.
consteval sched::Site operator""_site(const char* name, std::size_t length) {
  for (uint16_t i = 0; i < std::size(kSites); i++) {
    if (kSites[i] == std::string_view(name, length)) return sched::Site{i};
  }
  throw "this site is not listed in core/model/sites.h";
}

// The site of that name, or nothing. kSites is sorted.
constexpr std::optional<sched::Site> site_named(std::string_view name) {
  const auto at = std::lower_bound(std::begin(kSites), std::end(kSites), name);
  if (name.empty() || at == std::end(kSites) || *at != name) return std::nullopt;
  return sched::Site{static_cast<uint16_t>(at - std::begin(kSites))};
}

// Classes of objects. Locks have a rank: the declared lock order of mm/rmap.c, outer to inner.
enum ObjectClassId : uint8_t {
  kNoObject,
  kMmapSem,
  kPageLockClass,
  kAnonVmaLock,
  kPageTableLock,
  kPtl,
  kPteObject,  // ordinal: mm * kWindowPages + address
  kPmdObject,  // ordinal: mm * kTablesPerMm + index
  kVmaObject,
  kPageObject,
  kAnonVmaObject,
  kRcuObject,
  kAnonVmaSpinLock,
};

inline constexpr sched::ObjectClass kObjectClasses[] = {
    {"", 0, false, false},
    {"mmap_sem", 1, true, false},
    {"page_lock", 2, true, true},  // trylock_page()
    {"anon_vma", 3, true, true},   // since 3.0; mutex_trylock() in page_lock_anon_vma()
    {"page_table_lock", 4, false, false},
    {"ptl", 5, false, false},
    {"pte", 0, false, false},
    {"pmd", 0, false, false},
    {"vma", 0, false, false},
    {"page", 0, false, false},
    {"anon_vma", 0, false, false},
    {"rcu", 0, false, false},
    {"anon_vma", 3, false, false},  // before 3.0
};

// Field classes: what the access table decides about.
enum FieldId : uint8_t {
  kFieldPte,
  kFieldPmd,
  kFieldVmStart,
  kFieldVmEnd,
  kFieldVmPgoff,
  kFieldAnonVma,
  kFieldMapping,
  kFieldMapcount,
  kFieldRefcount,
  kFieldContents,
  kFieldAnonRefcount,
  kFieldAnonRoot,
  // The range words of vmas that grow down: their writers do not hold mmap_sem for write. No vma
  // ever becomes one.
  kFieldStackStart,
  kFieldStackEnd,
  kFieldStackPgoff,
};
inline constexpr std::string_view kFields[] = {"pte",
                                               "pmd",
                                               "vm_start",
                                               "vm_end",
                                               "vm_pgoff",
                                               "vma.anon_vma",
                                               "mapping",
                                               "mapcount",
                                               "refcount",
                                               "contents",
                                               "anon_vma.refcount",
                                               "anon_vma.root",
                                               "stack.vm_start",
                                               "stack.vm_end",
                                               "stack.vm_pgoff"};
static_assert(std::size(kFields) <= sched::kFieldsMax);
constexpr sched::Field field(FieldId id, uint8_t variant = 0) {
  return sched::Field{static_cast<uint8_t>(id + variant)};
}
inline constexpr uint8_t kGrowsDownVariant = kFieldStackStart - kFieldVmStart;

// Events of the model, from sched::EventKind::note on.
enum class Note : uint8_t {
  op_begin = static_cast<uint8_t>(sched::EventKind::note),  // a: index of the operation
  op_end,                                                   // a: its errno, 0 for success
  walk_begin,    // object: the page; a: the tokens that it must see
  walk_look,     // object: the pte; a: the entry found, b: the vma visited
  walk_outside,  // object: the vma, which does not cover the page; a: the address computed
  walk_end,      // object: the page; a: the tokens that it missed
  cover,         // a branch worth naming was taken
  // A vma came into a list or left it, right after that; object: the vma.
  link,     // a: the anon_vma that it is linked to
  unlink,   // a: the anon_vma
  requeue,  // a: the anon_vma in whose list it is the last now
  insert,   // a: the mm
  remove,   // a: the mm
  // A vma leaves an interval tree while its range changes, and comes back; in between, no walk can
  // find it.
  detach,  // a: the anon_vma
  attach,  // a: the anon_vma
};
inline constexpr std::string_view kNoteVerbs[] = {
    "begin", "end",    "walk",    "look",   "outside", "walk-end", "branch",
    "link",  "unlink", "requeue", "insert", "remove",  "detach",   "attach"};

static_assert(std::size(kObjectClasses) <= 16, "sched::SiteUse has a bit for each");

inline constexpr sched::Vocabulary kVocabulary{kSites, kObjectClasses, kFields, kNoteVerbs};

}  // namespace rmap
