#!/usr/bin/env bash
# build.sh: builds the model without CMake, in a few seconds, for one-off builds with unusual compilers and options. To
# be sourced; check.sh, features_test.sh and sanitizers.sh do.
#
#   model DIR COMPILER...      the model's and the scheduler's objects, into DIR; COMPILER is a command with options
#   program DIR NAME LIBS -- COMPILER...     compiles tests/determinism/NAME.cc and links it with them: DIR/NAME
#   fuzzer DIR NAME -- COMPILER...           the same with the newest kernel's fuzz target and libFuzzer: DIR/NAME
#
# Requires: `source_dir`, the root of the checkout. The sources are compiled in a few big pieces, five times faster than
# file by file, which is what happens when two files of a piece use a name twice.
# SPDX-License-Identifier: Apache-2.0

piece() { # DIR NAME "FILES" COMPILER...
  local dir=$1 name=$2 files=() file
  read -ra files <<<"$3"
  shift 3
  for file in "${files[@]}"; do printf '#include "%s"\n' "${file#"$source_dir"/}"; done >"$dir/$name.cc"
  "$@" -std=c++20 -w -DFMT_HEADER_ONLY -I"$source_dir" -c "$dir/$name.cc" -o "$dir/$name.o" 2>"$dir/$name.log" && return
  for file in "${files[@]}"; do
    "$@" -std=c++20 -w -DFMT_HEADER_ONLY -I"$source_dir" -c "$file" -o "$dir/$name.$(basename "$file").o" || return
  done
}

# The same without coverage, which the scheduler never has: see scheduler/CMakeLists.txt.
plain() {
  local word words=()
  for word in "$@"; do
    case $word in
      -fsanitize=fuzzer-no-link | -fsanitize-coverage=*) ;;
      *) words+=("$word") ;;
    esac
  done
  piece "${words[@]}"
}

model() {
  local dir=$1
  shift
  rm -rf "$dir"
  mkdir -p "$dir"
  plain "$dir" scheduler "$(echo "$source_dir"/scheduler/*.cc)" "$@"
  local room
  for room in kernel mm model ops oracle program run text; do
    piece "$dir" "$room" "$(find "$source_dir/core/$room" -name '*.cc' | sort | tr '\n' ' ')" "$@"
  done
}

program() { # DIR NAME -- COMPILER...
  local dir=$1 name=$2
  shift 3
  "$@" -std=c++20 -I"$source_dir" "$source_dir/tests/determinism/$name.cc" "$dir"/*.o -lboost_context -o "$dir/$name"
}

# Debian's libFuzzer is not instrumented and shares the C++ library's templates with whatever it is linked with. Under
# MemorySanitizer it must keep its own copies, or they report what libFuzzer wrote: so ours are made local.
fuzzer() { # DIR NAME -- COMPILER...
  local dir=$1 name=$2
  shift 3
  local files
  mapfile -t files < <(printf "%s\n" "$source_dir"/fuzz/*.cc "$source_dir"/repro/{cli/called,files/file}.cc |
    grep -v /standalone.cc)
  piece "$dir" target "${files[*]}" "$@" '-DRMAPFUZZ_TARGET_KERNEL="newest"'
  ld -r --force-group-allocation "$dir"/*.o -o "$dir/$name.o"
  objcopy -w --keep-global-symbol='LLVMFuzzer*' --keep-global-symbol='__msan_*' "$dir/$name.o"
  "$@" -fsanitize=fuzzer "$dir/$name.o" -lboost_context -o "$dir/$name"
  rm "$dir/$name.o"
}
