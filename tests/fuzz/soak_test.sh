#!/usr/bin/env bash
# Kills a campaign again and again, and checks that nothing was lost. SPDX-License-Identifier: Apache-2.0
#
# Property: whoever is killed with SIGKILL at whatever moment (the supervisor, a fuzzer, all at once), the same command
# goes on: no finding is lost, totals and times never go down, the corpus is whole, no process is left over.
set -euo pipefail

usage() {
  cat <<'END'
usage: soak_test.sh KILLS BIN_DIR WORK_DIR
    Starts `rmapfuzz soak --kernel v3.0` in WORK_DIR, which is emptied, kills it KILLS times at moments that a fixed
    seed draws, lets it end once, and checks what is there.
END
}
if [[ ${1-} == --help || $# != 3 ]]; then usage; exit $(($# == 3 ? 0 : 2)); fi
# shellcheck source=tests/shell.sh
source "$(dirname "${BASH_SOURCE[0]}")/../shell.sh"
kills=$1 bin=$(realpath "$2")
rm -rf "$3"
mkdir -p "$3/known"
work=$(realpath "$3")
dir=$work/campaign
RANDOM=7


# --- The campaign -----------------------------------------------------------------------------------------------------

start() { # HOURS
  exec "$bin/rmapfuzz" soak --kernel v3.0 --hours "$1" --jobs 2 --directory "$dir" --seed 7 --schedules 300 \
    --merge-above 250 --json >"$work/out" 2>"$work/err"
}
children() { cat "/proc/$1/task/$1/children" 2>/dev/null || true; }
# The processes of this campaign that live.
processes() {
  local exe pid
  for exe in /proc/[0-9]*/exe; do
    [[ $(readlink "$exe" 2>/dev/null) == "$bin"/* ]] || continue
    pid=${exe#/proc/}
    pid=${pid%/exe}
    if grep -qF -e "$dir" "/proc/$pid/cmdline" 2>/dev/null; then echo "$pid"; fi
  done
}
await_no_processes() {
  local tries left=''
  for ((tries = 0; tries < 100; tries++)); do
    left=$(processes)
    if [[ -z $left ]]; then return; fi
    sleep 0.1
  done
  fail "these processes are left over: $left"
}
# What the fuzzers have stored so far.
remember() { cp -n "$dir"/inputs/* "$work/known/" 2>/dev/null || true; }

wait_a_little() { sleep "$((RANDOM % 3)).$((RANDOM % 10))"; }

kill_something() { # SUPERVISOR
  local child
  remember
  case $((RANDOM % 3)) in
    0) kill -KILL "$1" ;;
    1)
      for child in $(children "$1"); do kill -KILL "$child" 2>/dev/null || true; break; done
      wait_a_little
      remember
      kill -KILL "$1"
      ;;
    2)
      # shellcheck disable=SC2046 # They are words.
      kill -KILL "$1" $(children "$1") 2>/dev/null || true
      ;;
  esac
}

round() {
  local supervisor
  (start 10) &
  supervisor=$!
  wait_a_little
  kill -0 "$supervisor" 2>/dev/null || fail "it ended by itself: $(cat "$work/err")"
  kill_something "$supervisor"
  wait "$supervisor" 2>/dev/null || true
  if grep -q 'another soak' "$work/err"; then fail "refused, as somebody of the start before lives: $(processes)"; fi
}

# The whole campaign; then the same command again, which has nothing to do but to report.
last_run() {
  local ms hours code=0
  ms=$(tail -n 1 "$dir/journal.jsonl" | grep -oE '"elapsed_ms":[0-9]+' | grep -oE '[0-9]+' || echo 0)
  hours=$(awk -v ms="$ms" 'BEGIN { print (ms + 4000) / 3600000 }')
  (start "$hours") || code=$?
  ((code == 1)) || fail "the last run ended with $code: $(cat "$work/err")"
  cp "$dir/journal.jsonl" "$work/journal.before"
  code=0
  (start "$hours") || code=$?
  ((code == 1)) || fail "a finished campaign ended with $code: $(cat "$work/err")"
  cmp -s "$work/journal.before" "$dir/journal.jsonl" || fail "a finished campaign was begun again"
}

# --- What must hold ---------------------------------------------------------------------------------------------------

# Every input that was ever stored is still there, and a finding lists it; so is whatever a fuzzer said that it found.
check_nothing_is_lost() {
  local file name signature
  for file in "$work"/known/*; do
    name=${file##*/}
    if [[ $name == *.part ]]; then continue; fi
    cmp -s "$file" "$dir/inputs/$name" || fail "the input $name is lost or changed"
    grep -qF "\"$name\"" "$dir"/findings/*.json || fail "no finding lists the input $name"
  done
  { grep -ahE '^fuzz: execution [0-9]+: ' "$dir"/logs/[0-9]* || true; } | cut -d: -f3 | sort -u >"$work/said"
  while read -r signature; do
    grep -qF "\"$signature\"" "$dir"/findings/*.json || fail "$signature was found, and is no finding"
  done <"$work/said"
  [[ -s $work/said ]] || fail "the fuzzers said nothing of findings"
}

check_journal() {
  awk '
    function number(name) {
      if (!match($0, "\"" name "\":[0-9]+")) { print "line " NR " has no " name; exit 1 }
      return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) + 0
    }
    { for (i = 1; i <= n; i++) {
        now = number(names[i])
        if (now < before[i]) { print "line " NR ": " names[i] " goes down: " before[i] " to " now; exit 1 }
        before[i] = now
    } }
    BEGIN { n = split("elapsed_ms executions sites pairs findings restarts at", names, " ") }
  ' "$dir/journal.jsonl" >"$work/journal.log" || fail "journal: $(cat "$work/journal.log")"
  [[ $(grep -c '"event":"start"' "$dir/journal.jsonl") -ge 2 ]] || fail "no start was written down twice"
}

check_corpus() {
  local code=0
  [[ -z $(find "$dir/corpus" -size 0) ]] || fail "an input of the corpus is empty"
  find "$dir/corpus" -type f -print0 |
    xargs -0 "$bin/rmapfuzz" replay --kernel v3.0 >/dev/null 2>"$work/replay.log" || code=$?
  [[ ! -s $work/replay.log ]] || fail "the corpus: exit code $code, $(head -n 3 "$work/replay.log")"
  [[ $(find "$dir/corpus" -type f | wc -l) -gt 50 ]] || fail "the corpus is small"
}

check_findings() {
  local file code
  for file in "$dir"/findings/*.litmus; do
    code=0
    "$bin/rmapfuzz" replay "$file" --kernel v3.0 >"$work/replayed" || code=$?
    ((code == 1)) || fail "$file: exit code $code"
    sed -n 's/^signature *//p' "$work/replayed"
  done >"$work/signatures"
  [[ -z $(sort "$work/signatures" | uniq -d) ]] || fail "a finding is there twice: $(sort "$work/signatures" | uniq -d)"
  [[ -z $(find "$dir/findings" "$dir/inputs" -name '*.json' -size 0) ]] || fail "a description is empty"
}

check_reports() {
  if command -v xmllint >/dev/null; then
    xmllint --noout "$dir/report.html" || fail "report.html is not well-formed"
  fi
  if command -v python3 >/dev/null; then
    python3 -m json.tool "$work/out" >/dev/null || fail "--json printed no JSON"
    python3 -c 'import html.parser, sys; html.parser.HTMLParser().feed(open(sys.argv[1]).read())' "$dir/report.html" ||
      fail "report.html is no HTML"
  fi
  grep -q "^findings    $(wc -l <"$work/signatures")$" "$dir/report.txt" || fail "report.txt counts other findings"
}

# refused KERNEL MESSAGE: the same directory again.
refused() {
  local code=0
  "$bin/rmapfuzz" soak --kernel "$1" --hours 10 --directory "$dir" >/dev/null 2>"$work/second" || code=$?
  ((code == 2)) || fail "$1 in the same directory ended with $code: $(cat "$work/second")"
  grep -q "$2" "$work/second" || fail "$1 in the same directory: $(cat "$work/second")"
}
# Others are kept out as long as it runs, and another kernel in any case.
check_exclusion() {
  local supervisor
  (start 10) &
  supervisor=$!
  until [[ -n $(children "$supervisor") ]]; do
    kill -0 "$supervisor" 2>/dev/null || fail "it ended by itself: $(cat "$work/err")"
    sleep 0.1
  done
  refused v3.0 'another soak is at work'
  kill -TERM "$supervisor"
  ! wait "$supervisor" || fail "ended with ten hours left it exits with 0"
  refused v3.1 'is a campaign of kernel v3.0'
}

# A campaign without a finding that somebody ends early is not clean: its hours are not over.
check_ended_early() {
  local signal code supervisor
  for signal in TERM HUP; do # The second one goes on where the first one ended it.
    "$bin/rmapfuzz" soak --hours 10 --jobs 1 --directory "$work/early" >"$work/early.out" 2>"$work/early.err" &
    supervisor=$!
    until [[ -n $(children "$supervisor") ]] && grep -qs '"executions":[1-9]' "$work/early/journal.jsonl"; do
      kill -0 "$supervisor" 2>/dev/null || fail "it ended by itself: $(cat "$work/early.err")"
      sleep 0.1
    done
    kill -s "$signal" "$supervisor"
    code=0
    wait "$supervisor" || code=$?
    ((code == 3)) || fail "ended early by $signal it exits with $code: $(cat "$work/early.out" "$work/early.err")"
    grep -q '^executions  *[1-9]' "$work/early.out" || fail "it ran nothing: $(head -n 5 "$work/early.out")"
  done
}

# A fuzzer that cannot run is noticed at once, not after a week.
check_broken_fuzzer() {
  local code=0
  "$bin/rmapfuzz" soak --hours 10 --jobs 1 --fuzzer "$(type -P false)" --directory "$work/broken" \
    >/dev/null 2>"$work/broken.err" || code=$?
  ((code == 2)) || fail "with a fuzzer that cannot run it ended with $code"
  grep -q 'false: cannot run, run 0004: exit code 1; see ' "$work/broken.err" || fail "$(cat "$work/broken.err")"
}

for ((i = 0; i < kills; i++)); do round; done
check_exclusion
last_run
check_ended_early
check_broken_fuzzer
await_no_processes
check_nothing_is_lost
check_journal
check_corpus
check_findings
check_reports
echo "killed $kills times; $(wc -l <"$work/signatures") findings, $(tail -n 1 "$dir/journal.jsonl")"
