// Finding: what an execution showed, in words that stay the same for the same bug.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/run/since.h"
#include "core/run/words.h"

namespace rmap {

// Two executions with the same signature show the same bug, as far as the tools can tell: rule,
// manner, the operations that meet, and the places in them.
struct Finding {
  std::string rule;  // A rule's name, "deadlock" or "livelock".
  std::string manner;
  std::string word;        // The manner as the signature has it; see manner_word().
  std::string operations;  // "migrate+mremap": who noticed, and who moved the entry.
  std::string sites;
  std::string signature;  // rule--manner_word--operations--sites
  std::string hash8;      // Eight hexadecimal digits of the signature's hash.
  std::string sentence;   // What happened, in plain words, with the numbers of this execution.
  // For what is noticed only later (a rule that is checked at rest, an entry that no vma covers):
  // the moment that broke it. Else nothing.
  std::optional<Moment> since;
};

// Requires: executor.run() just ended with a finding of `p`, by p's own decisions, or by those that
// are to be drawn `again`: what is noticed late is run once more, to find out since when it has
// been there.
Finding describe_finding(Executor& executor, const Program& p);
Finding describe_finding(Executor& executor, const Program& p, sched::Decisions& again);

// What a manner is called in a signature. The effects of one cause share a name: a walk finds an
// entry covered by no vma, whether it read half of a range, came too early or while the vma was out
// of its tree; and a page's anon_vma has no vma there, whether or not somebody else still keeps it
// alive.
std::string_view manner_word(Rule rule, Manner manner);

// What an operation is called there: to the kernel, reads and writes are faults, and what goes
// wrong in them is the same bug.
std::string_view operation_word(OpKind kind);

}  // namespace rmap
