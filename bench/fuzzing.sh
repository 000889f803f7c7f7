#!/usr/bin/env bash
# Measures the fuzz targets. Everything stays inside build/; figures of one run belong together.
#
#   bench/fuzzing.sh speed                          executions/s of a target, next to a target that does nothing
#   bench/fuzzing.sh first-finding [KERNEL [SEEDS]] executions and seconds to the first finding from an empty corpus,
#                                                   and to the first of each signature within RUNS executions
#   bench/fuzzing.sh shuffled [KERNEL [SEEDS]]      the same with the rows of ops.def in another order: must not matter
#
# Environment: RUNS (default 3000000) executions a seed at most.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=fuzz/setup/build.sh
source fuzz/setup/build.sh
runs=${RUNS:-3000000}
work=build/bench
mkdir -p "$work"

speed() {
  local target started
  compile build empty_fuzzer rmap_fuzzer >/dev/null
  for target in empty_fuzzer rmap_fuzzer; do
    rm -rf "$work/corpus" && mkdir -p "$work/corpus"
    started=$EPOCHREALTIME
    build/bin/$target -seed=1 -runs=5000000 -max_len=4096 -print_final_stats=1 "$work/corpus" corpus/rmap_fuzzer \
      >"$work/speed.log" 2>&1
    awk -v t="$target" -v a="$started" -v b="$EPOCHREALTIME" '/^stat::number_of_executed_units:/ {
      printf "%s: %.0f executions/s\n", t, $2 / (b - a) }' "$work/speed.log"
  done
}

# one SEED FUZZER KERNEL: prints "executions seconds" of the first finding, and logs every signature.
one() {
  local log=$work/seed-$1.log started=$EPOCHREALTIME line
  rm -rf "$work/corpus-$1" && mkdir -p "$work/corpus-$1"
  "$2" --kernel="$3" --keep-going --stats -seed="$1" -runs="$runs" -max_len=4096 "$work/corpus-$1" 2>&1 |
    while IFS= read -r line; do
      [[ $line == 'fuzz: execution '* ]] || continue
      awk -v a="$started" -v b="$EPOCHREALTIME" -v l="$line" \
        'BEGIN { sub("fuzz: execution ", "", l); sub(":", "", l); printf "%.1f s %s\n", b - a, l }'
    done >"$log"
}

median() { sort -g | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "none" }'; }

first_finding() { # KERNEL SEEDS FUZZER
  local seed found=0
  for ((seed = 1; seed <= $2; seed++)); do
    one "$seed" "$3" "$1"
    awk -v s="$seed" 'NR == 1 { printf "seed %s: first after %s executions, %s s\n", s, $3, $1 }' "$work/seed-$seed.log"
    [[ ! -s $work/seed-$seed.log ]] || found=$((found + 1))
  done
  for ((seed = 1; seed <= $2; seed++)); do head -n 1 "$work/seed-$seed.log"; done >"$work/firsts"
  echo "$1: $found of $2 seeds found something within $runs executions; median of the first:" \
    "$(awk '{ print $3 }' "$work/firsts" | median) executions, $(awk '{ print $1 }' "$work/firsts" | median) s"
  echo "signatures, and how many seeds saw each:"
  for ((seed = 1; seed <= $2; seed++)); do awk '{ print $4 }' "$work/seed-$seed.log"; done | sort | uniq -c | sort -rn
}

shuffled() { # KERNEL SEEDS
  local tree=$work/shuffled
  rm -rf "$tree" && mkdir -p "$tree"
  git ls-files | tar -cf - -T - | tar -xf - -C "$tree"
  local rows
  rows=$(sed ':a; /^OP(.*,$/ { N; s/\n */ /; ba }' core/model/ops.def) # One row a line.
  { grep -v '^OP(' <<<"$rows"; grep '^OP(' <<<"$rows" | tac; } >"$tree/core/model/ops.def"
  configure "$tree/build" -S "$tree" -DCMAKE_CXX_COMPILER=clang++ -DRMAPFUZZ_TESTS=OFF -DRMAPFUZZ_BENCH=OFF >/dev/null
  compile "$tree/build" rmap_fuzzer >/dev/null
  first_finding "$1" "$2" "$tree/build/bin/rmap_fuzzer"
}

case ${1-} in
  speed) speed ;;
  first-finding) first_finding "${2-v3.0}" "${3-10}" build/bin/rmap_fuzzer ;;
  shuffled) shuffled "${2-v3.0}" "${3-10}" ;;
  *) sed -n '2,/^# SPDX/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 2 ;;
esac
