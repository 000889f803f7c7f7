# shellcheck shell=bash disable=SC2154
# The word `coverage` of ./run, which sources this file: two pages about a corpus.
# SPDX-License-Identifier: Apache-2.0

help_coverage() {
  cat <<'END'
./run coverage [--kernel KERNEL] [DIR...]
    Says what the inputs in DIR (default: corpus/rmap_fuzzer) reach, and writes two pages into build/coverage/:
      interleavings.html   operations that met, sites, locks, rules and interleaving pairs, reached and not
                           (`./run rmapfuzz coverage DIR` has the same as text and JSON)
      lines/index.html     the lines of core/ and scheduler/ that ran, by llvm-cov; built into build/lines
    A page that is there is replaced.
    Example: ./run coverage build/soak/newest/corpus    # [minutes]
END
}

# Litmus texts among the inputs, as bytes, which the target reads: with their witness for the kernel, else their first.
assemble_texts() { # KERNEL DIR...
  local text output kernel=$1 n=0
  rm -rf build/coverage/assembled
  mkdir -p build/coverage/assembled
  shift
  while IFS= read -r text; do
    output=build/coverage/assembled/$((n += 1))
    "$bin/rmapfuzz" assemble "$text" --kernel "$kernel" -o "$output" --force >/dev/null 2>&1 ||
      "$bin/rmapfuzz" assemble "$text" -o "$output" --force >/dev/null || exit 2
  done < <(find "$@" -type f -name '*.litmus')
}

build_lines() {
  local flags='-fprofile-instr-generate -fcoverage-mapping'
  configure build/lines -DCMAKE_CXX_COMPILER="$(command -v "$CXX")" -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_CXX_FLAGS="-O1 -g $flags" -DLIB_FUZZING_ENGINE=standalone -DRMAPFUZZ_HISTORICAL_TARGETS=OFF \
    -DRMAPFUZZ_TESTS=OFF -DRMAPFUZZ_BENCH=OFF || return 2
  compile build/lines rmap_fuzzer || return 2
}

# The target, built without an engine and with clang's line counters, runs the inputs; findings do not stop it.
count_lines() { # KERNEL DIR...
  local kernel=$1 out=build/coverage
  shift
  quietly build/lines build_lines
  LLVM_PROFILE_FILE=$out/lines.profraw beside build/lines/bin/rmap_fuzzer --kernel="$kernel" \
    --keep-going "$@" build/coverage/assembled >"$out/lines.log" 2>&1
  show_progress "counting lines" "$out/lines.log" ||
    fail "an input ended the target; see $out/lines.log"
  attend llvm-profdata merge -sparse "$out/lines.profraw" -o "$out/lines.profdata"
  attend llvm-cov show build/lines/bin/rmap_fuzzer -instr-profile="$out/lines.profdata" \
    -format=html -output-dir="$out/lines" core scheduler
  llvm-cov report build/lines/bin/rmap_fuzzer -instr-profile="$out/lines.profdata" core scheduler |
    awk '/^TOTAL/ { print "lines of core/ and scheduler/: " $10 " of " $8 " ran" }'
}

word_coverage() {
  local kernel=newest folders=()
  while (($#)); do
    case $1 in
      --kernel) (($# > 1)) || fail "--kernel needs a kernel"; kernel=$2; shift ;;
      --kernel=*) kernel=${1#*=} ;;
      -*) other_option coverage "$1" ;;
      *) folders+=("$(from_caller "$1")"); [[ -e ${folders[-1]} ]] || fail "$1: no such folder" ;;
    esac
    shift
  done
  ((${#folders[@]})) || folders=(corpus/rmap_fuzzer)
  provide fuzz coverage
  needs_clang "counting lines needs"
  build_quietly rmapfuzz
  mkdir -p build/coverage
  attend "$bin/rmapfuzz" coverage "${folders[@]}" --kernel "$kernel" --format html -o build/coverage/interleavings.html \
    --force || exit $?
  attend "$bin/rmapfuzz" coverage "${folders[@]}" --kernel "$kernel" \
    >build/coverage/interleavings.txt || exit $?
  sed '/^functions with/,$d' build/coverage/interleavings.txt
  assemble_texts "$kernel" "${folders[@]}"
  count_lines "$kernel" "${folders[@]}"
  say "pages: $(for_caller build/coverage/interleavings.html) and $(for_caller build/coverage/lines/index.html)"
}
