#!/usr/bin/env bash
# Builds rmapfuzz as its users do, and checks that the model still does what it did: for OSS-Fuzz, which wants to know
# whether a changed source still works. Needs no network and no package but those of the Dockerfile; writes to $WORK
# only.
# SPDX-License-Identifier: Apache-2.0, see http://www.apache.org/licenses/LICENSE-2.0
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=${here%/fuzz/oss-fuzz}
if [[ $source_dir == "$here" ]]; then source_dir=${SRC:?}/rmapfuzz; fi
build=${WORK:-$source_dir/build/oss-fuzz/work}/rmapfuzz-tests

# The fuzzing flags are the targets' and would make the tests slow; a library of the user's choice is kept.
unset CFLAGS LDFLAGS LIB_FUZZING_ENGINE
case ${CXXFLAGS:-} in *-stdlib=libc++*) export CXXFLAGS=-stdlib=libc++ ;; *) unset CXXFLAGS ;; esac

if [[ ! -f $build/build.ninja ]]; then
  cmake -S "$source_dir" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DRMAPFUZZ_HISTORICAL_TARGETS=OFF \
    -DRMAPFUZZ_STATIC=ON -DRMAPFUZZ_TESTS=OFF -DRMAPFUZZ_BENCH=OFF -DRMAPFUZZ_TRACE_HASHES=ON
fi
ninja -C "$build" rmap_fuzzer rmapfuzz trace_hashes

cd "$source_dir"
bin=$build/bin
log=$build/log
# shellcheck source=tests/shell.sh
source "$source_dir/tests/shell.sh"
out=$log err=$log

# Generated programs take the same steps as ever.
ends 0 "$bin/trace_hashes"
signature=$(sed -n 's/^signature \([0-9a-f]*\).*/\1/p' "$log")
grep -q " signature $signature\$" tests/golden/behaviour.txt || fail "the behaviour signature is $signature"

# Every race of the past has its verdicts, counts and witnesses under every kernel, every kept finding its trace, and
# every format prints what it printed.
ends 0 "$bin/rmapfuzz" litmus tests/litmus/*.litmus
ends 0 "$bin/rmapfuzz" regress repro/regressions
export RMAPFUZZ_RUN=./run # As the hints in the golden files begin.
for golden in tests/golden/mremap-merge.*; do
  case ${golden##*.} in
    litmus) continue ;;
    mail) how=(--width 72) ;;
    *) how=(--format "${golden##*.}") ;;
  esac
  ends 1 "$bin/rmapfuzz" explain tests/golden/mremap-merge.litmus "${how[@]}" -o "$log.golden" --force
  cmp "$log.golden" "$golden" || fail "$golden is printed differently"
done
ends 0 "$bin/rmapfuzz" matrix tests/golden/mremap-merge.litmus

# A witness is a minimum of itself. The seeds are clean under the newest kernel.
ends 0 "$bin/rmapfuzz" assemble tests/litmus/mremap-merge+migrate.litmus --kernel v3.0 -o "$log.race" --force
ends 1 "$bin/rmapfuzz" minimize "$log.race" --kernel v3.0 -o "$log.small" --force
ends 1 "$bin/rmapfuzz" minimize "$log.small" --kernel v3.0 -o "$log.again" --force
cmp "$log.small" "$log.again" || fail "minimizing twice is not minimizing once"
ends 0 "$bin/rmap_fuzzer" corpus/rmap_fuzzer/*

# Where there is libFuzzer, the mutator finds the race of v3.0 from nothing.
if grep -q '^ *minimize_crash' <<<"$("$bin/rmap_fuzzer" -help=1 2>&1)"; then
  ends 77 "$bin/rmap_fuzzer" --kernel=v3.0 --until=missed_pte:migrate+mremap -seed=1 -runs=10000000 -print_funcs=0 \
    -artifact_prefix="$build/"
else
  ends 1 "$bin/rmap_fuzzer" --kernel=v3.0 "$log.race"
fi
grep -q '^DEDUP_TOKEN: missed_pte--' "$log" || fail "v3.0 shows: $(tail -n 5 "$log")"
echo "all verdicts, traces, formats and findings are as they were"
