#!/usr/bin/env bash
# Builds trace_hashes with four compilers and option sets and compares what they print, byte for byte.
# Usage: check.sh SOURCE_DIR WORK_DIR
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
source_dir=$1
work=$2
mkdir -p "$work"

# name | compiler | options
variants=(
  "gcc-O0|g++|-O0"
  "gcc-O2|g++|-O2"
  "clang-O2|clang++|-O2"
  "clang-asan-ubsan|clang++|-O1 -fsanitize=address,undefined -fno-sanitize-recover=all"
)

for variant in "${variants[@]}"; do
  IFS='|' read -r name compiler options <<<"$variant"
  cmake -S "$source_dir" -B "$work/$name" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_CXX_FLAGS="$options" -DRMAPFUZZ_TESTS=OFF -DRMAPFUZZ_BENCH=OFF -DRMAPFUZZ_FUZZ=OFF \
    -DRMAPFUZZ_TRACE_HASHES=ON >"$work/$name.log"
  cmake --build "$work/$name" --target trace_hashes --parallel "$(nproc)" >>"$work/$name.log"
  ASAN_OPTIONS=detect_stack_use_after_return=1 "$work/$name/bin/trace_hashes" "$source_dir"/corpus/*/ >"$work/$name.out"
  echo "$name: $(wc -l <"$work/$name.out") lines, $(tail -n 1 "$work/$name.out")"
done
for variant in "${variants[@]}"; do
  cmp "$work/gcc-O0.out" "$work/${variant%%|*}.out"
done
echo "all builds ran the same executions"
