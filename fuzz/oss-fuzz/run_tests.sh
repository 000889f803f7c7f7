#!/usr/bin/env bash
# Builds rmapfuzz as its users do, and checks that the model still does what it did: for OSS-Fuzz, which wants to know
# whether a changed source still works. Needs no network and no package but those of the Dockerfile; writes to $WORK only.
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
  cmake -S "$source_dir" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DLIB_FUZZING_ENGINE=standalone \
    -DRMAPFUZZ_STATIC=ON -DRMAPFUZZ_TESTS=OFF -DRMAPFUZZ_BENCH=OFF -DRMAPFUZZ_TRACE_HASHES=ON
fi
ninja -C "$build" rmap_fuzzer rmapfuzz trace_hashes

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

# Every race of the past still has its verdicts, counts and witnesses under every kernel, and every kept finding its trace.
"$build/bin/rmapfuzz" litmus "$source_dir"/tests/litmus/*.litmus >"$build/litmus.log" || fail "$(tail -n 5 "$build/litmus.log")"
"$build/bin/rmapfuzz" regress "$source_dir/repro/regressions" >"$build/regress.log" || fail "$(tail -n 5 "$build/regress.log")"

# The seeds are clean under the newest kernel, and replay a race under an old one.
"$build/bin/rmap_fuzzer" "$source_dir"/corpus/rmap_fuzzer >"$build/seeds.log" 2>&1 || fail "$(tail -n 5 "$build/seeds.log")"
if "$build/bin/rmap_fuzzer" --kernel=v3.0 "$source_dir"/corpus/rmap_fuzzer/mremap-merge+migrate >"$build/race.log" 2>&1; then
  fail "v3.0 has lost a race"
fi
grep -q '^ASSERTION FAILED: missed_pte ' "$build/race.log" || fail "v3.0 shows: $(tail -n 5 "$build/race.log")"
echo "all verdicts, regressions and seeds are as they were"
