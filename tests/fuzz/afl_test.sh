#!/usr/bin/env bash
# shellcheck disable=SC2015
# AFL++ drives the targets: a main and a secondary instance share what they find, an input always takes the same way
# (stability 100 %), and what crashes under it is a finding for libFuzzer, too. Usage: afl_test.sh BIN_DIR WORK_DIR SOURCE_DIR
# SPDX-License-Identifier: Apache-2.0
#
# Counted in executions. An instance looks for the other's inputs once a minute, the main one twice: the number is
# chosen so that even a fast machine runs for minutes.
set -euo pipefail
bin=$1 work=$2 source_dir=$3
executions=${EXECUTIONS:-2000000}
# shellcheck source-path=SCRIPTDIR source=../../fuzz/setup/build.sh
source "$source_dir/fuzz/setup/build.sh"
rm -rf "$work/sync" "$work/seeds"
mkdir -p "$work/seeds" "$work/build"
cd "$work"
echo >seeds/newline
# shellcheck source=tests/shell.sh
source "$source_dir/tests/shell.sh"
export AFL_QUIET=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
export AFL_SYNC_TIME=1 AFL_LLVM_DENYLIST=$source_dir/fuzz/afl_denylist.txt
export CCACHE_EXTRAFILES=$AFL_LLVM_DENYLIST

# build KERNEL: build/bin/rmap_fuzzer for this kernel.
build() {
  configure build -S "$source_dir" -DCMAKE_CXX_COMPILER="$(command -v afl-clang-fast++)" -DRMAPFUZZ_KERNEL="$1" \
    -DLIB_FUZZING_ENGINE=-fsanitize=fuzzer -DRMAPFUZZ_TESTS=OFF -DRMAPFUZZ_BENCH=OFF \
    -DRMAPFUZZ_HISTORICAL_TARGETS=OFF >build/log 2>&1 &&
    compile build rmap_fuzzer >>build/log 2>&1 || fail "$(tail -n 20 build/log)"
}
# fuzz ROLE NAME: an instance.
fuzz() { afl-fuzz "$1" "$2" -E "$executions" -m none -t 5000 -s 1 -i seeds -o sync build/bin/rmap_fuzzer >"$2.log" 2>&1; }
figure() { sed -n "s/^$2 *: *//p" "sync/$1/fuzzer_stats"; }

build newest
fuzz -M main &
main=$!
fuzz -S second || fail "$(tail -n 5 second.log)"
wait "$main" || fail "$(tail -n 5 main.log)"
for name in main second; do
  echo "$name: $(figure $name execs_done) executions, stability $(figure $name stability)," \
    "$(figure $name corpus_count) inputs, $(figure $name corpus_imported) of them from the other"
  [ "$(figure $name stability)" = 100.00% ] || fail "$name: stability $(figure $name stability)"
  [ "$(figure $name execs_done)" -ge "$executions" ] || fail "$name ended early: $(tail -n 5 $name.log)"
  [ "$(figure $name corpus_imported)" -gt 0 ] || fail "$name took nothing from the other"
  [ "$(figure $name saved_crashes)" = 0 ] || fail "$name found a crash in the newest kernel"
done

# v3.0 has bugs. Those that AFL++ finds crash the stand-alone runner as well.
rm -rf sync
build v3.0
AFL_BENCH_UNTIL_CRASH=1 fuzz -M old || fail "$(tail -n 5 old.log)"
crash=$(compgen -G 'sync/old/crashes/id:*' | sed -n 1p) || fail "AFL++ found nothing in v3.0 in $executions executions"
code=0
"$bin/rmap_standalone" --kernel=v3.0 "$crash" >replay.log 2>&1 || code=$?
[ $code = 1 ] || fail "the crash of v3.0 does not replay: exit code $code, $(cat replay.log)"
echo "v3.0: after $(figure old execs_done) executions, $(grep '^ASSERTION FAILED: ' replay.log)"
