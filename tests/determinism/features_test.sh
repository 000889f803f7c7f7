#!/usr/bin/env bash
# features_test.sh: the coverage features of each input are the same in every process and in any order. Noise in them
# would fill a corpus with inputs that are new only once.
#
#   features_test.sh FUZZER WORK INPUT...    compares; exits 1 and names the input when two runs differ
#   features_test.sh --canary SOURCE WORK    compares builds with libFuzzer's default coverage (edges, comparisons), as
#                                            for OSS-Fuzz: it passes without the depth of the stack, and must fail
#                                            with it: on a fiber that is the distance between two addresses
#
# -merge_inner=2 is the inner process of a set-cover merge: it runs the files that its control file lists, in that
# order, and writes down all features of each. Every order is run in two processes, and some 40 inputs in a process of
# their own.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
fail() {
  echo "features_test.sh: $*" >&2
  exit 2
}

# features CONTROL INPUT...: runs the inputs in this order; prints "INPUT FEATURES" for each, sorted by input.
features() {
  local control=$1
  shift
  printf '%s\n' $# 0 "$@" >"$control"
  "$fuzzer" -print_funcs=0 -merge_inner=2 -merge_control_file="$control" -max_len=1048576 \
    >"$control.log" 2>&1 </dev/null || fail "the fuzzer failed: $(tail -n 3 "$control.log")"
  awk -v n=$# 'NR > 2 && NR <= n + 2 { name[NR - 3] = $0 }
    $1 == "FT" { i = $2; $1 = $2 = ""; print name[i] $0 }' "$control" | sort
}

# same RUN: the features in WORK/RUN are those of the first run.
same() {
  if cmp -s "$work/first" "$work/$1"; then return; fi
  comm -3 "$work/first" "$work/$1" | tr -d '\t' >"$work/difference"
  echo "DIFFERENT: first and $1: $(cut -d' ' -f1 "$work/difference" | sort -u | wc -l) inputs, as" \
    "$(head -n 1 "$work/difference" | cut -c1-200)"
  return 1
}

compare() {
  local code=0 run i step=$((1 + $# / 40)) alone=0 reversed=() shuffled=()
  mapfile -t reversed < <(printf '%s\n' "$@" | tac)
  mapfile -t shuffled < <(sha256sum "$@" | sort | cut -c67-)
  features "$work/control" "$@" >"$work/first"
  [[ $(wc -l <"$work/first") -eq $# ]] || fail "the fuzzer wrote features of $(wc -l <"$work/first") of $# inputs"
  features "$work/control" "$@" >"$work/again"
  for run in 1 2; do features "$work/control" "${reversed[@]}" >"$work/reversed$run"; done
  for run in 1 2; do features "$work/control" "${shuffled[@]}" >"$work/shuffled$run"; done
  for run in again reversed1 reversed2 shuffled1 shuffled2; do same "$run" || code=1; done
  for ((i = 1; i <= $#; i += step)); do
    features "$work/control" "${!i}" >"$work/alone"
    grep -qxFf "$work/alone" "$work/first" || { echo "DIFFERENT alone: ${!i}"; code=1; }
    alone=$((alone + 1))
  done
  if ((code == 0)); then
    echo "$# inputs, $(cut -d' ' -f2- "$work/first" | wc -w) features:" \
      "the same in 6 processes and 3 orders, and $alone of them alone"
  fi
  return $code
}

build() { # OPTION...
  model "$work/build" clang++ -O1 -fsanitize=fuzzer-no-link "$@"
  fuzzer "$work/build" rmap_fuzzer -- clang++ -O1 -fsanitize=fuzzer-no-link "$@"
  fuzzer=$work/build/rmap_fuzzer
}

canary() { # SOURCE
  source_dir=$(realpath "$1")
  # shellcheck source-path=SCRIPTDIR source=build.sh
  source "$source_dir/tests/determinism/build.sh"
  build -fno-sanitize-coverage=stack-depth
  compare "$source_dir"/corpus/rmap_fuzzer/*
  build
  if compare "$source_dir"/corpus/rmap_fuzzer/* >"$work/canary.log"; then
    echo "FAIL: the depth of the stack was not noticed"
    exit 1
  fi
  echo "noticed, as it should be: $(head -n 1 "$work/canary.log" | cut -d, -f1)"
}

if [[ ${1-} == --help || $# -lt 3 ]]; then
  sed -n '2,/^# SPDX/{/SPDX/!s/^# \{0,1\}//p}' "$0"
  if [[ ${1-} == --help ]]; then exit 0; else exit 2; fi
fi
export LC_ALL=C
if [[ $1 == --canary ]]; then
  mkdir -p "$3"
  work=$(realpath "$3")
  canary "$2"
else
  fuzzer=$1
  mkdir -p "$2"
  work=$(realpath "$2")
  shift 2
  compare "$@"
fi
