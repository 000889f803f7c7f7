# shellcheck shell=bash
# What the tests that are scripts share, which source this file: how they fail, and what they ask of a command.
# SPDX-License-Identifier: Apache-2.0

fail() {
  echo "FAIL: $*" >&2
  exit 1
}
# ctest counts it as skipped.
cannot() {
  echo "SKIPPED: $*" >&2
  exit 77
}

# ends CODE ARGUMENT...: the command `subject` with these arguments, or they alone where it is empty, end with CODE. What
# is said goes to the files `out` and `err`, which may be one.
subject=() out=out err=err
ends() {
  local expected=$1 code=0
  shift
  : >"$out"
  : >"$err"
  "${subject[@]}" "$@" >>"$out" 2>>"$err" || code=$?
  ((code == expected)) || fail "'$*' ended with $code, not $expected: $(tail -qn 40 "$out" "$err")"
}

# The seeds are a cover of what the targets can tell apart, and which edges a tool has, is its compiler's to decide.
needs_the_compiler_of_the_seeds() { # BIN_DIR
  grep -qa 'clang version 14\.' "$1/litmus_fuzzer" ||
    cannot "corpus/ covers the edges that clang 14 makes, and another compiler made these targets"
}
