#!/usr/bin/env bash
# Builds the clean fuzz targets with everything that belongs to them into $OUT, as OSS-Fuzz and ClusterFuzzLite call it.
# SPDX-License-Identifier: Apache-2.0, see http://www.apache.org/licenses/LICENSE-2.0
#
# By hand, all of it has defaults:
#   OUT=/tmp/out fuzz/oss-fuzz/build.sh
# Property: a second run configures, compiles and links nothing, and leaves the same bytes in $OUT. Nothing outside of
# $OUT and $WORK is written.
# Read next: ../engine.cmake (engines), tests/fuzz/oss_fuzz_check.sh (what is demanded of $OUT).
set -euo pipefail

# The repository: this script's own, or the one that the Dockerfile cloned when this is a copy in $SRC.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=${here%/fuzz/oss-fuzz}
if [[ $source_dir == "$here" ]]; then source_dir=${SRC:?}/rmapfuzz; fi

engine=${FUZZING_ENGINE:-libfuzzer}
sanitizer=${SANITIZER:-address}
out=${OUT:-$source_dir/build/oss-fuzz/out}
work=${WORK:-$source_dir/build/oss-fuzz/work}
export CC=${CC:-clang} CXX=${CXX:-clang++}

# Without CXXFLAGS this was called by hand.
if [[ -z ${CXXFLAGS+set} ]]; then
  CXXFLAGS='-O1 -fno-omit-frame-pointer -gline-tables-only'
  case $sanitizer in
    address | undefined | memory) CXXFLAGS+=" -fsanitize=$sanitizer -fno-sanitize-recover=all" ;;
    coverage) CXXFLAGS+=' -fprofile-instr-generate -fcoverage-mapping' ;;
    none) ;;
    *) echo "build.sh: SANITIZER '$sanitizer' needs CXXFLAGS to be set" >&2 && exit 2 ;;
  esac
  if [[ $engine == libfuzzer && $sanitizer != coverage ]]; then CXXFLAGS+=' -fsanitize=fuzzer-no-link'; fi
fi
export CXXFLAGS
export AFL_LLVM_DENYLIST=$source_dir/fuzz/afl_denylist.txt # Read by afl-clang-fast++ alone.
export CCACHE_EXTRAFILES=$AFL_LLVM_DENYLIST
case $engine in
  libfuzzer) link=${LIB_FUZZING_ENGINE:--fsanitize=fuzzer} ;;
  none) link=${LIB_FUZZING_ENGINE:-standalone} ;;
  *) link=${LIB_FUZZING_ENGINE:?the engine "$engine" needs LIB_FUZZING_ENGINE to be set} ;;
esac

# One directory for each set of options, and always the same one for it.
options=$(printf '%s\n' "$CXX" "$CXXFLAGS" "${LDFLAGS:-}" "$link" "${ARCHITECTURE:-}" | cksum | cut -d ' ' -f 1)
build=$work/rmapfuzz-$engine-$sanitizer-$options
mkdir -p "$out" "$build"

# What makes a build is in CXXFLAGS alone: CMAKE_BUILD_TYPE=None adds nothing.
if [[ ! -f $build/build.ninja ]]; then
  cmake -S "$source_dir" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=None ${AR:+"-DCMAKE_AR=$(command -v "$AR")"} \
    ${RANLIB:+"-DCMAKE_RANLIB=$(command -v "$RANLIB")"} "-DLIB_FUZZING_ENGINE=$link" -DRMAPFUZZ_STATIC=ON \
    -DRMAPFUZZ_HISTORICAL_TARGETS=OFF -DRMAPFUZZ_TESTS=OFF -DRMAPFUZZ_BENCH=OFF
fi
ninja -C "$build" clean_fuzz_targets # Configures again by itself when that is necessary.

# Seeds are packed by python3: it is part of the builder's image, and unlike zip it takes neither times nor modes from
# the files, nor the time zone from the environment.
while read -r target; do
  cp "$build/bin/$target" "$out/$target"
  python3 "$source_dir/fuzz/oss-fuzz/pack_seeds.py" "$source_dir/corpus/$target" "$out/${target}_seed_corpus.zip"
  cp "$source_dir/fuzz/oss-fuzz/target.options" "$out/$target.options"
  if [[ -f $source_dir/fuzz/$target.dict ]]; then cp "$source_dir/fuzz/$target.dict" "$out/$target.dict"; fi
done <"$build/fuzz/clean_targets.txt"
