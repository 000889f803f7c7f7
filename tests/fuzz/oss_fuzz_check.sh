#!/usr/bin/env bash
# Checks what a build left in $OUT against all that OSS-Fuzz demands of it, and what its own check has commented out.
# SPDX-License-Identifier: Apache-2.0
#
# Every complaint is one line. No complaint is printed twice, and the first does not hide the others.
set -euo pipefail

usage() {
  cat <<'END'
usage: oss_fuzz_check.sh OUT_DIR SANITIZER ENGINE
  SANITIZER  address, undefined, memory, coverage, none
  ENGINE     libfuzzer, afl, none (the stand-alone runner), stub (tests/fuzz/engine_stub.cc)
Exit codes: 0 nothing to complain about, 1 complaints, 2 bad usage. ARCHITECTURE (default: this machine's) is honoured.
END
}
if [[ ${1-} == --help ]]; then usage && exit 0; fi
if (($# != 3)) || [[ ! -d $1 ]]; then usage >&2 && exit 2; fi
out=$(cd "$1" && pwd) sanitizer=$2 engine=$3
architecture=${ARCHITECTURE:-$(uname -m)}
runs=${RUNS:-4000} # A fixed number of executions for each target.
marker=LLVMFuzzer marker+=TestOneInput # In two parts: a script that contains it would be taken for a target.
# shellcheck source=tests/fuzz/oss_fuzz_rules.sh
source "$(dirname "${BASH_SOURCE[0]}")/oss_fuzz_rules.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
complaints=0
complain() {
  printf 'BAD BUILD: %s\n' "$*"
  complaints=$((complaints + 1))
}

# As ClusterFuzz sets them, but for the symbolizer, which takes long.
asan=alloc_dealloc_mismatch=0:allocator_may_return_null=1:detect_leaks=1:detect_stack_use_after_return=1
asan+=:max_uar_stack_size_log=16:handle_abort=1:handle_segv=1:handle_sigill=1:quarantine_size_mb=10:strict_memcmp=1
asan+=:use_sigaltstack=1:dedup_token_length=3:symbolize=0
sanitizer_options=(
  ASAN_OPTIONS="$asan"
  UBSAN_OPTIONS=print_stacktrace=1:print_summary=1:silence_unsigned_overflow=1:halt_on_error=1:symbolize=0
  MSAN_OPTIONS=print_stats=1:symbolize=0)

# run TARGET ARGUMENT...: runs a target the way the farm does: elsewhere, without PATH, with its options, where nothing
# can be written (/proc: chmod would not hold back root). Its output goes to $scratch/log, its exit code to `code`.
run() {
  local target=$1 options=()
  shift
  if [[ -f $moved/$target.options && $engine == libfuzzer ]]; then
    mapfile -t options < <(sed -n 's/^\([a-z_]*\)[ ]*=[ ]*\(.*\)$/-\1=\2/p' "$moved/$target.options")
  fi
  code=0
  (cd /proc && env -i PATH=/nonexistent "${sanitizer_options[@]}" LLVM_PROFILE_FILE="$scratch/%m.profraw" \
    "$moved/$target" "${options[@]}" "$@" </dev/null) >"$scratch/log" 2>&1 || code=$?
}
says() { grep -qE -e "$1" "$scratch/log"; }
last_words() { tail -n 3 "$scratch/log" | tr '\n' '|'; }

# --- What is there --------------------------------------------------------------------------------------------------

find_targets() {
  local file name
  targets=()
  while IFS= read -r file; do
    name=${file#"$out"/}
    case $name in llvm-symbolizer | afl-* | jazzer_* | honggfuzz | centipede*) continue ;; esac
    if ! grep -qF "$marker" "$file"; then
      check_companion "$name"
    elif [[ $name == */* || $name == *.* ]]; then
      complain "$name: contains $marker, so that it is taken for a fuzz target"
    elif [[ ! -x $file ]]; then
      complain "$name: is not executable, so that it is not found"
    elif [[ $name != *_fuzzer || ! $name =~ ^[A-Za-z0-9_-]+$ ]]; then
      complain "$name: contains $marker, but is not named like a target: [A-Za-z0-9_-]+_fuzzer"
    else
      targets+=("$name")
    fi
  done < <(find "$out" -type f | LC_ALL=C sort)
  ((${#targets[@]})) || complain "there is no fuzz target"
}
# A file that is no target goes with one.
check_companion() {
  local target=${1%.*}
  target=${target%_seed_corpus}
  case $1 in
    *_seed_corpus.zip | *.options | *.dict) [[ -f $out/$target ]] || complain "$1: there is no target $target" ;;
    *) complain "$1: is neither a fuzz target nor belongs to one" ;;
  esac
}

check_binary() {
  local file=$out/$1 machine library headers
  machine=$(od -An -tx1 -N20 "$file" | tr -d ' \n')
  case $machine in
    7f454c4602*) ;;
    *) complain "$1: is no 64-bit ELF executable" && return ;;
  esac
  [[ ${machine:36:4} == "$(machine_of "$architecture")" ]] || complain "$1: is not built for $architecture"
  headers=$(objdump -p "$file") || true # Of another machine, maybe.
  while read -r _ library; do
    [[ $library =~ $allowed_libraries ]] || complain "$1: needs $library, which the machines that run it do not have"
  done < <(grep -E '^ *NEEDED' <<<"$headers")
  if grep -qE '^ *(RPATH|RUNPATH)' <<<"$headers"; then complain "$1: has a library path built in"; fi
  check_instrumentation "$1"
}
# How many calls there are to each sanitizer's run time, against the bounds of OSS-Fuzz.
check_instrumentation() {
  local count name low high
  objdump -dC "$out/$1" | grep -oE '(callq? +|bl\s+)[0-9a-f]+ <__(asan|msan|ubsan|dfsan)' | sed 's/.*__//' | sort |
    uniq -c >"$scratch/calls" || true
  while read -r name low high; do
    count=$(awk -v name="$name" '$2 == name { print $1 }' "$scratch/calls")
    ((${count:-0} >= low)) || complain "$1: ${count:-0} calls to $name, less than $low: not built with $sanitizer?"
    ((${count:-0} <= high)) || complain "$1: ${count:-0} calls to $name, more than $high: built with it and $sanitizer?"
  done < <(call_bounds "$sanitizer" "$engine")
}

check_seeds() {
  local zip=$out/$1_seed_corpus.zip
  mkdir -p "$scratch/seeds/$1"
  if [[ ! -f $zip ]]; then complain "$1: has no seeds, $1_seed_corpus.zip" && return; fi
  python3 - "$zip" "$scratch/seeds/$1" >"$scratch/log" 2>&1 <<'END' || complain "$1_seed_corpus.zip: $(last_words)"
import sys, zipfile
packed = zipfile.ZipFile(sys.argv[1])
names = packed.namelist()
if not names: sys.exit("is empty")
if any("/" in name for name in names): sys.exit("is not flat")
if names != sorted(set(names)): sys.exit("is not sorted, or has a name twice")
if len({entry.date_time for entry in packed.infolist()}) > 1: sys.exit("has time stamps of the build")
packed.extractall(sys.argv[2])
END
}

check_options() {
  local line section='' key file=$out/$1.options
  [[ -f $file ]] || return 0
  while IFS= read -r line; do
    case $line in
      '' | '#'*) ;;
      '[libfuzzer]' | '[asan]' | '[msan]' | '[ubsan]' | '[env]') section=$line ;;
      *=*)
        read -r key <<<"${line%%=*}"
        if [[ $section == '[libfuzzer]' && ! $key =~ $libfuzzer_keys ]]; then
          complain "$1.options: '$key' is no option for such a file"
        elif [[ -z $section ]]; then
          complain "$1.options: '$key' stands in no section"
        fi
        ;;
      *) complain "$1.options: '$line' is neither a section nor an option" ;;
    esac
  done <"$file"
}

# --- What it does ---------------------------------------------------------------------------------------------------

# All of it under the engine that a target was linked with.
check_libfuzzer() {
  local target=$1 edges
  if [[ $sanitizer == coverage ]]; then check_coverage "$target"; return; fi
  run "$target" -- -seed=1337 -runs=4
  says 'Done 4 runs' || complain "$target: -- -runs=4 without seeds did not get there: $(last_words)"
  if says 'ERROR: no interesting inputs were found'; then complain "$target: is not instrumented"; fi
  edges=$(sed -nE '/^INFO: Loaded /{s/^INFO: Loaded [0-9]+ modules +\(([0-9]+) .*/\1/p;q}' "$scratch/log")
  ((${edges:-0} >= 100)) || complain "$target: only ${edges:-0} edges are instrumented"

  run "$target" -runs=0 "$scratch/seeds/$target"
  ((code == 0)) || complain "$target: its seeds do not run clean: $(last_words)"

  mkdir -p "$scratch/new/$target"
  run "$target" -runs="$runs" -seed=1 -print_funcs=0 -artifact_prefix="$scratch/" "$scratch/new/$target" \
    "$scratch/seeds/$target"
  ((code == 0)) || complain "$target: fuzzing ends with $code: $(last_words)"
  if ((code == 0)) && grep -vqE "$libfuzzer_lines" "$scratch/log"; then
    complain "$target: prints while it fuzzes: $(grep -m 1 -vE "$libfuzzer_lines" "$scratch/log")"
  fi
  check_dictionary "$target"
}
check_dictionary() {
  [[ -f $out/$1.dict ]] || return 0
  run "$1" -dict="$moved/$1.dict" -runs=1
  says '^Dictionary: [1-9]' || complain "$1.dict: libFuzzer does not read it: $(last_words)"
}
# A coverage build has no other instrumentation, so libFuzzer can only merge with it; it writes its profile at the end.
check_coverage() {
  mkdir -p "$scratch/merged"
  run "$1" -merge=1 -timeout=100 "$scratch/merged" "$scratch/seeds/$1"
  if ((code)) || says '^==[0-9]+== ERROR: libFuzzer:'; then complain "$1: its seeds do not merge: $(last_words)"; fi
  [[ -n $(find "$scratch" -maxdepth 1 -name '*.profraw' -size +0) ]] || complain "$1: leaves no coverage profile"
  rm -f "$scratch"/*.profraw
}
check_afl() {
  local target=$1
  code=0
  echo A >"$scratch/seeds/$target/a" # What OSS-Fuzz starts from.
  (cd "$scratch" && env AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
    AFL_FORKSRV_INIT_TMOUT=30000 "${sanitizer_options[0]}:abort_on_error=1" afl-fuzz -E "$runs" -s 1 -m none \
    -i "seeds/$target" -o "afl-$target" "$moved/$target" >"$scratch/log" 2>&1) || code=$?
  says 'All set and ready to roll' || complain "$target: afl-fuzz does not start with it: $(last_words)"
  if says 'target binary (crashed|terminated)'; then complain "$target: crashes under afl-fuzz at once"; fi
  grep -q '^stability .*: 100\.00%' "$scratch/afl-$target/default/fuzzer_stats" || complain "$target: is not stable"
  if compgen -G "$scratch/afl-$target/default/crashes/id:*" >/dev/null; then
    complain "$target: crashes under afl-fuzz"
  fi
}
check_none() {
  run "$1" "$scratch/seeds/$1"
  says 'inputs, no finding$' || complain "$1: its seeds do not run clean: $(last_words)"
}
check_stub() {
  run "$1" "$runs"
  says "^engine_stub: $runs executions, [1-9][0-9]* edges$" || complain "$1: does not run under the stub: $(last_words)"
}

[[ $(type -t "check_$engine") == function ]] || { usage >&2 && exit 2; }
find_targets
moved=$scratch/not-out # Whoever has the path built in does not find its files.
cp -r "$out" "$moved"
for target in "${targets[@]}"; do
  check_binary "$target"
  check_options "$target"
  check_seeds "$target"
  "check_$engine" "$target"
done
((complaints == 0)) || exit 1
echo "$out: ${#targets[@]} targets, nothing to complain about ($sanitizer, $engine)"
