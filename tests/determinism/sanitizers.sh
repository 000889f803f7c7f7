#!/usr/bin/env bash
# sanitizers.sh: the newest kernel's target, trace_hashes and the scheduler's tests run clean under a sanitizer, and the
# sanitizer would have said so: each has a canary that it must report (canary.cc).
#
#   sanitizers.sh SOURCE WORK memory     MemorySanitizer, origins tracked: corpus, 200,000 executions, trace_hashes
#   sanitizers.sh SOURCE WORK thread     ThreadSanitizer: the same, and the tests of scheduler/ and core/
#   sanitizers.sh SOURCE WORK address    Address-, Leak- and UndefinedBehaviorSanitizer with ClusterFuzz's options:
#                                        corpus, 1,000,000 executions of the newest kernel and of v3.0, whose
#                                        findings abandon fibers; resident memory stays flat
#
# Fixed numbers of executions and a fixed seed; exits 0, 1 for a report, or 2.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
fail() {
  echo "sanitizers.sh: $*" >&2
  exit 1
}

# clean NAME COMMAND...: no report, exit code 0. The output stays in WORK/NAME.log.
clean() {
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 </dev/null ||
    fail "$name ended with exit code $?: $(grep -m 3 -aE 'SUMMARY|ERROR|WARNING|FAILED' "$work/$name.log")"
}
# reported CANARY WHAT: the sanitizer reports it in these words.
reported() {
  if "$dir/canary" "$1" >"$work/canary-$1.log" 2>&1; then fail "canary $1 was not reported"; fi
  grep -q "$2" "$work/canary-$1.log" || fail "canary $1: $(tail -n 5 "$work/canary-$1.log")"
  echo "  canary $1: reported"
}
silent() {
  clean "canary-$1" "$dir/canary" "$1"
  echo "  canary $1: clean"
}

# fuzz KERNEL RUNS: fuzzes with the committed seeds.
fuzz() {
  rm -rf "$work/corpus"
  mkdir "$work/corpus"
  clean "fuzz-$1" "$dir/rmap_fuzzer" --kernel="$1" --keep-going --stats -print_funcs=0 -seed=1 -runs="$2" \
    -max_len=4096 -print_final_stats=1 -artifact_prefix="$work/" "$work/corpus" "${seeds[@]}"
  echo "  $(grep -a '^fuzz: kernel' "$work/fuzz-$1.log"), $(grep -a peak_rss "$work/fuzz-$1.log" | tr -s ' ') MiB"
}
corpus() {
  clean corpus "$dir/rmap_fuzzer" -print_funcs=0 -runs=0 "${seeds[@]}"
  echo "  corpus: $(tail -n 1 "$work/corpus.log")"
}

# flat KERNEL: resident memory in the last half of the executions grew by less than 8 MiB.
flat() {
  local log=$work/fuzz-$1.log
  awk -v kernel="$1" '/^#[0-9]+\t.* rss: [0-9]+Mb/ {
      n = substr($1, 2); for (i = 1; i < NF; i++) if ($i == "rss:") rss = $(i + 1) + 0
      if (n <= 500000) half = rss; last = rss
    }
    END { printf "  memory of %s: %d MiB after 500,000 executions, %d at the end\n", kernel, half, last
          exit last - half >= 8 }' "$log" || fail "memory grows, see $log"
}

build() { # COMPILER...
  model "$dir" "$@" -fsanitize-coverage=func,inline-8bit-counters,pc-table
  program "$dir" trace_hashes -- "$@"
  program "$dir" canary -- "$@"
  fuzzer "$dir" rmap_fuzzer -- "$@"
}
hashes() {
  clean hashes "$dir/trace_hashes" "${seeds[0]}"/* "$source_dir"/{tests/litmus,repro/regressions}/*.litmus
  echo "  trace_hashes: $(tail -n 1 "$work/hashes.log")"
}
# gtest_tests FOLDER: the folder's tests, with a GoogleTest built like them.
gtest_tests() { # FOLDER COMPILER...
  local folder=$1 file objects=() gtest=/usr/src/googletest/googletest
  shift
  [[ -d $gtest ]] || fail "there is no $gtest; install googletest"
  mkdir -p "$dir/tests"
  for file in "$gtest/src/gtest-all.cc" "$gtest/src/gtest_main.cc" "$source_dir/tests/$folder"/*.cc; do
    objects+=("$dir/tests/$(basename "$file").o")
    [[ $file == *gtest* && -e ${objects[-1]} ]] || "$@" -std=c++20 -w -DFMT_HEADER_ONLY -I"$source_dir" -I"$gtest" \
      -DRMAPFUZZ_SOURCE_DIR="\"$source_dir\"" -c "$file" -o "${objects[-1]}"
  done
  # core/ has a test with an operator new of its own, and TSan's is another one: ours comes first.
  "$@" -Wl,-z,muldefs "${objects[@]}" "$dir"/*.o -lboost_context -o "$dir/${folder}_tests"
  clean "${folder}_tests" "$dir/${folder}_tests"
  echo "  ${folder}_tests: $(grep -a 'PASSED' "$work/${folder}_tests.log")"
}

memory() {
  local compiler=(clang++ -O1 -gline-tables-only -fsanitize=memory -fsanitize-memory-track-origins)
  build "${compiler[@]}"
  reported uninitialized 'MemorySanitizer: use-of-uninitialized-value.*read_uninitialized'
  # Why no more is run here: a std::map of libstdc++ is reported, and the tests and the tools are full of them.
  reported library 'MemorySanitizer: use-of-uninitialized-value.*/stl_tree.h'
  silent abandon
  hashes
  corpus
  fuzz newest 200000
}
thread() {
  local compiler=(clang++ -O1 -gline-tables-only -fsanitize=thread)
  build "${compiler[@]}"
  reported race 'ThreadSanitizer: data race'
  silent switches
  silent abandon
  hashes
  corpus
  fuzz newest 200000
  fuzz v3.0 200000
  gtest_tests scheduler "${compiler[@]}"
  gtest_tests core "${compiler[@]}"
}
address() {
  export ASAN_OPTIONS=alloc_dealloc_mismatch=0:allocator_may_return_null=1:detect_leaks=1:handle_abort=1:strict_memcmp=1
  ASAN_OPTIONS+=:detect_stack_use_after_return=1:max_uar_stack_size_log=16:quarantine_size_mb=10
  build clang++ -O1 -gline-tables-only -fsanitize=address,undefined -fno-sanitize-recover=all
  reported leak 'LeakSanitizer: detected memory leaks'
  silent abandon
  corpus
  fuzz newest 1000000
  flat newest
  fuzz v3.0 1000000
  flat v3.0
}

if [[ ${1-} == --help ]] || (($# != 3)); then
  sed -n '2,/^# SPDX/{/SPDX/!s/^# \{0,1\}//p}' "$0"
  if [[ ${1-} == --help ]]; then exit 0; else exit 2; fi
fi
source_dir=$(realpath "$1")
# shellcheck source-path=SCRIPTDIR source=build.sh
source "$source_dir/tests/determinism/build.sh"
mkdir -p "$2/$3"
work=$(realpath "$2/$3")
dir=$work/build
seeds=("$source_dir/corpus/rmap_fuzzer")
case $3 in
  memory | thread | address) ;;
  *)
    echo "sanitizers.sh: there are memory, thread and address, and not '$3'" >&2
    exit 2
    ;;
esac
echo "$3:"
"$3"
