#!/usr/bin/env bash
# The target without a fuzzing engine replays what the others find. Usage: engine_standalone.sh BIN_DIR WORK_DIR
# SOURCE_DIR
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
bin=$1 work=$2 source_dir=$3
target=$bin/rmap_standalone
rm -rf "$work"
mkdir -p "$work"
cd "$work"
# shellcheck source=tests/shell.sh
source "$source_dir/tests/shell.sh"
subject=("$target") out=log err=log
says() { grep -qxF -e "$1" log || fail "no line '$1', but: $(cat log)"; }

"$bin/rmapfuzz" assemble "$source_dir/tests/litmus/mremap-merge+migrate.litmus" -o race --kernel v3.0 >/dev/null

corpus=$source_dir/corpus/rmap_fuzzer
ends 0 "$corpus"
says "$(find "$corpus" -type f | wc -l) inputs, no finding"
[ "$(wc -l <log)" = 1 ] || fail "it is not quiet: $(cat log)"

# Files, directories below directories, standard input, more runs than one, arguments of the target and of libFuzzer.
mkdir -p dir/below
: >dir/below/empty
cp race dir/race
ends 0 -- -runs=3 --stats race dir - </dev/null
says '4 inputs, no finding'
grep -q '^fuzz: kernel .*: 6 executions, 0 findings$' log || fail "$(cat log)" # The two empty inputs do not decode.
ends 0 -max_len=1 -timeout=25 race
says 'standalone: options of libFuzzer are ignored, but for -runs'

ends 1 --kernel=v3.0 dir
says 'standalone: the target died while it ran dir/race'
grep -q '^DEDUP_TOKEN: missed_pte--' log || fail "$(cat log)"
grep -q '^To see what happened: .*/dir/race --kernel v3.0$' log || fail "$(cat log)"
ends 1 --kernel=v3.0 - <race
says 'standalone: the target died while it ran standard input'

ends 2
grep -q '^usage: ' log || fail "$(cat log)"
ends 2 race no-such-file
says 'no-such-file: cannot be read: No such file or directory'
ends 2 -runs=x race
ends 2 --kernel=v9.9 race
mkdir empty
ends 2 empty
says 'there is no input to run'

# A finding that cannot be stored is trouble, which is told, and nothing of it is left.
mkdir found
code=0
said=$( (ulimit -f 0; "$target" --kernel=v3.0 --findings=found race) 2>&1 ) || code=$?
[[ $code == 2 && $said == *'cannot be written: File too large; raise the limit'* ]] || fail "ended with $code: $said"
[[ -z $(ls -A found) ]] || fail "left: $(ls -A found)"
