#!/usr/bin/env bash
# check.sh: same input, same execution, whatever compiled the model. Builds trace_hashes in many ways and compares what
# they print over the whole corpus, all litmus witnesses and kept regressions, byte for byte.
#
#   check.sh SOURCE WORK quick    four builds, for CI
#   check.sh SOURCE WORK all      compilers x -O0/-O2 x sanitizers x C++ libraries, and aarch64 and s390x under qemu
#
# Exits 0 when all print the same, 1 when two differ (the first differing line names kernel and input), 2 when something
# cannot be built or run. Builds go to WORK, which is replaced; sysroots for the other architectures stay there.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
fail() {
  echo "check.sh: $*" >&2
  exit 2
}

# One line a build: name|Debian's package of the compiler|what runs it|compiler and options. A name has no blanks.
variants() {
  case $1 in
    quick)
      echo 'gcc-O0|g++||g++ -O0'
      echo 'gcc-O2|g++||g++ -O2'
      echo 'clang-O2|clang||clang++ -O2'
      echo 'clang-O1-address-undefined|clang||clang++ -O1 -fsanitize=address,undefined -fno-sanitize-recover=all'
      ;;
    all)
      native gcc g++ g++ libstdc++
      native clang clang clang++ libstdc++ libc++
      native clang-19 clang-19 clang++-19 libstdc++ libc++
      foreign aarch64 arm64
      foreign s390x s390x
      ;;
  esac
}
native() { # NAME PACKAGE COMPILER LIBRARY...
  local library optimise flag
  for library in "${@:4}"; do
    for optimise in -O0 -O2; do
      flag=
      if [[ $library == libc++ ]]; then flag=-stdlib=libc++; fi
      echo "$1$optimise-$library|$2||$3 $optimise $flag"
      echo "$1$optimise-$library-address|$2||$3 $optimise $flag -fsanitize=address"
      echo "$1$optimise-$library-undefined|$2||$3 $optimise $flag -fsanitize=undefined -fno-sanitize-recover=all"
    done
  done
}
foreign() { # NAME ARCHITECTURE
  local optimise sysroot=$work/sysroot-$2
  for optimise in -O0 -O2; do
    echo "$1$optimise|g++-$1-linux-gnu|qemu-$1-static|$1-linux-gnu-g++ $optimise -static" \
      "-isystem $sysroot/usr/include -L$sysroot/usr/lib/$1-linux-gnu"
  done
}

# Builds and runs one; its lines go to WORK/NAME.out.
one() {
  local name package runner command dir out
  IFS='|' read -r name package runner command <<<"$1"
  read -ra command <<<"$command"
  command -v "${command[0]}" >/dev/null || fail "$name: there is no ${command[0]}; install $package"
  [[ -z $runner ]] || command -v "$runner" >/dev/null || fail "$name: there is no $runner; install qemu-user-static"
  dir=$work/$name out=$work/$name.out
  model "$dir" "${command[@]}" || fail "$name: the model does not compile"
  program "$dir" trace_hashes -- "${command[@]}" || fail "$name: trace_hashes does not link"
  ASAN_OPTIONS=detect_stack_use_after_return=1 ${runner:+"$runner"} "$dir/trace_hashes" "${inputs[@]}" >"$out" ||
    fail "$name: trace_hashes ended with exit code $?"
  rm -rf "$dir"
  printf '%-30s %s lines, %s\n' "$name" "$(wc -l <"$out")" "$(tail -n 1 "$out")"
}

# Says where two outputs part.
compare() { # NAME NAME
  local line
  if cmp -s "$work/$1.out" "$work/$2.out"; then return; fi
  line=$(diff "$work/$1.out" "$work/$2.out" | sed -n '1s/[^0-9].*//p') || true
  echo "DIFFERENT: $1 and $2, first at line $line:"
  echo "  $1: $(sed -n "${line}p" "$work/$1.out")"
  echo "  $2: $(sed -n "${line}p" "$work/$2.out")"
  return 1
}

if [[ ${1-} == --help || $# -lt 3 ]]; then
  sed -n '2,/^# SPDX/{/SPDX/!s/^# \{0,1\}//p}' "$0"
  if [[ ${1-} == --help ]]; then exit 0; else exit 2; fi
fi
export LC_ALL=C
source_dir=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
# shellcheck source-path=SCRIPTDIR source=build.sh
source "$source_dir/tests/determinism/build.sh"
inputs=("$source_dir"/corpus/*/* "$source_dir"/tests/litmus/*.litmus "$source_dir"/repro/regressions/*.litmus)
if [[ $3 == one ]]; then # For xargs, below.
  one "$4"
  exit 0
fi
[[ $3 == quick || $3 == all ]] || fail "there are quick and all, and not '$3'"

rm -f "$work"/*.out
if [[ $3 == all ]]; then
  for architecture in arm64 s390x; do
    "$source_dir/tests/determinism/sysroot.sh" "$architecture" "$work/sysroot-$architecture"
  done
fi
variants "$3" | xargs -d '\n' -n 1 -P "$(nproc)" "$0" "$source_dir" "$work" one ||
  fail "not everything could be built and run"
mapfile -t names < <(variants "$3" | cut -d'|' -f1)
code=0
for name in "${names[@]:1}"; do compare "${names[0]}" "$name" || code=1; done
if ((code == 0)); then echo "${#names[@]} builds ran the same executions of ${#inputs[@]} files"; fi
exit $code
