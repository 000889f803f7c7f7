// Every bound of the model, and how they hang together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace rmap {

inline constexpr uint32_t kMmsMax = 4;
inline constexpr uint32_t kWindowPages = 64;  // The address space of each mm, in pages.
inline constexpr uint32_t kPtesPerTable = 4;  // 512 on x86-64.
inline constexpr uint32_t kTablesPerMm = kWindowPages / kPtesPerTable;
// Pages per move_ptes() call; LATENCY_LIMIT is 64 pages.
inline constexpr uint32_t kLatencyLimit = 2;
inline constexpr uint32_t kCopyBatch = 2;     // Entries that fork copies before it drops its locks.
inline constexpr uint32_t kBrkStart = 16;     // Where each mm's heap begins.
inline constexpr uint32_t kMaxMapCount = 12;  // sysctl_max_map_count: vmas per mm; 65530.
inline constexpr uint32_t kVmasPerMm = 16;    // A split lets the count go above it for a moment.

inline constexpr uint32_t kFramesMax = 32;
inline constexpr uint32_t kTablesMax = kMmsMax * kTablesPerMm;
inline constexpr uint32_t kVmasMax = kMmsMax * kVmasPerMm;
inline constexpr uint32_t kAvcsMax = 128;
inline constexpr uint32_t kAnonVmasMax = 64;
inline constexpr uint32_t kTokensMax = 128;

inline constexpr uint32_t kCpusMax = 4;  // Concurrent tasks, besides the set-up.
inline constexpr uint32_t kOpsMax = 32;
inline constexpr uint32_t kDecisionsMax = 4096;  // Stored decision bytes.
inline constexpr uint32_t kMigratePasses = 3;    // Tries per page; migrate_pages() makes 10.

// Visible operations before an execution is scheduled fairly, and how many more it gets then.
inline constexpr uint32_t kStepsMax = 6000;
inline constexpr uint32_t kFairStepsMax = 4000;

static_assert(kWindowPages % kPtesPerTable == 0);
static_assert(kTokensMax >= kFramesMax * kMmsMax, "a page is mapped at most once in each mm");
static_assert(kTokensMax <= 128, "a set of tokens is two words");
static_assert(kVmasMax <= 64, "a set of vmas is one word");
static_assert(kVmasMax < 255 && kAvcsMax < 255 && kTablesMax < 255, "ids are bytes, 255 is none");
static_assert(kMaxMapCount + 3 <= kVmasPerMm);

}  // namespace rmap
