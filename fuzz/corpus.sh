# shellcheck shell=bash disable=SC2154
# The word `corpus` of ./run, which sources this file: makes the seeds in corpus/ anew, small.
# SPDX-License-Identifier: Apache-2.0
#
# Property: an input that git does not have is never lost. Read next: ../corpus/README.md, tools/tool_seeds.cc.

help_corpus() {
  cat <<'END'
./run corpus [--runs N] [--from DIR]... [--check] [TARGET...]
    Makes corpus/TARGET/ anew for these targets (default: all that have one): of the litmus files and regressions, what
    is there, and what N executions of fuzzing find (default 1000000; a tenth for the targets that fuzz the tools), it
    keeps a set cover of what they reach, smallest inputs first, named by their content. Where nothing reaches more than
    corpus/TARGET does, that stays as it is. Only files that git knows are ever removed.
      --from DIR   take the inputs in DIR into account, too: what `./run fuzz --corpus DIR`, a soak or OSS-Fuzz has gathered
      --check      change nothing; exit 1 if corpus/TARGET does not reach all that the litmus files reach
    Example: ./run corpus --runs 0 --from build/soak/newest/corpus rmap_fuzzer   # [minutes]
END
}

# This file is sourced by a test, too, which has a `bin` and a `fail`.
# shellcheck source=fuzz/setup/children.sh
source fuzz/setup/children.sh
# shellcheck source=fuzz/setup/progress.sh
source fuzz/setup/progress.sh

corpus_targets() {
  local folder
  for folder in corpus/*/; do basename "$folder"; done
}

# Nothing that changes from run to run.
merge_flags=(-merge=1 -set_cover_merge=1 -shuffle=0 -prefer_small=1 -use_value_profile=0 -use_counters=0 -max_len=4096)

# What the litmus files say, as inputs of a target.
litmus_seeds() { # TARGET DIR
  mkdir -p "$2"
  "$bin/tool_seeds" "$1" "$2" tests/litmus/*.litmus repro/regressions/*.litmus || fail "$1: the seeds could not be made"
}

# libFuzzer leaves a file in TMPDIR when it is stopped.
merge() { # TARGET LOG FOLDER...
  local log=$2
  TMPDIR=${log%/*} beside "$bin/$1" "${merge_flags[@]}" "${@:3}" >"$log" 2>&1
  show_progress "merging what $1 has" "$log" ||
    fail "the merge failed; see $log: $(tail -n 1 "$log")"
}

# Adds what the cover has and corpus/TARGET lacks, and removes what git has and the cover lacks.
take_cover() { # TARGET COVER
  local file name kept=0 new=0 dropped=0
  for file in "$2"/*; do
    name=${file##*/}
    if [[ -e corpus/$1/$name ]]; then
      kept=$((kept + 1))
    else
      new=$((new + 1))
      cp "$file" "corpus/$1/$name"
    fi
  done
  while IFS= read -r file; do
    [[ -e $file && ! -e $2/${file##*/} ]] || continue
    rm "$file"
    dropped=$((dropped + 1))
  done < <(git ls-files -- "corpus/$1")
  say "corpus/$1: $(find "corpus/$1" -type f | wc -l) inputs, $(cat "corpus/$1"/* | wc -c) bytes" \
    "($kept kept, $new new, $dropped dropped)"
}

# Puts into `news` how many of the inputs in the folders a merge onto the corpus would add: they reach something else.
count_news() { # TARGET WORK FOLDER...
  local seeds="corpus/$1" all=$2/check
  mkdir -p "$all"
  cp "$seeds"/* "$all/"
  merge "$1" "$2/check.log" "$all" "${@:3}"
  news=$(($(find "$all" -type f | wc -l) - $(find "$seeds" -type f | wc -l)))
}
check_corpus() { # TARGET WORK
  local news
  count_news "$1" "$2" "$2/litmus"
  ((news > 0)) || return 0
  echo "corpus/$1 does not reach all that the litmus files reach ($news would add to it); run ./run corpus $1" >&2
  return 1
}

# Where nothing is new, nothing changes: among the covers of the same features there is a choice, which may depend on
# the order in which a file system lists its files.
renew_corpus() { # TARGET RUNS FROM...
  local target=$1 runs=$2 work=build/corpus/$1 news
  shift 2
  rm -rf "$work"
  mkdir -p "$work/fuzzed" "$work/cover"
  litmus_seeds "$target" "$work/litmus"
  if [[ -n $check ]]; then
    check_corpus "$target" "$work"
    return
  fi
  [[ $target == rmap_fuzzer ]] || runs=$((runs / 10))
  if ((runs > 0)); then
    say "run: $target: $runs executions"
    beside "$bin/$target" -seed=1 -runs="$runs" -max_len=4096 -print_funcs=0 \
      -artifact_prefix="$work/" "$work/fuzzed" "$work/litmus" "corpus/$target" "$@" \
      >"$work/log" 2>&1
    show_progress "fuzzing $target" "$work/log" ||
      fail "$target has a finding; see $work/log: $(grep -a '^ASSERTION' "$work/log" || tail -n 1 "$work/log")"
  fi
  count_news "$target" "$work" "$work/litmus" "$work/fuzzed" "$@"
  if ((news == 0)); then
    say "corpus/$target: reaches all of it, and stays"
    return
  fi
  merge "$target" "$work/merge.log" "$work/cover" "$work/litmus" "corpus/$target" "$work/fuzzed" "$@"
  take_cover "$target" "$work/cover"
}

word_corpus() {
  local runs=1000000 check='' from=() targets=() known target code=0
  while (($#)); do
    case $1 in
      --runs) (($# > 1)) || fail "--runs needs a number"; runs=$2; [[ $2 == 0 ]] || whole --runs "$2"; shift ;;
      --runs=*) set -- --runs "${1#*=}" "${@:2}"; continue ;;
      --from)
        from+=("$(from_caller "${2-}")")
        [[ -n ${2-} && -d ${from[-1]} ]] || fail "--from needs a folder of inputs"
        shift
        ;;
      --from=*) set -- --from "${1#*=}" "${@:2}"; continue ;;
      --check) check=1 ;;
      -*) other_option corpus "$1" ;;
      *)
        mapfile -t known < <(corpus_targets)
        grep -qxF -e "$1" <<<"$(corpus_targets)" ||
          fail "there is no corpus/$1$(did_you_mean "$1" "${known[@]}"); there are: ${known[*]}"
        targets+=("$1")
        ;;
    esac
    shift
  done
  ((${#targets[@]})) || mapfile -t targets < <(corpus_targets)
  provide fuzz
  build_quietly "${targets[@]}" tool_seeds
  for target in "${targets[@]}"; do renew_corpus "$target" "$runs" "${from[@]}" || code=1; done
  return $code
}
