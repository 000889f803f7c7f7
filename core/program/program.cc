// SPDX-License-Identifier: Apache-2.0
#include "core/program/program.h"

#include <algorithm>

namespace rmap {
namespace {

// One decoded operation; reduced to its ranges, not yet canonical.
Op decode_op(const uint8_t* b) {
  Op op;
  op.kind = static_cast<OpKind>(b[0] % op_table().size());
  op.task = static_cast<uint8_t>(b[1] % (kCpusMax + 1));
  op.mm = static_cast<uint8_t>(b[2] % kMmsMax);
  op.address = static_cast<uint8_t>(b[3] % kWindowPages);
  op.length = static_cast<uint8_t>(b[4] % kWindowPages + 1);
  op.address2 = static_cast<uint8_t>(b[5] % kWindowPages);
  op.flags = static_cast<uint8_t>(b[6] % (op_info(op.kind).flag_count() + 1));
  op.length2 = static_cast<uint8_t>(b[7] % (kWindowPages + 1));
  return op;
}

void encode_op(const Op& op, uint8_t* b) {
  b[0] = static_cast<uint8_t>(op.kind);
  b[1] = op.task;
  b[2] = op.mm;
  b[3] = op.address;
  b[4] = static_cast<uint8_t>(op.length - 1);
  b[5] = op.address2;
  b[6] = op.flags;
  b[7] = op.length2;
}

}  // namespace

bool operator==(const Program& a, const Program& b) {
  return a.strategy == b.strategy && a.tail == b.tail && a.failures == b.failures &&
         std::equal(a.ops.begin(), a.ops.end(), b.ops.begin(), b.ops.end()) &&
         std::equal(a.decisions.begin(), a.decisions.end(), b.decisions.begin(), b.decisions.end());
}

Tasks::Tasks(const Program& p) {
  bool has_ops[kCpusMax + 1] = {};
  for (const Op& op : p.ops) has_ops[op.task] = true;
  for (uint8_t cpu = 1; cpu <= kCpusMax; cpu++) {
    if (has_ops[cpu]) cpus_[count_++] = cpu;
  }
}

sched::TaskId Tasks::task(uint8_t cpu) const {
  for (uint8_t task = 0; task < count_; task++) {
    if (cpus_[task] == cpu) return task;
  }
  return sched::kNoTask;
}

void canonicalize(Op& op) {
  const OpInfo& info = op_info(op.kind);
  if (!info.has('A')) op.address = 0;
  if (!info.has('L')) op.length = 1;
  if (info.has('C')) {
    op.address2 = static_cast<uint8_t>(op.address2 % kMmsMax);
  } else if (!info.has_second_address(op.flags)) {
    op.address2 = 0;
  }
  if (!info.has('m') || op.length2 == op.length) op.length2 = 0;
  if (info.flag_count() == 0) op.flags = 0;
}

void canonicalize(Program& p) {
  for (Op& op : p.ops) canonicalize(op);
  // Insertion sort: stable, and no allocation.
  for (uint32_t i = 1; i < p.ops.size(); i++) {
    for (uint32_t k = i; k > 0 && p.ops[k].task < p.ops[k - 1].task; k--)
      std::swap(p.ops[k], p.ops[k - 1]);
  }
  if (p.tail != 0) return;
  while (!p.decisions.empty() && p.decisions.back() == 0) p.decisions.pop_back();
}

std::span<const uint8_t> without_trailing_zeros(std::span<const uint8_t> decisions) {
  while (!decisions.empty() && decisions.back() == 0) {
    decisions = decisions.first(decisions.size() - 1);
  }
  return decisions;
}

bool use_decisions(Program& p, std::span<const uint8_t> decisions) {
  decisions = without_trailing_zeros(decisions);
  if (decisions.size() > kDecisionsMax) return false;
  p.strategy = StrategyId::direct;
  p.tail = 0;
  p.decisions.clear();
  for (uint8_t b : decisions) p.decisions.push_back(b);
  canonicalize(p);
  return true;
}

bool decode(std::span<const uint8_t> bytes, Program& p) {
  p.strategy = StrategyId::direct;
  p.tail = p.failures = 0;
  p.ops.clear();
  p.decisions.clear();
  if (bytes.size() < kHeaderSize || bytes[0] != kFormatVersion) return false;
  p.strategy = static_cast<StrategyId>(bytes[1] % kStrategies);
  p.tail = bytes[3];
  p.failures = static_cast<uint8_t>(bytes[4] % (kFailuresMax + 1));
  std::span<const uint8_t> rest = bytes.subspan(kHeaderSize);
  const std::size_t n = std::min<std::size_t>({bytes[2], kOpsMax, rest.size() / kOpSize});
  for (std::size_t i = 0; i < n; i++) p.ops.push_back(decode_op(rest.data() + i * kOpSize));
  rest = rest.subspan(n * kOpSize);
  for (uint8_t b : rest.first(std::min<std::size_t>(rest.size(), kDecisionsMax)))
    p.decisions.push_back(b);
  canonicalize(p);
  return true;
}

std::size_t encode(const Program& p, std::span<uint8_t> out) {
  CHECK_LE(kHeaderSize + p.ops.size() * kOpSize + p.decisions.size(), out.size());
  uint8_t* b = out.data();
  const uint8_t header[kHeaderSize] = {kFormatVersion,
                                       static_cast<uint8_t>(p.strategy),
                                       static_cast<uint8_t>(p.ops.size()),
                                       p.tail,
                                       p.failures,
                                       0,
                                       0,
                                       0};
  b = std::copy(std::begin(header), std::end(header), b);
  for (const Op& op : p.ops) {
    encode_op(op, b);
    b += kOpSize;
  }
  b = std::copy(p.decisions.begin(), p.decisions.end(), b);
  return static_cast<std::size_t>(b - out.data());
}

std::vector<uint8_t> encode(const Program& p) {
  std::vector<uint8_t> bytes(kEncodedMax);
  bytes.resize(encode(p, bytes));
  return bytes;
}

}  // namespace rmap
