// SPDX-License-Identifier: Apache-2.0
#include "repro/missed_pte_story.h"

#include <fmt/format.h>

#include <algorithm>

namespace rmap {
namespace {

using sched::Event;
using sched::EventKind;

constexpr std::size_t kTextWidth = 100;

bool is_note(const Event& e, Note note) { return e.kind == static_cast<EventKind>(note); }
bool is_migration(uint64_t word) { return static_cast<PteKind>(word >> 16) == PteKind::migration; }
std::string place(uint32_t ordinal) {
  return place_name(MmId{static_cast<uint8_t>(ordinal / kWindowPages)}, ordinal % kWindowPages);
}

std::string and_list(const std::vector<std::string>& parts) {
  if (parts.empty()) return "no lock";
  std::string text = parts[0];
  for (std::size_t i = 1; i < parts.size(); i++)
    text += (i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return text;
}

// Tells the events of one walk and of the entry that it misses, in their order.
class Teller {
 public:
  explicit Teller(const Recording& r)
      : r_(r),
        events_(r.trace.events()),
        walker_(r.result.outcome.violation.task),
        page_(r.result.outcome.violation.object.ordinal),
        rows_(all_rows(r)) {}

  std::vector<std::string> tell() {
    find_walk();
    for (uint32_t i = 0; i < events_.size(); i++) {
      if (i == begin_) tell_begin();
      follow_entry(i);
      if (i > begin_ && events_[i].task == walker_) follow_walk(i);
    }
    flush_move();
    tell_end();
    return std::move(facts_);
  }

 private:
  std::string cpu(sched::TaskId task) const { return cpu_name(cpu_of_task(r_.program, task)); }

  void find_walk() {
    for (uint32_t i = 0; i < events_.size(); i++) {
      if (is_note(events_[i], Note::walk_begin) && events_[i].task == walker_) begin_ = i;
    }
  }

  void tell_begin() {
    flush_move();
    const std::vector<LockHeld> held = locks_held(r_, walker_, begin_);
    rmap_lock_ = held.empty() ? LockHeld{} : held.back();
    const std::string where = in_hand_ ? "in a register then" : "at " + place(at_) + " then";
    facts_.push_back(fmt::format(
        "{} takes the rmap lock ({}) at step {} and walks for the migration entry of page {}, "
        "which is {}.",
        cpu(walker_), rmap_lock_.name, rmap_lock_.step, page_, where));
  }

  // --- The walk ----------------------------------------------------------------------------------
  void follow_walk(uint32_t i) {
    const Event& e = events_[i];
    if (is_note(e, Note::walk_look)) {
      const bool locked = kSites[e.site] == "remove_migration_pte/read";
      flush_move();
      facts_.push_back(fmt::format(
          "The walk looks at {} of vma {} at step {}{} and finds {}.", place(e.object.ordinal), e.b,
          e.step, locked ? ", under the page-table lock," : ", without a lock,", found_words(e.a)));
    }
    if (is_note(e, Note::walk_outside)) {
      flush_move();
      facts_.push_back(fmt::format(
          "The walk passes over vma {} at step {}, as its range does not hold the page.",
          e.object.ordinal, e.step));
    }
    const bool peek = e.kind == EventKind::read && kSites[e.site] == "remove_migration_pte/peek";
    if (peek && is_migration(e.a)) {
      flush_move();
      facts_.push_back(fmt::format(
          "The walk peeks at {} at step {} and sees an entry there, but must take the page-table "
          "lock before it may change it.",
          place(e.object.ordinal), e.step));
    }
  }
  std::string found_words(uint64_t word) const {
    return word == 0                                      ? "nothing"
           : is_migration(word) && (word & 0xff) == page_ ? "the entry"
                                                          : pte_words(word);
  }

  // --- The entry ---------------------------------------------------------------------------------
  void follow_entry(uint32_t i) {
    const Event& e = events_[i];
    if (e.kind != EventKind::write || e.object.cls != kPteObject || e.b != kFieldPte) return;
    const bool carries = is_migration(e.a) && (e.a & 0xff) == page_;
    if (carries) {
      if (in_hand_ && known_) put(i);
      known_ = true;
      in_hand_ = false;
      at_ = e.object.ordinal;
    } else if (known_ && !in_hand_ && e.object.ordinal == at_) {
      in_hand_ = true;
      taken_by_ = i;
      move_pending_ = true;
    }
  }

  // The entry arrives. One sentence for taking and putting, if nothing was told in between.
  void put(uint32_t i) {
    const Event& from = events_[taken_by_];
    const Event& to = events_[i];
    if (move_pending_) {
      move_pending_ = false;
      facts_.push_back(
          fmt::format("{} moves the entry from {} to {} at steps {} and {} in {}(), {}.",
                      cpu(to.task), place(from.object.ordinal), place(to.object.ordinal), from.step,
                      to.step, function(to), locks_words(i)));
      return;
    }
    facts_.push_back(fmt::format("{} puts the entry in at {} at step {}.", cpu(to.task),
                                 place(to.object.ordinal), to.step));
  }

  // Tells that the entry was taken out of its place, before something else is told.
  void flush_move() {
    if (!move_pending_) return;
    move_pending_ = false;
    const Event& e = events_[taken_by_];
    facts_.push_back(fmt::format(
        "{} takes the entry out of {} at step {} in {}(), {}; now it is in a register, and in no "
        "page table.",
        cpu(e.task), place(e.object.ordinal), e.step, function(e), locks_words(taken_by_)));
  }

  static std::string function(const Event& e) {
    return std::string(kSites[e.site].substr(0, kSites[e.site].find('/')));
  }

  std::string locks_words(uint32_t event) const {
    std::vector<std::string> names;
    bool has_rmap_lock = false;
    for (const LockHeld& lock : locks_held(r_, events_[event].task, event)) {
      names.push_back(lock.name);
      has_rmap_lock |= lock.object.cls == kAnonVmaLock;
    }
    return "holding " + and_list(names) + (has_rmap_lock ? "" : ", but no rmap lock");
  }

  void tell_end() {
    const Event& last = events_.back();
    const std::string where = in_hand_ ? "is in a register" : "is at " + place(at_);
    facts_.push_back(fmt::format(
        "The walk ends at step {}: the entry {}, and nobody will look for it again. It still says "
        "that page {} is being migrated.",
        last.step, where, page_));
  }

  const Recording& r_;
  std::span<const Event> events_;
  sched::TaskId walker_;
  uint32_t page_;
  std::vector<Row> rows_;
  std::vector<std::string> facts_;
  uint32_t begin_ = 0;
  LockHeld rmap_lock_;
  bool known_ = false;         // The entry exists.
  bool in_hand_ = false;       // It is in a register.
  bool move_pending_ = false;  // That it was taken is not told yet.
  uint32_t at_ = 0;            // Its place, as a pte's ordinal.
  uint32_t taken_by_ = 0;      // The event that took it.
};

}  // namespace

std::vector<std::string> missed_pte_story(const Recording& r) { return Teller(r).tell(); }

std::vector<LockHeld> locks_held(const Recording& r, sched::TaskId task, uint32_t event) {
  std::vector<LockHeld> held;
  for (const Row& row : all_rows(r)) {
    if (row.event >= event) break;
    const Event& e = r.trace.events()[row.event];
    if (e.task != task || kObjectClasses[e.object.cls].rank == 0) continue;
    const bool taken = e.kind == EventKind::lock || e.kind == EventKind::lock_shared ||
                       (e.kind == EventKind::trylock && e.a != 0);
    if (taken)
      held.push_back({e.object, row.what.substr(0, row.what.find(',')), row.where, row.step});
    if (e.kind == EventKind::unlock) {
      std::erase_if(held, [&](const LockHeld& lock) { return lock.object == e.object; });
    }
  }
  return held;
}

std::string wait_name(const Recording& r, const sched::Wait& wait) {
  std::string name = object_name(wait.object);
  for (const Row& row : all_rows(r)) {
    const Event& e = r.trace.events()[row.event];
    if (e.task == wait.task && e.kind == EventKind::wait && e.object == wait.object)
      name = row.what;
  }
  return name;
}

std::string wrapped(const std::string& first, const std::string& text) {
  std::string out;
  std::string line = first;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (line.size() + (end - at) > kTextWidth && line.size() > first.size()) {
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
      line = std::string(first.size(), ' ');
    }
    line += text.substr(at, end - at) + " ";
    at = end + 1;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return out + line + "\n";
}

}  // namespace rmap
