#!/usr/bin/env bash
# What only a process meets: pipes, standard input and output, limits, full disks; and hints, which are followed to the
# letter. Usage: files_test.sh BIN_DIR WORK_DIR SOURCE_DIR
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
bin=$1 work=$2 source_dir=$3
tool=$bin/rmapfuzz
rm -rf "$work"
mkdir -p "$work"
cd "$work"
unset RMAPFUZZ_RUN
# shellcheck source=tests/shell.sh
source "$source_dir/tests/shell.sh"
subject=(timeout 60 "$tool") # It ends within seconds.
says() { grep -qF -e "$1" err || fail "nothing about '$1', but: $(cat err)"; }
same() { cmp "$1" "$2" || fail "$1 and $2 differ"; }
nothing_left() { [[ -z $(find . -name '*.part' -o -size 0 -name 'new*') ]] || fail "left: $(find . -name '*.part')"; }

text=race.litmus
cp "$source_dir/tests/litmus/mremap-rollback+migrate.litmus" $text
ends 0 assemble $text --kernel v3.0 -o race

# --- Outputs that are no files ------------------------------------------------------------------------------------------

timeout 60 "$tool" assemble $text --kernel v3.0 -o /dev/stdout | cat >piped
same piped race
timeout 60 "$tool" assemble $text --kernel v3.0 -o - | cat >piped
same piped race
timeout 60 "$tool" assemble $text --kernel v3.0 -o >(cat >substituted)
for ((i = 0; i < 100; i++)); do
  if [[ -s substituted ]]; then break; fi
  sleep 0.1
done
same substituted race
mkfifo fifo
cat fifo >named &
ends 0 assemble $text --kernel v3.0 -o fifo
wait $!
same named race
cat fifo >named &
ends 0 regress $text --junit fifo
wait $!
grep -q '^<?xml' named || fail "no report came through the pipe"
ends 0 assemble $text --kernel v3.0 -o /dev/null
ends 2 assemble $text --kernel v3.0 -o /dev/full
says "/dev/full: cannot be written: No space left on device; make room"
made=$(mktemp -p .)
ends 0 assemble $text --kernel v3.0 -o "$made"
same "$made" race
# What is said does not get into what is made, wherever that goes.
code=0
# shellcheck disable=SC2094
timeout 60 "$tool" minimize race --kernel v3.0 -o redirected >redirected 2>err || code=$?
((code == 1)) || fail "minimize ended with $code: $(cat err)"
says "kept redirected"
ends 1 replay redirected --kernel v3.0

# --- Inputs that are no files -------------------------------------------------------------------------------------------

for input in - /dev/stdin; do
  code=0
  timeout 60 "$tool" replay $input --kernel v3.0 <race >out || code=$?
  ((code == 1)) || fail "replay of $input ended with $code"
done
ends 1 replay <(cat race) --kernel v3.0

# --- No room ------------------------------------------------------------------------------------------------------------

# every_writer FOLDER WHY: those that write a large file there fail, say why, and leave nothing.
every_writer() {
  local folder=$1 why=$2
  ends 2 explain $text --kernel v3.0 --all --format perfetto -o "$folder/new/trace"
  says "$why"
  ends 2 coverage $text --format html -o "$folder/new/page.html"
  says "$why"
  ends 2 litmus --update --preemptions 2 "$folder/mine.litmus"
  says "$why"
  same "$folder/mine.litmus" mine.litmus
  [[ ! -e $folder/new ]] || fail "a folder was left: $folder/new"
  nothing_left
}
{
  grep -E '^(litmus|setup|cpu)' "$source_dir/tests/litmus/mremap-merge+migrate.litmus"
  printf '# %0.s................................................................\n' {1..64}
  echo 'expect v3.0 missed_pte sometimes'
} >mine.litmus
mkdir limited
cp mine.litmus limited/
(
  ulimit -f 4
  every_writer limited "File too large; raise the limit"
)
if mkdir -p disk && mount -t tmpfs -o size=8k,nr_inodes=4 tmpfs disk 2>mount.err; then
  trap 'umount "$work/disk"' EXIT
  cp mine.litmus disk/ 2>/dev/null || fail "the test's disk is too small"
  every_writer disk "No space left on device; make room"
else
  echo "no test of a full disk: $(cat mount.err)"
fi

# Standard input is an input, too, and a folder named - is in nobody's way.
cp $text stdin1
# shellcheck disable=SC2094 # That is the question.
ends 2 explain - --kernel v3.0 --force -o stdin1 <stdin1
says "stdin1: is an input, which stays"
# shellcheck disable=SC2094
ends 2 assemble - --kernel v3.0 --force -o stdin1 <stdin1
same stdin1 $text
mkdir ./-
ends 1 minimize race --kernel v3.0 -o -
[[ -s out && -z $(ls ./-) ]] || fail "minimize -o - wrote into a folder: $(ls ./-)"
rmdir ./-

# --- Hints --------------------------------------------------------------------------------------------------------------

# follow CODE: the command behind "replay: " does what it says, here.
follow() {
  local command code=0
  command=$(sed -n '/^replay: /,/[^\\]$/{s/^replay: //;p}' out) # It may go on behind a backslash.
  [[ -n $command ]] || fail "there is no hint: $(cat out)"
  (unset tool; eval "timeout 60 $command" >followed 2>&1) || code=$?
  ((code == $1)) || fail "'$command' ended with $code, not $1: $(cat followed)"
}
mkdir -p "a folder/bin"
ln -s "$tool" "a folder/bin/rmapfuzz"
cp race "a folder/-it's"
cd "a folder"
for tool in bin/rmapfuzz "$PWD/bin/rmapfuzz"; do
  ends 1 explain --kernel v3.0 -- "-it's"
  follow 1
  ends 0 keep --kernel v3.0 -o kept -- "-it's"
  follow 0
done
tool=bin/rmapfuzz
ends 2 replay --kernel v9 -- "-it's"
# shellcheck disable=SC2016
command=$(sed -n 's/.*`\(.*\)` lists them.*/\1/p' err)
eval "$command" >followed || fail "'$command' does not work"
