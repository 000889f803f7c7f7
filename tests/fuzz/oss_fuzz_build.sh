#!/usr/bin/env bash
# Builds the fuzz targets as OSS-Fuzz does, twice, and checks what comes out.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=${tests%/tests/fuzz}

usage() {
  cat <<'END'
usage: oss_fuzz_build.sh WORK_DIR VARIANT... | --all
  VARIANT is COMPILER/LIBRARY/SANITIZER/ENGINE, as in 14/libstdc++/address/libfuzzer:
    COMPILER   14 or 19: clang of that version (afl: afl-clang-fast++)
    LIBRARY    libstdc++ or libc++
    SANITIZER  address, undefined, memory, coverage, none
    ENGINE     libfuzzer, afl, none, stub
  --all builds and checks all of them that Debian 12 has.
The second build of a variant must leave the same bytes and link nothing. Everything is left in WORK_DIR. Exit codes: 0 all is well, 1 not, 2 bad usage.
END
}

# MSan is left out: it needs every library instrumented, and neither Debian nor the builder's image has a Boost that is.
all=(
  {14,19}/libstdc++/{address,undefined,coverage,none}/libfuzzer
  {14,19}/libc++/{address,undefined,coverage,none}/libfuzzer
  14/libstdc++/{address,none}/afl
  14/libstdc++/none/none 14/libc++/none/none
  14/libstdc++/{address,none}/stub 19/libc++/address/stub)

# shellcheck source=tests/shell.sh
source "$source_dir/tests/shell.sh"

# The flags of infra/base-images/base-builder, but for those that only a newer clang has.
sanitizer_flags() {
  local checks=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return
  checks+=,returns-nonnull-attribute,shift,signed-integer-overflow,unreachable,vla-bound,vptr
  case $1 in
    address) echo '-fsanitize=address -fsanitize-address-use-after-scope' ;;
    undefined) echo "-fsanitize=$checks,unsigned-integer-overflow -fno-sanitize-recover=$checks" ;;
    memory) echo '-fsanitize=memory -fsanitize-memory-track-origins' ;;
    coverage) echo '-fprofile-instr-generate -fcoverage-mapping -pthread -Wl,--no-as-needed -Wl,-ldl -Wl,-lm' ;;
    none) ;;
    *) usage >&2 && exit 2 ;;
  esac
}
engine_flags() { # ENGINE SANITIZER
  case $1/$2 in
    */coverage) ;;
    libfuzzer/*) echo '-fsanitize=fuzzer-no-link' ;;
    stub/*) echo '-fsanitize-coverage=trace-pc-guard,indirect-calls,trace-cmp' ;;
  esac
}
# Builds the stand-in for the engines that are archives.
engine_link() { # ENGINE COMPILER LIBRARY_FLAG
  case $1 in
    libfuzzer) echo '-fsanitize=fuzzer' ;;
    afl) echo /usr/lib/afl/libAFLDriver.a ;;
    none) ;;
    stub)
      "clang++-$2" -O1 -std=c++20 ${3:+"$3"} -c "$tests/engine_stub.cc" -o "$work/stub.o"
      rm -f "$work/libengine_stub.a"
      ar rc "$work/libengine_stub.a" "$work/stub.o"
      echo "$work/libengine_stub.a"
      ;;
    *) usage >&2 && exit 2 ;;
  esac
}

# build_sh: one run of build.sh, with nothing but the contract in its environment, and the compiler cache's settings.
build_sh() {
  local kept=(HOME="$work" PATH="$PATH") name
  for name in CMAKE_CXX_COMPILER_LAUNCHER CCACHE_DIR CCACHE_BASEDIR CCACHE_NOHASHDIR; do
    if [[ -n ${!name-} ]]; then kept+=("$name=${!name}"); fi
  done
  env -i "${kept[@]}" CCACHE_DIR="${CCACHE_DIR:-${HOME}/.cache/ccache}" SRC="$work/src" OUT="$work/out" \
    WORK="$work/work" CC="$cc" CXX="$cxx" CCC="$cxx" CFLAGS="$flags" CXXFLAGS="$flags $library_flag" SANITIZER="$sanitizer" \
    FUZZING_ENGINE="$engine" ARCHITECTURE="$(uname -m)" FUZZING_LANGUAGE=c++ ${link:+"LIB_FUZZING_ENGINE=$link"} \
    bash -eu "$source_dir/fuzz/oss-fuzz/build.sh" >"$work/$1.log" 2>&1 || fail "$variant: $(tail -n 20 "$work/$1.log")"
}
# The bytes of all outputs, and when they were last linked.
digest() { (cd "$work/out" && sha256sum -- *) && find "$work/work" -path '*/bin/*' -type f -printf '%p %T@\n' | sort; }

check_variant() {
  local compiler library sanitizer engine work cc cxx flags library_flag='' link before
  variant=$1
  IFS=/ read -r compiler library sanitizer engine <<<"$variant"
  work=$top/${variant//\//-}
  rm -rf "$work/out"
  mkdir -p "$work/out" "$work/work" "$work/src"
  cc=clang-$compiler cxx=clang++-$compiler
  if [[ $engine == afl ]]; then cc=afl-clang-fast cxx=afl-clang-fast++; fi
  command -v "$cxx" >/dev/null || fail "there is no $cxx"
  [[ $library == libstdc++ ]] || library_flag=-stdlib=$library
  flags="-O1 -fno-omit-frame-pointer -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"
  flags+=" $(sanitizer_flags "$sanitizer") $(engine_flags "$engine" "$sanitizer")"
  link=$(engine_link "$engine" "$compiler" "$library_flag")
  build_sh first
  before=$(digest)
  build_sh second
  [[ $before == "$(digest)" ]] || fail "$variant: the second build changed something: $(tail -n 5 "$work/second.log")"
  grep -q 'ninja: no work to do' "$work/second.log" || fail "$variant: the second build did something"
  "$tests/oss_fuzz_check.sh" "$work/out" "$sanitizer" "$engine" || fail "$variant: see above"
}

if [[ ${1-} == --help ]]; then usage && exit 0; fi
(($# >= 2)) || { usage >&2 && exit 2; }
mkdir -p "$1"
top=$(cd "$1" && pwd)
shift
if [[ $1 == --all ]]; then set -- "${all[@]}"; fi
"$tests/oss_fuzz_presubmit.sh" "$source_dir/fuzz/oss-fuzz"
for variant; do check_variant "$variant"; done
