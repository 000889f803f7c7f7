#!/usr/bin/env bash
# ./run as one types it, in a copy of the tree. Usage: run_test.sh CHECK BIN_DIR WORK_DIR SOURCE_DIR
# SPDX-License-Identifier: Apache-2.0
#
# Property: nothing is written but WORK_DIR, which is emptied, and nothing is installed: the programs are those in BIN_DIR,
# or stand-ins. Exits 77 with the reason when this machine cannot do a check.
set -euo pipefail
check=$1 bin=$2 work=$3 source_dir=$4
tree="$work/a tree" # With a blank, as paths may have one.
rm -rf "$work"
mkdir -p "$tree"
tar -C "$source_dir" --exclude='./build*' --exclude=./.git -cf - . | tar -C "$tree" -xf -
cd "$tree"
export RMAPFUZZ_BIN=$bin
unset CMAKE_GENERATOR
# shellcheck source=tests/shell.sh
source "$source_dir/tests/shell.sh"
out=$work/out err=$work/err
exec </dev/null
says() { grep -qE -e "$1" "$work/out" || fail "no line like '$1' in: $(cat "$work/out" "$work/err")"; }
warns() { grep -qE -e "$1" "$work/err" || fail "no line like '$1' on stderr, but: $(cat "$work/err")"; }
silent() { [[ ! -s $1 ]] || fail "it is not silent: $(cat "$1")"; }
git_tree() {
  command -v git >/dev/null || cannot "there is no git"
  git init -q .
  git add -A
}

# --- Processes --------------------------------------------------------------------------------------------------------

# The directories in /proc of those that run in the copy, but for this one, which began there.
left_over() {
  local dir
  while read -r dir; do
    [[ ${dir##*/} != "$$" && ${dir##*/} != "$BASHPID" ]] || continue
    if ! grep -q '^State:.Z' "$dir/status" 2>/dev/null; then echo "$dir"; fi
  done < <(cd / && find /proc -mindepth 2 -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "$tree*" -printf '%h\n' 2>/dev/null)
}
# start COMMAND...: in a process group of its own, as a terminal has it; its id goes to `started`.
start() {
  set -m
  "$@" >"$work/out" 2>"$work/err" </dev/null &
  started=$!
  set +m
}
# await SECONDS WHAT COMMAND...: until it succeeds.
await() {
  local began=$SECONDS
  while ((SECONDS - began < $1)); do
    if "${@:3}"; then return; fi
    sleep 0.1
  done
  kill -KILL -- "-$started" 2>/dev/null || true
  fail "no $2 within $1 s: $(cat "$work/out" "$work/err")"
}
gone() { ! kill -0 "$started" 2>/dev/null; }
nothing_runs() { [[ -z $(left_over) ]]; }
children_named() { # NAME COUNT
  (($(left_over | sed 's,$,/comm,' | xargs cat 2>/dev/null | grep -cxF "$1") >= $2))
}

# stopped SIGNAL TO CODE: what was started is told SIGNAL, TO a group, as by a terminal's keys, or to ./run alone. It ends
# soon with CODE, and so do all that it started.
stopped() {
  local target=$started code=0
  if [[ $2 == group ]]; then target=-$started; fi
  kill "-$1" -- "$target" 2>/dev/null || fail "it had ended before $1 to the $2: $(cat "$work/out" "$work/err")"
  await 20 "end after $1 to the $2" gone
  wait "$started" 2>/dev/null || code=$?
  ((code == $3)) || fail "$1 to the $2: it ended with $code, not $3: $(cat "$work/out" "$work/err")"
  await 5 "end of everything after $1 to the $2" nothing_runs
}
# stopped_in_all_ways READY COMMAND...: once as READY succeeds.
stopped_in_all_ways() {
  local signal to ready=$1
  shift
  for to in group script; do
    for signal in 'INT 130' 'TERM 143' 'HUP 129'; do
      start "$@"
      # shellcheck disable=SC2086 # They are words.
      await 60 "sign of life of '$*'" $ready
      # shellcheck disable=SC2086
      stopped ${signal% *} "$to" ${signal#* }
    done
  done
}
no_scratch() { [[ -z $(ls build/fuzz) ]] || fail "scratch is left over: $(ls build/fuzz)"; }

# --- What stands in for a build and for Debian --------------------------------------------------------------------------

# The copy's build is now one of 30 steps of SECONDS, at the end of which build/bin/rmapfuzz says what it is given.
small_build() { # SECONDS
  unset RMAPFUZZ_BIN
  cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(small CXX)
foreach(i RANGE 1 30)
  add_custom_command(OUTPUT step${i} COMMAND sleep $ENV{STEP} && touch step${i})
  list(APPEND steps step${i})
endforeach()
add_custom_command(OUTPUT all_steps DEPENDS ${steps} ${CMAKE_SOURCE_DIR}/tool VERBATIM
                   COMMAND install -D ${CMAKE_SOURCE_DIR}/tool bin/rmapfuzz && touch all_steps)
add_custom_target(rmapfuzz ALL DEPENDS all_steps)
enable_testing()
add_test(NAME long COMMAND sleep 600)
END
  printf '#!/bin/sh\necho "$@"\n' >tool
  export STEP=$1
}

speak_often() { sed -i 's/^say_progress_every=.*/say_progress_every=1/' fuzz/setup/progress.sh; }

# slow PROGRAM PATTERN SECONDS: from now on this program sleeps first, where its arguments match.
# There is a file `sleeps` then.
slow() {
  export RMAPFUZZ_BIN=$work/slow
  rm -rf "$RMAPFUZZ_BIN"
  mkdir "$RMAPFUZZ_BIN"
  ln -s "$bin"/* "$RMAPFUZZ_BIN/"
  rm "$RMAPFUZZ_BIN/$1"
  cat >"$RMAPFUZZ_BIN/$1" <<END
#!/bin/bash
if [[ \$* == $2 ]]; then : >"$work/slow/sleeps"; sleep $3; fi
exec "$bin/$1" "\$@"
END
  chmod +x "$RMAPFUZZ_BIN/$1"
}

# A PATH with what every Debian has, and no more; with an apt-get that writes down how it was called, and fails.
bare_path() { # UID
  local command
  mkdir "$work/bare"
  for command in bash cat cut env flock grep mkdir mktemp mv nproc rm sed sleep sort dirname; do
    ln -s "$(type -P "$command")" "$work/bare/"
  done
  printf '#!/bin/sh\necho %s\n' "$1" >"$work/bare/id"
  # shellcheck disable=SC2016 # It is a script.
  printf '#!/bin/sh\necho "$@" >>"%s/apt"\n[ "$4" = update ]\n' "$work" >"$work/bare/apt-get"
  chmod +x "$work/bare/id" "$work/bare/apt-get"
}
# The packages of a section of packages.txt, sorted.
packages_of() { sed -n "/^\[$1\]/,/^\[/{s/^\([a-z][^ |]*\) *|.*/\1/p}" packages.txt | sort | paste -sd ' '; }

# --- The checks -------------------------------------------------------------------------------------------------------

case $check in
  # What README begins with: from an empty corpus to the race of that mail, which is explained and kept.
  fuzz)
    for _ in 1 2 3 4 5; do # A machine that is busy with other things may need more than the minute that this takes.
      ends 0 ./run fuzz
      if ! grep -q '^No finding in v3\.0: [0-9]\{1,6\} executions' "$work/out"; then break; fi
    done
    says '^SUMMARY: missed_pte v3\.0 '
    says '^  1\. '
    says '^Finding in v3\.0: [1-9][0-9]* executions, .*, --seed [0-9]+$'
    warns '^run: fuzzing v3\.0 from an empty corpus for missed_pte:migrate\+mremap, for 60 s at most'
    kept=$(sed -n 's/^Input:  //p' "$work/out")
    [[ $kept == build/findings/v3.0/missed_pte-* && -s $kept ]] || fail "'$kept' is not kept"
    replay=$(sed -n 's/^Replay: //p' "$work/out")
    ends 1 bash -c "$replay"
    says missed_pte
    no_scratch
    ;;
  # Each option does what --help says of it.
  fuzz_options)
    ends 1 ./run fuzz --check --seed 1 v3.0 600
    ends 0 ./run fuzz --check --jobs 3 newest 2
    says '^No finding in newest: [1-9][0-9]* executions, [0-9.]+ s, 3 processes, '
    says '^fuzz: kernel newest: [1-9][0-9]* executions, 0 findings$'
    ends 0 ./run fuzz --until deadlock --jobs 1 v3.0 2
    says '^No finding in v3\.0: [1-9][0-9]* executions, [0-9.]+ s, 1 process, '
    ends 0 ./run fuzz --until=missed_pte --seed 1 v3.0 600
    says '^SUMMARY: missed_pte v3\.0 '
    ends 2 ./run fuzz --faster
    ends 2 ./run fuzz --jobs 0
    ends 2 ./run fuzz --engine none
    no_scratch
    # What no kernel and no finding is called is refused before anything is made.
    rm -r build/fuzz
    ends 2 ./run fuzz --corpus mine v9.9
    ends 2 ./run fuzz --corpus mine --until missed_pt newest
    warns "^run: --until: pattern 'missed_pt': .* \(did you mean missed_pte\?\); known: deadlock, "
    [[ $(wc -l <"$work/err") == 1 && ! -e mine && ! -e build/fuzz ]] || fail "it began to fuzz"
    ;;
  # A corpus grows by whole files, named by their hash; what was there stays. Paths begin where one is.
  fuzz_corpus)
    mkdir "$work/elsewhere"
    cd "$work/elsewhere"
    for round in 1 2; do
      ends 0 "$tree/run" fuzz --jobs 2 --corpus mine newest 2
      says "^Corpus: $work/elsewhere/mine: [0-9]+ inputs are new, $(find mine -type f | wc -l) in all$"
      [[ $round == 2 ]] || (cd mine && sha1sum -- *) >sums
    done
    (cd mine && sha1sum --quiet -c ../sums) || fail "an input was changed"
    sed 's/\(.*\)  \(.*\)/\1 \2/' sums | while read -r sum name; do [[ $sum == "$name" ]] || fail "$name has $sum"; done
    ends 1 "$tree/run" fuzz --check --seed 1 v3.0 600
    replay=$(sed -n 's/^Replay: //p' "$work/out")
    ends 1 bash -c "$replay"
    [[ $(ls) == $'mine\nsums' ]] || fail "something was written where ./run was called: $(ls)"
    ;;
  # Whoever waits, and has no terminal, reads now and then what goes on. Nothing is written outside.
  fuzz_progress)
    speak_often
    slow rmap_fuzzer '*merge=1*' 3
    TMPDIR=$work/nowhere ends 0 ./run fuzz --jobs 1 --corpus mine newest 4
    warns '^run: fuzzing, [1-9][0-9.]* s of 4, [1-9][0-9]* executions$'
    warns "^run: merging what was found into $tree/mine$"
    warns '^run: merging the corpus$'
    TMPDIR=$work/nowhere ends 0 ./run corpus --runs 0 rmap_fuzzer
    warns '^run: merging what rmap_fuzzer has$'
    ;;
  # Ctrl-C, and whoever ends ./run alone: soon, at any moment, and nothing survives.
  fuzz_stops)
    stopped_in_all_ways 'children_named rmap_fuzzer 2' ./run fuzz --jobs 2 newest 600
    no_scratch
    for moment in 0.05 0.1 0.15 0.2 0.25 0.3 0.4 0.5; do
      start ./run fuzz --jobs 16 newest 600
      sleep $moment
      stopped INT group 130
    done
    # A finding that is on its way is not lost.
    no_scratch
    for word in minimize explain; do
      slow rmapfuzz "$word*" 100
      start ./run fuzz --check --seed 1 v3.0 600
      await 60 "finding" test -e "$work/slow/sleeps"
      stopped INT group 130
      replay=$(sed -n 's/^run: stopped at a finding; to see it: //p' "$work/err")
      [[ -n $replay ]] || fail "the finding is lost: $(cat "$work/err")"
      RMAPFUZZ_BIN=$bin ends 1 bash -c "$replay"
      says '^SUMMARY: '
      [[ $replay == *" build/$([[ $word == minimize ]] && echo fuzz || echo findings)/v3.0"* ]] ||
        fail "it says: $replay"
      rm -rf build/fuzz/v3.0.*
    done
    ;;
  # The other words, which are ended in the same ways.
  words_stop)
    git_tree
    stopped_in_all_ways 'children_named rmap_fuzzer 1' ./run corpus --runs 999999999 rmap_fuzzer
    [[ -z $(git ls-files -m) ]] || fail "seeds were changed: $(git ls-files -m)"
    slow rmapfuzz '*newest' 100 # The second look of two.
    mkdir few
    cp corpus/rmap_fuzzer/0* few/
    stopped_in_all_ways 'children_named sleep 1' ./run coverage few
    export RMAPFUZZ_BIN=$bin
    start ./run soak newest 1
    await 60 "fuzzer for each processor" children_named rmap_fuzzer "$(nproc)"
    stopped INT group 3 # It has nothing to conclude yet, and says so.
    start ./run rmapfuzz matrix tests/litmus/mremap-merge+migrate.litmus
    await 60 "tool at work" children_named rmapfuzz 1
    stopped TERM script 143
    ;;
  # Nothing is concluded on a full disk.
  fuzz_full_disk)
    mkdir -p build/fuzz
    mount='mount -t tmpfs -o size=200k none build/fuzz'
    unshare -rm bash -c "$mount" 2>/dev/null || cannot "no file system can be mounted here"
    ends 2 unshare -rm bash -c "$mount && ./run fuzz --jobs 2 newest 300"
    warns 'cannot be written any more: No space left on device; everything is left in build/fuzz/newest\.'
    nothing_runs || fail "something still runs"
    ;;
  # On a clean clone the seeds that come out are those that are there.
  corpus_is_a_fixed_point)
    needs_the_compiler_of_the_seeds "$bin"
    git_tree
    ends 0 ./run corpus --runs 0
    [[ -z $(git ls-files -m -o corpus) ]] || fail "changed: $(git ls-files -m -o corpus) $(cat "$work/err")"
    ;;
  # A build is never silent for long, its output is in build/log, and stdout is the tool's own.
  build_progress)
    small_build 0.2
    speak_often
    ends 0 ./run rmapfuzz kernels
    [[ $(cat "$work/out") == kernels ]] || fail "stdout is $(cat "$work/out")"
    warns '^run: building, [0-9]+ of 3[0-9]$|^run: building, [0-9]+%$'
    grep -q '3[0-9]/3[0-9]\|100%' build/log || fail "build/log: $(cat build/log)"
    cp "$source_dir/fuzz/setup/progress.sh" fuzz/setup/
    ends 0 ./run rmapfuzz rules # There is nothing to build.
    silent "$work/err"
    rm build/step*
    ends 0 env TERM=xterm script -qec './run rmapfuzz kernels' /dev/null
    says $'\r\e\\[K\\[ *[0-9]+(/3[0-9]|%)\\].*\r\e\\[Kkernels'
    rm tool
    ends 2 ./run rmapfuzz kernels
    warns 'tool' # What the build said.
    warns '^run: the build failed$'
    silent "$work/out"
    ;;
  build_stops)
    small_build 100
    stopped_in_all_ways 'children_named sleep 2' ./run rmapfuzz kernels
    small_build 0
    sed -i '/^\[test\]/,$d' packages.txt # Nothing is to be installed here.
    stopped_in_all_ways 'children_named ctest 1' ./run test
    ;;
  # All that is missing, in one call; or in one line for somebody who may.
  packages)
    unset RMAPFUZZ_BIN
    wanted=$(packages_of fuzz)
    [[ $(wc -w <<<"$wanted") -gt 7 ]] || fail "[fuzz] has few packages: $wanted"
    bare_path 0
    ends 2 env PATH="$work/bare" ./run rmapfuzz kernels
    [[ $(cat "$work/apt") == "-q -y --no-remove update"$'\n'"-q -y --no-remove install --no-install-recommends $wanted" ]] ||
      fail "apt-get was called so: $(cat "$work/apt"), and not for $wanted"
    warns "^run: could not do this as root: apt-get install --no-install-recommends ${wanted//+/\\+}$"
    rm -r "$work/bare" "$work/apt"
    bare_path 1000
    ends 2 env PATH="$work/bare" ./run fuzz
    [[ ! -e $work/apt ]] || fail "apt-get was called"
    warns "^run: neither root nor sudo; .*: apt-get install --no-install-recommends ${wanted//+/\\+}$"
    ;;
  # Every word explains itself, and a wrong one is refused.
  help)
    ends 0 ./run --help
    words=$(sed -n 's/^  \([a-z]*\) .*/\1/p' "$work/out")
    [[ $(wc -w <<<"$words") == 9 ]] || fail "--help lists: $words"
    says ' 2 in case of trouble, and with 130 when ctrl-C stops it'
    for word in $words; do
      ends 0 ./run "$word" --help
      says "^\./run $word"
      silent "$work/err"
    done
    ends 2 ./run
    ends 2 ./run wrong
    ends 2 ./run $'wrong\e[2J\nword'
    [[ $(<"$work/err") == "run: no word is called 'wrong?[2J?word'; see ./run --help" ]] || fail "it says: $(<"$work/err")"
    # What was meant is named, before anything is built: each word and option without its end.
    for word in $words; do
      ends 2 ./run "${word%?}" --help
      warns "^run: no word is called '${word%?}' \\(did you mean $word\\?\\); see \./run --help$"
    done
    for word in fuzz corpus coverage test; do
      ends 0 ./run "$word" --help
      options=$(sed -n 1p "$work/out" | grep -oE -e '--[a-z]+')
      for option in $options; do
        ends 2 ./run "$word" "${option%?}"
        warns "^run: $word has no option '${option%?}' \\(did you mean $option\\?\\); see "
      done
    done
    ends 2 ./run test -R nothing --lal
    ends 2 ./run fuzz newest --jbos=3
    warns "'--jbos=3' \(did you mean --jobs\?\)"
    ends 2 ./run fuzz --faster
    warns "^run: fuzz has no option '--faster'; see "
    ends 0 ./run fuzz newest --help
    says '^\./run fuzz'
    ends 2 ./run fuzz --engine lbfuzzer
    warns "'lbfuzzer' \(did you mean libfuzzer\?\)"
    ends 2 ./run corpus rmap_fuzer
    warns 'no corpus/rmap_fuzer \(did you mean rmap_fuzzer\?\); there are: '
    ends 2 ./run corpus ../core
    for word in build install; do ends 2 ./run "$word" newest; done
    ends 2 ./run soak --jobs 1 newest 1
    warns '^run: soak takes KERNEL and HOURS, and then options'
    [[ ! -e build ]] || fail "something was built: $(ls build)"
    ;;
  # Scripts are what shellcheck wants them to be, and none leaves to CMake what builds: that may be a make that is not there.
  scripts)
    mapfile -t scripts < <(grep -rlIE --exclude-dir=build '^#!.*bash|^# shellcheck shell=bash' . | sort)
    ((${#scripts[@]} > 20)) || fail "there are few scripts: ${scripts[*]}"
    lines=$(grep -nE '\bcmake (.* )?(-B|--build|-S) ?' "${scripts[@]}" | grep -vE -- '-G Ninja|fuzz/setup/build\.sh:|tests/run/' || true)
    [[ -z $lines ]] || fail "use configure and compile of fuzz/setup/build.sh: $lines"
    command -v shellcheck >/dev/null || cannot "there is no shellcheck"
    shellcheck -x "${scripts[@]}" || fail "see above"
    ;;
  # AFL++ finds something in v3.0, and is stopped as the others are.
  afl)
    command -v afl-fuzz >/dev/null || cannot "there is no afl-fuzz"
    ends 1 ./run fuzz --engine afl --jobs 2 --check v3.0 600
    says '^Finding in v3\.0: '
    stopped_in_all_ways 'children_named rmap_fuzzer 2' ./run fuzz --engine afl --jobs 2 newest 600
    for moment in 0.5 0.6 0.7 0.8 0.9 1 1.2 1.5; do
      start ./run fuzz --engine afl --jobs 4 newest 600
      sleep $moment
      stopped INT group 130
    done
    no_scratch
    ;;
  # Both pages, though there is no make.
  coverage)
    command -v llvm-cov >/dev/null || cannot "there is no llvm-cov"
    mkdir "$work/no-make"
    printf '#!/bin/sh\nexit 127\n' >"$work/no-make/make"
    chmod +x "$work/no-make/make"
    mkdir "$work/few"
    cp corpus/rmap_fuzzer/0* "$work/few/"
    cd "$work"
    PATH="$work/no-make:$PATH" ends 0 "$tree/run" coverage few
    says '^lines of core/ and scheduler/: [1-9][0-9.]*% of [1-9][0-9]* ran$'
    for page in interleavings.html lines/index.html; do
      [[ -s "$tree/build/coverage/$page" ]] || fail "there is no $page"
    done
    ;;
  *) fail "no check is called $check" ;;
esac
