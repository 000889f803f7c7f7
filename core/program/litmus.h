// Litmus: the text form of a program, with what is expected of it under each kernel.
//
//   litmus   mremap-merge+migrate
//   entry    Z04 948f017b093a merged destination is visited before its source
//   setup    mmap @0 +2; write @0 +2; mremap @1 +1 @8
//   cpu1     mremap @8 +1 @1
//   cpu2     migrate @8
//   failures 1                                  how many allocations may fail (default 0)
//   expect   v3.0 missed_pte sometimes 114/1532 @2; v3.3 never 0/40211 @3
//   reach    v3.3 copy_vma/merged               sites that the schedules of that kernel must reach
//   schedule v3.0 start cpu2; preempt cpu2 rmap_walk/anon_vma 1 cpu1
//   schedule v3.0 next cpu1 exit/mmap_sem 2 cpu2; data cpu1 anon_vma_clone/alloc 2 1
//   finding  v3.0 missed_pte--moved_behind--migrate+mremap--rmap_walk/walk+move_vma/move
//   trace    v3.0 model 2 0123456789abcdef      the hash, and by which model version
//   witness  v3.0 00 00 01 00 00 01             decisions that show it, under that kernel
//   decisions 00 01                             an input's bytes, with lines strategy and tail
//
// An entry names the historical race that the file is about: its number in the zoo, the commit that
// fixed it (or -), and what was wrong. `mm0` where no mm is named; '#' starts a comment line.
// Counts are over all schedules with at most N preemptions (@N), or over all (complete); tools
// write them, people write verdicts. A never of which nothing can be seen (vacuity.h) is none;
// where that is meant, it is written `never vacuous`. Reads and writes round-trip with the bytes.
//
// A schedule is a sched::Plan in words: only the choices that are not the simplest, each with the
// place where it is made, and everywhere else the simplest goes. It outlives changes of the model
// that make a witness mean something else (`rmapfuzz rebase`).
//
//   start CPU                   CPU runs first
//   preempt CPU SITE N CPU2     when CPU comes to SITE for the N-th time, CPU2 runs on instead
//   next CPU SITE N CPU2        CPU waits, retries or has ended after SITE; CPU2 is the next one
//   data CPU SITE N VALUE       a choice that is not about cpus: an allocation that fails
//
// N counts, from 1, the choices of that kind that the cpu has there. CPU is cpu1 to cpu4, or setup;
// SITE is - where nothing has happened yet. Further lines of the same kernel go on with its
// schedule, so that none need be long.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/oracle_rules.h"
#include "core/program/program.h"
#include "scheduler/plan.h"

namespace rmap {

enum class Verdict : uint8_t { never, sometimes, always };
inline constexpr Verdict kVerdicts[] = {Verdict::never, Verdict::sometimes, Verdict::always};
std::string_view verdict_name(Verdict v);

struct Expectation {
  std::string kernel;
  Rule rule = Rule::none;  // none: any proof rule, deadlocks included
  Verdict verdict = Verdict::never;
  bool vacuous = false;  // A never that says nothing, and is meant so.
  bool counted = false;  // The counts below are given.
  uint64_t failing = 0;
  uint64_t total = 0;
  uint32_t preemptions = 0;
  bool complete = false;  // Over all schedules, not only those with at most `preemptions`.
  uint32_t line = 0;      // Where it stands in the text.
};

struct Reach {
  std::string kernel;
  std::vector<std::string> sites;
  uint32_t line = 0;
};

struct Witness {
  std::string kernel;
  std::vector<uint8_t> decisions;
  uint32_t line = 0;
};

struct Schedule {
  std::string kernel;
  sched::Plan plan;             // Tasks are those of the program (Tasks in program.h).
  std::vector<uint32_t> lines;  // Where it stands; print_litmus() breaks it anew.
};

struct KeptFinding {
  std::string kernel;
  std::string signature;  // As core/run/finding.h has it; it begins with the rule.
  uint32_t line = 0;

  std::string_view rule() const {
    return std::string_view(signature).substr(0, signature.find("--"));
  }
};

struct KeptTrace {
  std::string kernel;
  uint32_t model = 0;  // kModelVersion of the program that wrote it.
  uint64_t hash = 0;
  uint32_t line = 0;
};

struct Entry {
  std::string number;  // "Z04"
  std::string commit;  // Empty if none fixed it.
  std::string description;
};

struct Litmus {
  std::string name;
  Program program;
  std::vector<Expectation> expectations;
  std::vector<Reach> reaches;
  std::vector<Witness> witnesses;
  std::vector<Entry> entries = {};
  std::vector<Schedule> schedules = {};
  std::vector<KeptFinding> findings = {};
  std::vector<KeptTrace> traces = {};
};

// Where a text is wrong, and what would be right. `line` and `column` count from 1.
struct ParseError {
  uint32_t line = 0;
  uint32_t column = 0;
  std::string message;
};

// Exactly one of the two results is set.
struct LitmusResult {
  std::optional<Litmus> litmus;
  ParseError error;
};
LitmusResult parse_litmus(std::string_view text);

// How an operation is written: "mmap [mmN] @ADDRESS +LENGTH [ro|growsdown]".
std::string litmus_usage(const OpInfo& info);

// The canonical text. parse_litmus(print_litmus(l)) has the same entries, program, expectations,
// reaches, schedules, findings, traces and witnesses.
std::string print_litmus(const Litmus& litmus);
// "mremap mm1 @8 +1 @1"
std::string print_op(const Op& op);
std::string print_expectation(const Expectation& e);

// `text` with its expect lines rewritten from `litmus` (same lines, new counts); all else
// untouched.
std::string update_expectations(std::string_view text, const Litmus& litmus);
// `text` with the schedule, finding, trace and witness of `kernel`, as it is written there,
// rewritten from `litmus`. Those without a line of their own are appended; all else is untouched.
std::string update_kept(std::string_view text, const Litmus& litmus, std::string_view kernel);

}  // namespace rmap
