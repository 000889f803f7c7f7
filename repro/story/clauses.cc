// SPDX-License-Identifier: Apache-2.0
#include "repro/story/clauses.h"

#include <fmt/format.h>

#include "repro/trace/rows.h"

namespace rmap {
namespace {

std::string pmd_words(uint32_t pmd) {
  const uint32_t first = pmd % kTablesPerMm * kPtesPerTable;
  return pages_words(first, first + kPtesPerTable, pmd / kTablesPerMm);
}

// What the branches that the model names mean to somebody who has not got the source at hand.
struct Branch {
  std::string_view site;
  std::string_view clause;
};
constexpr Branch kBranches[] = {
    {"copy_vma/fresh", "makes a fresh vma for the destination"},
    {"copy_vma/merged", "has the destination merged into an existing vma"},
    {"copy_vma/self_merged", "has the destination merged into the source itself"},
    {"split_vma/split", "splits a vma"},
    {"vma_merge/imported", "gives the merged vma its neighbour's anon_vma"},
    {"vma_adjust/imported", "gives the growing vma its neighbour's anon_vma"},
    {"expand_stack/grow", "grows the stack"},
    {"move_vma/rollback", "begins to move the entries back"},
    {"move_vma/unlinked", "keeps the source's vma mapped (MREMAP_DONTUNMAP)"},
    {"move_normal_pmd/move", "moves a whole page table"},
    {"anon_vma_fork/unwind", "unwinds the child's vma"},
    {"anon_vma_fork/shared", "lets the child share the parent's anon_vma"},
    {"anon_vma_prepare/shared", "takes over a neighbour's anon_vma"},
    {"do_wp_page/reuse", "keeps the page, as nobody else has it"},
    {"do_wp_page/cow", "copies the page to one of its own"},
    {"page_lock_anon_vma/lost", "drops the last reference to the anon_vma itself"},
};

std::string branch_words(const std::string& site) {
  for (const Branch& branch : kBranches) {
    if (branch.site == site) return std::string(branch.clause);
  }
  return "";
}

}  // namespace

std::string and_list(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); i++)
    text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return text;
}

std::string entry_words(uint64_t word) {
  switch (kind_of(word)) {
    case PteKind::none: return "nothing";
    case PteKind::present: return fmt::format("the entry of page {}", page_of(word));
    case PteKind::migration: return fmt::format("the migration entry of page {}", page_of(word));
    case PteKind::zero: return "the zero page";
  }
  return "nothing";
}

std::string lock_words(const std::string& name) {
  constexpr std::string_view kPageLock = "page lock p";
  if (!name.starts_with(kPageLock)) return name;
  return fmt::format("the lock of page {}", name.substr(kPageLock.size()));
}

std::string Clauses::cpu(sched::TaskId task) const {
  const uint8_t cpu = cpu_of_task(r_.program, task);
  return cpu == 0 ? "the set-up" : cpu_name(cpu);
}

Clauses::Clauses(const Recording& r, const std::vector<Deed>& deeds) : r_(r), deeds_(deeds) {
  std::bitset<kCpusMax + 1> cpus;
  for (const Deed& d : deeds) cpus.set(cpu_of_task(r.program, d.task));
  several_tasks_ = cpus.reset(0).count() > 1;
}

std::string Clauses::of(std::size_t i) const {
  const Deed& d = deeds_[i];
  switch (d.act) {
    case Act::take:
    case Act::put:
    case Act::move:
    case Act::set:
    case Act::table: return entry_change(d);
    case Act::walk:
    case Act::look:
    case Act::pass: return look(i);
    case Act::read_range:
    case Act::index: return words_read(d);
    case Act::range: return range_change(d);
    case Act::link:
    case Act::unlink:
    case Act::requeue:
    case Act::detach:
    case Act::attach:
    case Act::insert:
    case Act::remove: return list_change(d);
    case Act::anon_vma:
    case Act::mapping:
    case Act::root: return pointer(d);
    case Act::reference: return reference(d);
    case Act::load: return fmt::format("loads {} from {}", d.after, place_words(d.place));
    case Act::store: return fmt::format("stores {} at {}", d.after, place_words(d.place));
    case Act::fault:
      return fmt::format("faults at {}, where it finds {}", place_words(d.place),
                         entry_words(d.after));
    case Act::copy:
      return d.write ? fmt::format("fills page {} with {}", d.place, d.after)
                     : fmt::format("copies page {}, which holds {}", d.place, d.after);
    case Act::lock:
    case Act::unlock:
    case Act::busy:
    case Act::wait: return lock(d);
    case Act::retry: return fmt::format("retries in {}()", d.function());
    case Act::rcu: return fmt::format("enters an RCU section in {}()", d.function());
    case Act::branch: return branch_words(d.site);
    case Act::fails: return fmt::format("runs out of memory in {}()", d.function());
  }
  return "";
}

std::string Clauses::entry_change(const Deed& d) const {
  const std::string place = place_words(d.place);
  switch (d.act) {
    case Act::take:
      if (d.function() == "zap_pte_range")
        return fmt::format("unmaps {} at {}", entry_words(d.before), place);
      return fmt::format("takes {} out of {} into a register", entry_words(d.before), place);
    case Act::put: return fmt::format("puts {} in at {}", entry_words(d.after), place);
    case Act::move:
      return fmt::format("moves {} from {} to {}", entry_words(d.before), place_words(d.from),
                         place);
    case Act::table:
      return fmt::format("moves the page table of {}, with the entries in it, to {}",
                         pmd_words(d.from), pmd_words(d.place));
    default: break;
  }
  const PteKind was = kind_of(d.before);
  const PteKind becomes = kind_of(d.after);
  if (was == PteKind::none && d.function() == "copy_one_pte")
    return fmt::format("copies {} to {}", entry_words(d.after), place);
  if (was == PteKind::none)
    return becomes == PteKind::present ? fmt::format("maps page {} at {}", page_of(d.after), place)
                                       : fmt::format("sets {} at {}", entry_words(d.after), place);
  if (was == becomes && page_of(d.before) == page_of(d.after))
    return fmt::format("makes {} at {} {}", entry_words(d.before), place,
                       (d.after >> 8 & 1) != 0 ? "writable" : "read-only");
  if (becomes == PteKind::migration)
    return fmt::format("replaces {} at {} by a migration entry", entry_words(d.before), place);
  if (was == PteKind::migration)
    return fmt::format("turns {} at {} into one that maps page {}", entry_words(d.before), place,
                       page_of(d.after));
  return fmt::format("replaces {} at {} by {}", entry_words(d.before), place, entry_words(d.after));
}

std::string Clauses::pointer(const Deed& d) const {
  const uint32_t anon_vma = static_cast<uint32_t>(d.after & 0xff);
  const std::string name =
      anon_vma == 0 ? std::string("NULL") : fmt::format("anon_vma {}", anon_vma - 1);
  if (d.act == Act::anon_vma && !d.write)
    return fmt::format("finds that the anon_vma of vma {} is {}", d.vma, name);
  if (d.act == Act::mapping && !d.write)
    return fmt::format("finds that the mapping of page {} is {}", d.place, name);
  if (d.site == "anon_vma_clone/reuse")
    return fmt::format("lets the child's vma {} reuse {}", d.vma, name);
  if (d.act == Act::anon_vma)
    return anon_vma == 0 ? fmt::format("clears the anon_vma of vma {}", d.vma)
                         : fmt::format("sets the anon_vma of vma {} to {}", d.vma, name);
  if (d.act == Act::mapping)
    return anon_vma == 0 ? fmt::format("clears the mapping of page {}", d.place)
                         : fmt::format("sets the mapping of page {} to {}", d.place, name);
  return d.write ? fmt::format("sets the root of anon_vma {} to {}", d.place, name)
                 : fmt::format("reads that the root of anon_vma {} is {}", d.place, name);
}

std::string Clauses::reference(const Deed& d) const {
  const bool page = d.object.cls == kPageObject;
  const std::string object = fmt::format("{} {}", page ? "page" : "anon_vma", d.place);
  const std::string count = d.field == kFieldMapcount ? "mapcount" : "refcount";
  const std::string_view what = d.site;
  const bool drops = what.ends_with("/put") || what.ends_with("/put_anon_vma") ||
                     what.ends_with("/unpin") || what.ends_with("/putback") ||
                     what.ends_with("/putback_new") || what.ends_with("/release");
  if (d.field == kFieldRefcount || d.field == kFieldAnonRefcount) {
    if (drops && d.after == 0) return fmt::format("drops the last reference to {}", object);
    if (drops) return fmt::format("drops a reference to {} ({} left)", object, d.after);
    if (what.ends_with("/get"))
      return fmt::format("takes a reference to {} ({} now)", object, d.after);
    if (what.ends_with("/alloc")) return fmt::format("allocates {}", object);
  }
  return fmt::format("makes the {} of {} {}", count, object, d.after);
}

std::string Clauses::lock(const Deed& d) const {
  const std::string holder = d.holder == sched::kNoTask ? "which nobody holds"
                             : d.holder == d.task       ? "which it holds itself"
                                                        : "which " + cpu(d.holder) + " holds";
  const std::string name = lock_words(d.lock);
  switch (d.act) {
    case Act::lock: return fmt::format("takes {}", name);
    case Act::unlock: return fmt::format("releases {}", name);
    case Act::busy: return fmt::format("fails to take {}, {}", name, holder);
    default: return fmt::format("waits in {}() for {}, {}", d.function(), name, holder);
  }
}

std::string Clauses::locks(const Deed& d) const {
  const bool entry =
      d.act == Act::take || d.act == Act::put || d.act == Act::move || d.act == Act::table;
  const bool vma = d.act == Act::range || d.act == Act::detach;
  if ((!entry && !vma) || !several_tasks_) return "";
  std::vector<std::string> names;
  std::vector<std::string> ptls;
  bool has_rmap_lock = false;
  for (const LockHeld& lock : d.held) {
    if (lock.object.cls == kPtl) ptls.push_back(lock.name);
    has_rmap_lock |= is_rmap_lock(lock.object);
    if (is_rmap_lock(lock.object) || (vma && lock.object.cls == kMmapSem))
      names.push_back(lock.name + (lock.shared ? " for read" : ""));
  }
  if (entry && ptls.size() == 2)
    names.push_back(fmt::format("both page-table locks ({})", and_list(ptls)));
  if (entry && ptls.size() == 1) names.push_back(ptls[0]);
  std::string text = names.empty() ? "" : "holding " + and_list(names);
  if (has_rmap_lock) return text;
  const std::string without = text.empty() ? "without " : text + ", but not ";
  if (d.rmap_holder != sched::kNoTask)
    return fmt::format("{}{}, which {} holds", without, d.rmap_lock, cpu(d.rmap_holder));
  return text.empty() ? "" : text + ", but no rmap lock";
}

}  // namespace rmap
