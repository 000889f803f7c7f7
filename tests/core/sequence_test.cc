// Long random sequences of operations by one task, against a reference that knows nothing but
// pages.
//
// The reference says which pages are mapped and writable after each operation; the oracle watches
// contents. Beyond that, each address space must be in order: vmas sorted and disjoint, unfaulted
// ones at their own pgoff, entries inside of vmas only.
// SPDX-License-Identifier: Apache-2.0
#include "core/generate.h"
#include "tests/core/vm_fixture.h"

namespace rmap {
namespace {

using namespace fixture;

// What a user knows of one address space: '-' unmapped, 'r' read-only, 'w' writable.
using Pages = std::string;

Pages pages_of(const World& w, unsigned mm) {
  Pages pages(kWindowPages, '-');
  for (VmaId id : w.mms[mm].vmas) {
    const Vma& v = w.vmas[id.value];
    for (PageNr a = v.vm_start.peek(); a < v.vm_end.peek(); a++) pages[a] = v.can_write ? 'w' : 'r';
  }
  return pages;
}

// At most `length` pages from `address` on become `to`.
void fill(Pages& pages, uint32_t address, uint32_t length, char to) {
  for (uint32_t a = address; a < std::min(address + length, kWindowPages); a++) pages[a] = to;
}

bool allows(const Pages& pages, const Op& op) {
  for (uint32_t a = op.address; a < op.address + uint32_t{op.length}; a++) {
    if (a >= kWindowPages || pages[a] == '-' || (op.kind == OpKind::write && pages[a] == 'r'))
      return false;
  }
  return true;
}

// Where the kernel chose the place, and where it failed half-way, the reference follows it.
bool follows_the_kernel(const Op& op, int error) {
  return op.kind == OpKind::mremap &&
         (op.flags == kMremapMayMove || (error != kOk && error != kEinval));
}

// A successful mremap to a fixed address or in place.
void remap(Pages& pages, const Op& op) {
  const uint32_t new_length = op.length2 != 0 ? op.length2 : op.length;
  const char protection = pages[op.address];
  if (op.flags == kMremapFixed) {
    fill(pages, op.address, op.length, '-');
    fill(pages, op.address2, new_length, protection);
  } else if (new_length < op.length) {
    fill(pages, op.address + new_length, op.length - new_length, '-');
  } else if (new_length > op.length) {
    fill(pages, op.address, new_length, protection);
  }
}

// Applies `op` to the reference, and checks what it returned.
void apply(Pages& pages, const Op& op, int error) {
  const bool beyond = uint32_t{op.address} + op.length > kWindowPages;
  switch (op.kind) {
    case OpKind::mmap:
      if (beyond) {
        EXPECT_EQ(error, kEnomem);
      }
      if (error == kOk) fill(pages, op.address, op.length, op.flags == kMmapReadOnly ? 'r' : 'w');
      return;
    case OpKind::munmap:
      EXPECT_EQ(error == kEinval, beyond);
      if (error == kOk) fill(pages, op.address, op.length, '-');
      return;
    case OpKind::read:
    case OpKind::write:
      if (error != kEnomem) {
        EXPECT_EQ(error, allows(pages, op) ? kOk : kEfault);
      }
      return;
    case OpKind::mremap:
      if (error == kOk) remap(pages, op);
      return;
    case OpKind::migrate: EXPECT_TRUE(error == kOk || error == kEnoent || error == kEnomem); return;
  }
}

void expect_in_order(const World& w, unsigned mm) {
  PageNr end = 0;
  for (VmaId id : w.mms[mm].vmas) {
    const Vma& v = w.vmas[id.value];
    EXPECT_LE(end, v.vm_start.peek());
    EXPECT_LT(v.vm_start.peek(), v.vm_end.peek());
    end = v.vm_end.peek();
    EXPECT_EQ(v.anon().valid(), v.chain_head.valid());
    if (!v.anon().valid()) {
      EXPECT_EQ(v.vm_pgoff.peek(), v.vm_start.peek());
    }
  }
  EXPECT_LE(end, kWindowPages);
  EXPECT_LE(w.mms[mm].vmas.size(), kMaxMapCount + 1);
  EXPECT_EQ(draw(w, mm).find('!'), std::string::npos);   // An entry outside of every vma.
  EXPECT_EQ(draw(w, mm).find(":m"), std::string::npos);  // A migration entry at rest.
}

Program random_sequence(sched::SplitMix& random) {
  Program p;
  while (!p.ops.full()) p.ops.push_back(generate_op(random, p, 0));
  for (Op& op : p.ops) op.mm = static_cast<uint8_t>(random.below(8) == 0);
  canonicalize(p);
  return p;
}

// 150 sequences of 32 operations in two address spaces, looked at after each operation.
TEST(Sequence, random_operations_do_what_a_user_expects) {
  for (std::string_view kernel : releases()) {
    Executor& e = sequential_executor(kernel);
    sched::SplitMix random(11);
    for (int i = 0; i < 150; i++) {
      const Program whole = random_sequence(random);
      Program p;
      Pages pages[2] = {Pages(kWindowPages, '-'), Pages(kWindowPages, '-')};
      for (const Op& op : whole.ops) {
        p.ops.push_back(op);
        const Result& r = e.run(p);
        ASSERT_EQ(r.outcome.ending, sched::Ending::finished)
            << kernel << ": " << print_litmus({"x", p, {}, {}, {}});
        const int error = r.ops[p.ops.size() - 1].error;
        apply(pages[op.mm], op, error);
        if (follows_the_kernel(op, error)) pages[op.mm] = pages_of(e.world(), op.mm);
        for (unsigned mm : {0u, 1u}) {
          EXPECT_EQ(pages_of(e.world(), mm), pages[mm]);
          expect_in_order(e.world(), mm);
        }
        ASSERT_FALSE(HasFailure()) << kernel << ": " << print_litmus({"x", p, {}, {}, {}});
      }
    }
  }
}

// The releases differ in how they lock and in what order they visit, never in what one task sees.
TEST(Sequence, one_task_cannot_tell_the_releases_apart) {
  sched::SplitMix random(12);
  for (int i = 0; i < 2'000; i++) {
    Program p = random_sequence(random);
    // Some with a failing allocation: the order of allocations is the same, too.
    p.failures = static_cast<uint8_t>(random.below(2));
    const uint32_t zeros = random.below(60);
    for (uint32_t k = 0; k < zeros; k++) p.decisions.push_back(0);
    p.decisions.push_back(1);
    std::string first;
    for (std::string_view kernel : releases()) {
      Executor& e = sequential_executor(kernel);
      const Result& r = e.run(p);
      std::string seen =
          draw(e.world(), 0) + " / " + draw(e.world(), 1) + " / " + draw_contents(e.world(), 0);
      for (uint32_t k = 0; k < p.ops.size(); k++)
        seen += fmt::format(" {}", errno_name(r.ops[k].error));
      if (first.empty()) first = seen;
      ASSERT_EQ(r.outcome.ending, sched::Ending::finished)
          << kernel << ": " << print_litmus({"x", p, {}, {}, {}});
      ASSERT_EQ(seen, first) << kernel << ": " << print_litmus({"x", p, {}, {}, {}});
    }
  }
}

}  // namespace
}  // namespace rmap
