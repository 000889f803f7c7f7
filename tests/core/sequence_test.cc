// Long random sequences of operations by one task, against a reference that knows nothing but
// pages.
//
// The reference says which pages are mapped and writable after each operation; the oracle watches
// contents and the pgoffs of unfaulted vmas. Beyond that, each address space must be in order: vmas
// sorted and disjoint, entries inside of vmas only.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "core/program/generate.h"
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// What a user knows of one address space: '-' unmapped, 'r' read-only, 'w' writable, and the same
// in capitals in a stack that grows down.
using Pages = std::string;

struct User {
  Pages pages = Pages(kWindowPages, '-');
  PageNr brk = kBrkStart;
};
using Users = std::array<User, kMmsMax>;

char protection(bool can_write, bool grows_down) {
  if (grows_down) return can_write ? 'W' : 'R';
  return can_write ? 'w' : 'r';
}

User user_of(const World& w, unsigned mm) {
  User u;
  for (VmaId id : w.mms[mm].vmas) {
    const Vma& v = w.vmas[id.value];
    for (PageNr a = v.vm_start.peek(); a < v.vm_end.peek(); a++)
      u.pages[a] = protection(v.can_write, v.grows_down);
  }
  u.brk = w.mms[mm].brk;
  return u;
}

// At most `length` pages from `address` on become `to`.
void fill(Pages& pages, uint32_t address, uint32_t length, char to) {
  for (uint32_t a = address; a < std::min(address + length, kWindowPages); a++) pages[a] = to;
}

bool is_free(const Pages& pages, uint32_t address, uint32_t end) {
  return std::all_of(pages.begin() + address, pages.begin() + end, [](char c) { return c == '-'; });
}

// A read or a write, page by page. A stack above grows down to where it is touched.
int access(Pages& pages, const Op& op) {
  for (uint32_t a = op.address; a < op.address + uint32_t{op.length}; a++) {
    if (a >= kWindowPages) return kEfault;
    const std::size_t above = pages.find_first_not_of('-', a);
    if (above == std::string::npos) return kEfault;
    if (above != a && pages[above] != 'W' && pages[above] != 'R') return kEfault;
    fill(pages, a, static_cast<uint32_t>(above - a), pages[above]);
    if (op.kind == OpKind::write && (pages[a] == 'r' || pages[a] == 'R')) return kEfault;
  }
  return kOk;
}

int protect(Pages& pages, const Op& op) {
  for (uint32_t a = op.address; a < op.address + uint32_t{op.length}; a++) {
    if (a >= kWindowPages || pages[a] == '-') return kEnomem;
    const bool grows_down = pages[a] == 'W' || pages[a] == 'R';
    pages[a] = protection(op.flags != kMprotectReadOnly, grows_down);
  }
  return kOk;
}

int advise(const Pages& pages, const Op& op) {
  const uint32_t end = uint32_t{op.address} + op.length;
  if (end > kWindowPages) return kEnomem;
  return pages.substr(op.address, op.length).find('-') == std::string::npos ? kOk : kEnomem;
}

int move_brk(User& u, const Op& op) {
  const uint32_t end = op.address;
  if (end < kBrkStart) return kEnomem;
  if (end > u.brk && !is_free(u.pages, u.brk, std::min(end + 1, kWindowPages))) return kEnomem;
  if (end > u.brk) fill(u.pages, u.brk, end - u.brk, 'w');
  if (end < u.brk) fill(u.pages, end, u.brk - end, '-');
  u.brk = end;
  return kOk;
}

int fork(Users& users, const Op& op) {
  if (op.mm == op.address2) return kEinval;
  if (!is_free(users[op.address2].pages, 0, kWindowPages)) return kEagain;
  users[op.address2] = users[op.mm];
  return kOk;
}

// A successful mremap to a fixed address or in place.
void remap(Pages& pages, const Op& op) {
  const uint32_t new_length = op.length2 != 0 ? op.length2 : op.length;
  const char source = pages[op.address];
  if (new_length == op.length && (op.flags == kMremapDontUnmap || op.flags == kMremapFixed)) {
    for (uint32_t i = 0; i < new_length; i++) {  // Perhaps of many vmas; gaps stay as they were.
      char& from = pages[op.address + i];
      if (from != '-') pages[op.address2 + i] = from;
      if (op.flags == kMremapFixed) from = '-';
    }
    return;
  }
  if (op.flags == kMremapFixed) {
    fill(pages, op.address, op.length, '-');
    fill(pages, op.address2, new_length, source);
  } else if (new_length < op.length) {
    fill(pages, op.address + new_length, op.length - new_length, '-');
  } else if (new_length > op.length) {
    fill(pages, op.address, new_length, source);
  }
}

int page_by_page(Users& users, const Op& op, int error) {
  Pages& pages = users[op.mm].pages;
  const bool beyond = uint32_t{op.address} + op.length > kWindowPages;
  switch (op.kind) {
    case OpKind::mmap:
      if (beyond) return kEnomem;
      fill(pages, op.address, op.length,
           protection(op.flags != kMmapReadOnly, op.flags == kMmapGrowsDown));
      return kOk;
    case OpKind::munmap:
      if (beyond) return kEinval;
      fill(pages, op.address, op.length, '-');
      return kOk;
    case OpKind::read:
    case OpKind::write: return access(pages, op);
    case OpKind::mremap:
      if (error == kOk) remap(pages, op);
      return error;
    case OpKind::migrate:
      EXPECT_TRUE(error == kOk || error == kEnoent || error == kEnomem);
      return error;
    case OpKind::fork: return fork(users, op);
    case OpKind::exit: users[op.mm] = {}; return kOk;
    case OpKind::mprotect: return protect(pages, op);
    case OpKind::madvise: return advise(pages, op);
    case OpKind::brk: return move_brk(users[op.mm], op);
  }
  return error;
}

// Memory or vmas ran out, a stack cannot grow as far, or mremap chose the place or met the border
// of a vma, which a user cannot see: the reference follows the kernel.
bool may_differ(const Op& op, int error) {
  if (error == kEnomem || op.kind == OpKind::mremap) return true;
  return error == kEfault && (op.kind == OpKind::read || op.kind == OpKind::write);
}

// Applies `op` to the reference, and checks what it returned.
void apply(Users& users, const World& w, const Op& op, int error) {
  const int wanted = page_by_page(users, op, error);
  if (op.kind == OpKind::mremap ? error != kEinval && (error != kOk || op.flags == kMremapMayMove)
                                : error != wanted && may_differ(op, error)) {
    users[op.mm] = user_of(w, op.mm);
    if (op.kind == OpKind::fork) users[op.address2] = {};
    return;
  }
  EXPECT_EQ(errno_name(error), errno_name(wanted));
}

void expect_in_order(const World& w, unsigned mm) {
  PageNr end = 0;
  for (VmaId id : w.mms[mm].vmas) {
    const Vma& v = w.vmas[id.value];
    EXPECT_LE(end, v.vm_start.peek());
    EXPECT_LT(v.vm_start.peek(), v.vm_end.peek());
    end = v.vm_end.peek();
    EXPECT_EQ(v.anon().valid(), v.chain_head.valid());
  }
  EXPECT_LE(end, kWindowPages);
  EXPECT_LE(w.mms[mm].vmas.size(), kMaxMapCount + 1);
  EXPECT_EQ(draw(w, mm).find('!'), std::string::npos);   // An entry outside of every vma.
  EXPECT_EQ(draw(w, mm).find(":m"), std::string::npos);  // A migration entry at rest.
}

Program random_sequence(sched::SplitMix& random) {
  Program p;
  while (!p.ops.full()) p.ops.push_back(generate_op(random, p, 0));
  canonicalize(p);
  return p;
}

// What single tasks come upon in the releases, without any race: the bugs that mremap_test.cc,
// mprotect_test.cc, fork_test.cc and dontunmap_test.cc show. Everything else is a failure.
bool is_known(std::string_view kernel, const Result& r) {
  if (r.outcome.ending != sched::Ending::violation) return false;
  const Kernel k = kernel_named(kernel).kernel;
  const bool loses_pages =
      k.merge_anon == MergeAnon::equal_or_none ||
      (k.merge_anon == MergeAnon::unfaulted_too && k.copy_import == CopyImport::none);
  switch (static_cast<Rule>(r.outcome.violation.rule)) {
    case Rule::unreachable:
    case Rule::use_after_free: return loses_pages;
    case Rule::unfaulted_pgoff:
      return k.dontunmap == DontUnmap::unlinks_chain && k.dontunmap_pgoff == DontUnmapPgoff::kept;
    case Rule::anon_vma_count:
      return k.reuse == Reuse::degree && k.clone_unwind == CloneUnwind::keeps_anon_vma;
    case Rule::chain_mismatch: return k.reuse == Reuse::degree;
    default: return false;
  }
}

// 150 sequences of 32 operations in four address spaces, looked at after each operation.
TEST(Sequence, random_operations_do_what_a_user_expects) {
  for (std::string_view kernel : releases()) {
    Executor& e = sequential_executor(kernel);
    sched::SplitMix random(11);
    uint32_t known = 0;
    for (int i = 0; i < 150; i++) {
      const Program whole = random_sequence(random);
      Program p;
      Users users;
      for (const Op& op : whole.ops) {
        p.ops.push_back(op);
        const Result& r = e.run(p);
        if (is_known(kernel, r)) {
          known++;
          break;
        }
        ASSERT_EQ(r.outcome.ending, sched::Ending::finished)
            << kernel << ": " << print_litmus({"x", p, {}, {}, {}});
        apply(users, e.world(), op, r.ops[p.ops.size() - 1].error);
        for (unsigned mm = 0; mm < kMmsMax; mm++) {
          EXPECT_EQ(user_of(e.world(), mm).pages, users[mm].pages);
          EXPECT_EQ(e.world().mms[mm].brk, users[mm].brk);
          expect_in_order(e.world(), mm);
        }
        ASSERT_FALSE(HasFailure()) << kernel << ": " << print_litmus({"x", p, {}, {}, {}});
      }
    }
    EXPECT_LT(known, 15u) << kernel;
  }
}

// The rules of a kernel by which one task could tell it from another: how vmas merge, share and
// inherit anon_vmas, and what MREMAP_DONTUNMAP does. All others are about locks and orders.
Kernel what_one_task_sees(std::string_view kernel) {
  const Kernel k = kernel_named(kernel).kernel;
  Kernel seen;
  seen.anon_topology = k.anon_topology;
  seen.prepare_share = k.prepare_share;
  seen.merge_anon = k.merge_anon;
  seen.reuse = k.reuse;
  seen.clone_unwind = k.clone_unwind;  // What a failed clone counts decides what is reused.
  seen.copy_import = k.copy_import;
  seen.keep_source = k.keep_source;
  seen.table_move = k.table_move;  // It needs fewer page tables.
  seen.dontunmap = k.dontunmap;
  seen.dontunmap_pgoff = k.dontunmap_pgoff;
  return seen;
}

// 2,000 sequences, half of them with an allocation that fails: its order is the same, too.
TEST(Sequence, one_task_cannot_tell_releases_apart_that_differ_in_locks_and_orders) {
  sched::SplitMix random(12);
  uint32_t compared = 0;
  for (int i = 0; i < 2'000; i++) {
    Program p = random_sequence(random);
    p.failures = static_cast<uint8_t>(random.below(2));
    const uint32_t zeros = random.below(60);
    for (uint32_t k = 0; k < zeros; k++) p.decisions.push_back(0);
    p.decisions.push_back(1);
    std::string first;
    for (std::size_t k = 0; k < releases().size(); k++) {
      const std::string_view kernel = releases()[k];
      Executor& e = sequential_executor(kernel);
      const Result& r = e.run(p);
      const bool same_as_before =
          k > 0 && what_one_task_sees(kernel) == what_one_task_sees(releases()[k - 1]);
      if (!same_as_before) first.clear();
      if (is_known(kernel, r)) continue;
      std::string seen = everything(e.world());
      for (uint32_t j = 0; j < p.ops.size(); j++)
        seen += fmt::format(" {}", errno_name(r.ops[j].error));
      ASSERT_EQ(r.outcome.ending, sched::Ending::finished)
          << kernel << ": " << print_litmus({"x", p, {}, {}, {}});
      if (!first.empty()) {
        compared++;
        ASSERT_EQ(seen, first) << kernel << ": " << print_litmus({"x", p, {}, {}, {}});
      }
      first = seen;
    }
  }
  EXPECT_GE(compared, 10'000u);
}

}  // namespace
}  // namespace rmap
