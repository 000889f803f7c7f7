# shellcheck shell=bash disable=SC2015,SC2154
# The word `fuzz` of ./run, which sources this file: fuzzes a kernel with libFuzzer or AFL++, keeps and explains
# findings.
# SPDX-License-Identifier: Apache-2.0
#
# Property: nothing of the user's is changed. --corpus DIR only ever gains files, whole ones, at the end.
# Read next: engines.sh (what differs between the engines), ../run (fail, build_quietly),
# setup/progress.sh (say), setup/children.sh.

# shellcheck source=fuzz/engines.sh
source fuzz/engines.sh

help_fuzz() {
  cat <<'END'
./run fuzz [--check] [--engine NAME] [--seed N] [--jobs N] [--until PATTERN] [--corpus DIR] [KERNEL] [SECONDS]
    Fuzzes KERNEL from an empty corpus until the first finding or for SECONDS (default 60). A finding is shortened,
    explained and kept under build/findings/KERNEL/. Exits 0 when the job was done, finding or not, 2 in case of
    trouble, and 130 when ctrl-C stops it. Without a KERNEL it shows what this project is about: it looks in v3.0 for
    the race of migration with mremap, and passes by the other races that v3.0 has.
      --check        for CI: a finding exits 1, time running out without one 0
      --engine NAME  libfuzzer (the default) or afl: AFL++, built into build/afl, which knows no --until
      --seed N       start the random generators here (default: a new seed each time, which is printed)
      --jobs N       so many processes (default: one per processor), which share their corpus; process i has seed N + i
      --corpus DIR   start from the inputs in DIR, and add those to it that reach something new, named by their hash,
                     when the fuzzing ends, but not at ctrl-C. What is there stays as it is; DIR is made if there
                     is none
      --until RULE[:OPERATIONS[:SITE[:MANNER]]]
                     go on past all other findings, as in --until missed_pte:migrate+mremap
    KERNEL is a release plus or minus commits; `./run rmapfuzz kernels` lists them.
    Examples: ./run fuzz
              ./run fuzz v3.0+486cf46f3f9b 120
              ./run fuzz --jobs 8 --corpus build/corpus newest 3600   # [hours]
END
}

# State of the fuzz word: the scratch directory, a file of the user's that is not whole yet, a finding
# that is not explained yet, and the process ids of those fuzzers that still run, by number.
scratch='' keep_scratch='' half_written='' unexplained=''
declare -A fuzzers=()

elapsed() {
  local us=$((${ended:-${EPOCHREALTIME/[.,]/}} - started))
  printf '%d.%d' $((us / 1000000)) $((us / 100000 % 10))
}

stop_fuzzers() {
  end_children "$(stop_signal)"
  fuzzers=()
}
clean_up() {
  rm -f ${half_written:+"$half_written"}
  if [[ -n $scratch && -z $keep_scratch ]]; then rm -rf "$scratch"; fi
  if [[ -n $unexplained ]]; then
    say "run: stopped at a finding; to see it: $called_as rmapfuzz explain --minimize $unexplained"
  fi
}
trouble() {
  keep_scratch=1 unexplained=''
  fail "$*; everything is left in $scratch"
}

# A full disk is noticed here: libFuzzer goes on without a word, and its log, which is counted, loses its end.
scratch_can_be_written() {
  if { printf x >"$scratch/space" && : >"$scratch/space"; } 2>/dev/null; then return; fi
  reason=$({ printf x >"$scratch/space"; } 2>&1) || true
  reason=${reason##*: }
  return 1
}

# Waits until a fuzzer ends with a finding, whose input is put into `crash`, or all have ended. All have ended then.
await_fuzzers() {
  local i code reason shown=$SECONDS every=$say_progress_every
  if [[ -t 2 ]]; then every=3; fi
  crash=''
  while ((${#fuzzers[@]})); do
    sleep 0.1
    scratch_can_be_written || trouble "$scratch cannot be written any more: $reason"
    if ((SECONDS - shown >= every)); then
      shown=$SECONDS
      say "run: fuzzing, $(elapsed) s of $seconds, $(executions) executions"
    fi
    for i in "${!fuzzers[@]}"; do
      if kill -0 "${fuzzers[$i]}" 2>/dev/null; then continue; fi
      code=0
      wait "${fuzzers[$i]}" 2>/dev/null || code=$?
      unset "fuzzers[$i]"
      crash=$(crash_of "$i" "$code")
      if ((code == 0)) && [[ -z $crash ]]; then continue; fi
      ended=${EPOCHREALTIME/[.,]/}
      stop_fuzzers
      if [[ -n $crash ]]; then return; fi
      tail -n 40 "$scratch/$i/log" >&2
      trouble "the fuzzer ended with exit code $code, which is not a finding"
    done
  done
}

# Shortens and explains the finding `crash`; puts the kept file's path into `kept`.
keep_finding() { # KERNEL
  local code=0 output
  kept=$(for_caller "build/findings/$1/")
  attend "$bin/rmapfuzz" minimize "$crash" --kernel "$1" -o "$kept" >"$scratch/minimized" || code=$?
  output=$(<"$scratch/minimized")
  kept=${output##*$'\n'}
  kept=${kept#kept }
  if ((code > 1)) || [[ $output != *'kept '* || ! -f $kept ]]; then
    say "$output"
    trouble "the finding could not be kept (rmapfuzz minimize: exit code $code)"
  fi
  keep_scratch='' unexplained=$(as_input "$kept") code=0
  attend "$bin/rmapfuzz" explain "$kept" --kernel "$1" || code=$?
  ((code == 1)) || trouble "the finding could not be explained (rmapfuzz explain: exit code $code)"
  unexplained=''
}

# Adds what was found to the user's corpus: those inputs that reach what the files there do not, as few as cover it.
# libFuzzer merges into a copy, and whole files are moved from there to names that are free.
# When it is stopped it leaves a file in TMPDIR.
merge_corpus() { # KERNEL
  local file name found added=0 merged=$scratch/merged
  say "run: merging what was found into $user_corpus"
  mkdir -p "$merged"
  find "$user_corpus" -type f -exec cp -n -t "$merged" {} + || trouble "$user_corpus cannot be read"
  found=$(corpus_of_engine)
  TMPDIR=$scratch beside "$bin/rmap_fuzzer" --kernel="$1" -set_cover_merge=1 -shuffle=0 \
    -prefer_small=1 -use_value_profile=0 -max_len=4096 -artifact_prefix="$scratch/" \
    "$merged" "$found" >"$scratch/merge.log" 2>&1
  show_progress "merging the corpus" "$scratch/merge.log" ||
    trouble "the corpus could not be merged, see $scratch/merge.log"
  for file in "$merged"/*; do
    name=${file##*/}
    if [[ ! -f $file || -e $user_corpus/$name ]]; then continue; fi
    half_written=$user_corpus/.new-$$
    cp "$file" "$half_written" && mv -n "$half_written" "$user_corpus/$name" || trouble "$user_corpus cannot be written"
    added=$((added + 1))
  done
  printf 'Corpus: %s: %d inputs are new, %d in all\n' "$user_corpus" "$added" "$(find "$user_corpus" -type f | wc -l)"
}

# Sets the options from the arguments; see help_fuzz.
parse_fuzz_arguments() {
  local positional=()
  while (($#)); do
    case $1 in
      --check) check=1 ;;
      --until | --engine | --corpus)
        (($# > 1)) && [[ -n $2 ]] || fail "$1 needs a value; see ./run fuzz --help"
        printf -v "${1#--}" %s "$2"
        shift
        ;;
      --seed | --jobs) (($# > 1)) || fail "$1 needs a number"; printf -v "${1#--}" %s "$2"; whole "$1" "$2"; shift ;;
      --seed=* | --jobs=* | --until=* | --engine=* | --corpus=*) set -- "${1%%=*}" "${1#*=}" "${@:2}"; continue ;;
      -*) other_option fuzz "$1" ;;
      *) positional+=("$1") ;;
    esac
    shift
  done
  ((${#positional[@]} <= 2)) || fail "fuzz takes KERNEL and SECONDS, and '${positional[2]}' is one too many"
  [[ $engine == libfuzzer || $engine == afl ]] ||
    fail "there is no engine '$engine'$(did_you_mean "$engine" libfuzzer afl): libfuzzer or afl"
  [[ -z $until || $engine != afl ]] || fail "--until needs --engine libfuzzer: AFL++ stops at every finding"
  if ((${#positional[@]} == 0)) && [[ -z $until && $engine != afl ]]; then until=missed_pte:migrate+mremap; fi
  kernel=${positional[0]-v3.0} seconds=${positional[1]-60}
  whole SECONDS "$seconds"
  ((jobs <= 256)) || fail "--jobs must be at most 256"
}
# What only the programs know is refused before anything is made that a fuzzer needs.
check_names() {
  local wrong
  "$bin/rmapfuzz" kernels "$kernel" >/dev/null || exit 2
  [[ -n $until ]] || return 0
  wrong=$("$bin/rmap_fuzzer" --until="$until" --help 2>&1 >/dev/null) || fail "--until: $wrong"
}
# The user's corpus as an absolute path, which is made if it is missing.
prepare_corpus() {
  user_corpus=''
  [[ -n $corpus ]] || return 0
  user_corpus=$(realpath -m -- "$(from_caller "$corpus")")
  mkdir -p "$user_corpus" 2>/dev/null && [[ -w $user_corpus ]] ||
    fail "--corpus $corpus: is no directory that can be written; name another one"
}

# A file, as the tool is told of it in the commands that we print.
as_input() { printf '%s --kernel %s' "$(quoted "$1")" "$(quoted "$kernel")"; }

report_finding() { # SUMMARY
  local of
  keep_finding "$kernel"
  printf '\nFinding in %s: %s\n' "$kernel" "$1"
  printf 'Input:  %s\n' "$kept"
  of=$(as_input "$kept")
  printf 'Replay: %s rmapfuzz replay %s\n' "$called_as" "$of"
  printf 'Keep:   %s rmapfuzz keep %s --name NAME\n' "$called_as" "$of"
}

word_fuzz() {
  local check='' until='' engine=libfuzzer corpus='' user_corpus seed=$((1 + (RANDOM << 8 | RANDOM & 255))) jobs kernel
  local seconds crash kept count started ended='' summary processes start=an\ empty\ corpus
  jobs=$(nproc)
  parse_fuzz_arguments "$@"
  processes="$jobs processes"
  if ((jobs == 1)); then processes='1 process'; fi
  provide_engine
  build_quietly rmapfuzz rmap_fuzzer # The merge is libFuzzer's in any case.
  check_names
  prepare_corpus
  build_engine

  end_cleanly clean_up
  mkdir -p build/fuzz
  scratch=$(mktemp -d "build/fuzz/${kernel//\//_}.XXXX")
  if [[ -n $user_corpus ]]; then start=$user_corpus; fi
  say "run: fuzzing $kernel from $start${until:+ for $until}, for $seconds s at most" \
    "($processes, --seed $seed)"
  started=${EPOCHREALTIME/[.,]/}
  start_fuzzers
  await_fuzzers
  if [[ -n $crash ]]; then keep_scratch=1 unexplained=$(as_input "$(for_caller "$crash")"); fi
  count=$(executions)
  summary="$count executions, $(elapsed) s, $processes, --seed $seed"
  ((count > 0)) || [[ -n $crash ]] || trouble "the fuzzers ended without an execution"
  if [[ -n $user_corpus ]]; then merge_corpus "$kernel"; fi
  if [[ -n $crash ]]; then
    report_finding "$summary"
    exit $((check ? 1 : 0))
  fi
  printf 'No finding in %s: %s\n' "$kernel" "$summary"
  print_figures "$kernel"
}
