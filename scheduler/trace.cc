// SPDX-License-Identifier: Apache-2.0
#include "scheduler/trace.h"

namespace sched {

std::string_view event_verb(EventKind kind) {
  switch (kind) {
    case EventKind::start: return "start";
    case EventKind::finish: return "finish";
    case EventKind::lock: return "lock";
    case EventKind::lock_shared: return "lock-r";
    case EventKind::unlock: return "unlock";
    case EventKind::wait: return "waits";
    case EventKind::trylock: return "trylock";
    case EventKind::is_locked: return "locked?";
    case EventKind::read: return "read";
    case EventKind::write: return "write";
    case EventKind::add: return "add";
    case EventKind::rcu_lock: return "rcu";
    case EventKind::rcu_unlock: return "rcu-end";
    case EventKind::rcu_wait: return "rcu-wait";
    case EventKind::notify: return "notify";
    case EventKind::relax: return "relax";
    case EventKind::choice: return "choice";
    case EventKind::stop: return "stop";
    case EventKind::note: return "note";
  }
  return "note";
}

void Trace::clear() {
  events_.clear();
  hash_ = kHashSeed;
  recorded_ = 0;
}

void Trace::record(const Event& e) {
  recorded_++;
  hash_ = mix_hash(hash_, uint64_t{e.step} << 32 | e.site_id);
  hash_ = mix_hash(hash_, uint64_t{e.task} << 40 | uint64_t{static_cast<uint8_t>(e.kind)} << 32 |
                              e.object.word());
  hash_ = mix_hash(hash_, e.a);
  hash_ = mix_hash(hash_, e.b);
  if (events_.size() < events_.capacity()) events_.push_back(e);
  if (watcher_ != nullptr) watcher_->event(e);
}

}  // namespace sched
