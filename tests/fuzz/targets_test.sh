#!/usr/bin/env bash
# Checks of the fuzz targets as processes. Usage: targets_test.sh CHECK BIN_DIR WORK_DIR SOURCE_DIR
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
check=$1
bin=$2
work=$3
source_dir=$4
rm -rf "$work"
mkdir -p "$work/corpus"
cd "$work"
# shellcheck source=tests/shell.sh
source "$source_dir/tests/shell.sh"

# assemble NAME [KERNEL]: a litmus file, with its witness for the kernel, into the working directory.
assemble() {
  "$bin/rmapfuzz" assemble "$source_dir/tests/litmus/$1.litmus" -o "$1" --kernel "${2-v3.0}" --force >/dev/null
}

# Runs a target on an empty corpus; its output goes to log.
fuzz() {
  local target=$1
  shift
  "$bin/$target" "$@" -max_len=4096 -artifact_prefix=./ corpus >log 2>&1
}

case $check in
  # v3.0 is a kernel with known bugs. If the fuzzer does not find the mail's race from nothing, on its way past the
  # others, the fuzzer is broken. bench/README.md says after how many; this allows a lot more.
  canary)
    if fuzz rmap_v3_0_fuzzer --until=missed_pte:migrate+mremap -seed=1 -runs=10000000; then
      fail "v3.0 did not miss a pte in 10,000,000 executions"
    fi
    grep -q '^DEDUP_TOKEN: missed_pte--' log || fail "no missed pte; the log says: $(tail -n 5 log)"
    ;;
  # Each release has its target, which goes on past its findings, whatever these are.
  releases)
    "$bin/rmapfuzz" kernels | grep -oE '^v[0-9.]+$' >all
    [ "$(wc -l <all)" -gt 10 ] || fail "there are few releases: $(cat all)"
    while IFS= read -r release; do
      rm -rf corpus
      mkdir corpus
      target=rmap_${release//./_}_fuzzer
      fuzz "$target" --keep-going --stats -seed=1 -runs=20000 || fail "$target ended: $(tail -n 20 log)"
      grep -q "^fuzz: kernel $release: " log || fail "$target: $(grep '^fuzz: kernel' log)"
      grep -q ' 0 made an access that the access table does not know' log || fail "$target: $(grep 'access table' log)"
    done <all
    ;;
  # Clean says little without the rest: operations took effect, nothing was done that the access table does not know,
  # and resident memory stayed below 100 MiB (a sanitizer's own is not counted). Which share took effect depends on what
  # libFuzzer picks from its corpus, and so on the machine; tests/core/generate_test.cc bounds it for generated programs.
  newest_is_clean)
    fuzz rmap_fuzzer -seed=1 -runs=200000 --stats -print_final_stats=1 || fail "the newest kernel has a finding: $(tail -n 20 log)"
    grep -q ' 0 made an access that the access table does not know' log || fail "$(grep 'access table' log)"
    effect=$(sed -n 's/.*operations took effect (\([0-9]*\) %).*/\1/p' log)
    [ "${effect:-0}" -gt 0 ] || fail "no operation took effect: $(tail -n 20 log)"
    memory=$(sed -n 's/^stat::peak_rss_mb: *//p' log)
    grep -q 'AddressSanitizer\|__asan' "$bin/rmap_fuzzer" || [ "$memory" -lt 100 ] || fail "$memory MiB resident"
    ;;
  # The peek and the order are two bugs, and say so.
  dedup_tokens)
    assemble mremap-fresh+migrate
    assemble mremap-merge+migrate
    for f in mremap-fresh+migrate mremap-merge+migrate; do
      "$bin/rmap_v3_0_fuzzer" "$f" >"$f.log" 2>&1 && fail "$f did not crash the v3.0 target"
      [ "$(grep -c '^ASSERTION FAILED: FuzzerHash=[a-p]* missed_pte ' "$f.log")" = 1 ] || fail "$f: $(cat "$f.log")"
      grep '^DEDUP_TOKEN: ' "$f.log" >"$f.token" || fail "$f has no token"
    done
    if cmp -s mremap-fresh+migrate.token mremap-merge+migrate.token; then fail "both bugs have the same token"; fi
    "$bin/rmap_fuzzer" mremap-fresh+migrate mremap-merge+migrate >log 2>&1 || fail "the newest kernel has them too"
    # One signature has one first line, however the walk missed the entry: half of a range, or no vma in the tree.
    for kernel in v3.0+stack-unlocked newest+stack-unlocked; do
      assemble stack+migrate "$kernel"
      "$bin/rmap_fuzzer" --kernel="$kernel" stack+migrate >log 2>&1 && fail "stack+migrate did not crash $kernel"
      grep '^ASSERTION FAILED: \|^DEDUP_TOKEN: ' log >"$kernel.lines"
    done
    cmp v3.0+stack-unlocked.lines newest+stack-unlocked.lines || fail "one bug has two first lines: $(cat ./*.lines)"
    ;;
  # A crash prints the command that tells its story, and that works as it stands: for a file that was given, and for one
  # that libFuzzer writes after the crash.
  crash_command)
    mkdir 'a folder'
    assemble mremap-merge+migrate
    mv mremap-merge+migrate "a folder/it's a crash"
    "$bin/rmap_v3_0_fuzzer" "a folder/it's a crash" >given 2>&1 && fail "it did not crash"
    fuzz rmap_v3_0_fuzzer -seed=1 -runs=10000000 && fail "v3.0 has no finding in 10,000,000 executions"
    for l in given log; do
      command=$(sed -n 's/^To see what happened: //p' "$l")
      [ -n "$command" ] || fail "no command is printed: $(cat "$l")"
      code=0
      bash -c "$command" >story 2>&1 || code=$?
      [ $code = 1 ] || fail "'$command' ended with $code: $(cat story)"
      grep -q '^ *1\. ' story || fail "no story: $(cat story)"
      grep -q '^SUMMARY: ' story || fail "no summary: $(cat story)"
    done
    ;;
  # --until goes on past the peek and stops at the roll-back; --ignore goes on past both.
  patterns)
    assemble mremap-fresh+migrate
    assemble mremap-rollback+migrate
    set -- mremap-fresh+migrate mremap-rollback+migrate
    if "$bin/rmap_v3_0_fuzzer" --until=missed_pte::move_vma/rollback "$@" >log 2>&1; then fail "it did not stop"; fi
    grep -qx 'fuzz: found missed_pte::move_vma/rollback at execution 2' log || fail "$(cat log)"
    "$bin/rmap_v3_0_fuzzer" --until=deadlock "$@" >log 2>&1 || fail "it stopped: $(cat log)"
    "$bin/rmap_v3_0_fuzzer" --ignore=missed_pte "$@" >log 2>&1 || fail "it stopped: $(cat log)"
    if "$bin/rmap_v3_0_fuzzer" --ignore=::move_vma/rollback "$@" >log 2>&1; then fail "the peek is ignored, too"; fi
    ;;
  # Every race that a litmus file names can be looked for: its pattern fits what the file's own witness shows.
  time_to_bug)
    table=$source_dir/bench/time_to_bug.txt
    grep -h '^entry ' "$source_dir"/tests/litmus/*.litmus | sort -u | while read -r _ entry _; do
      grep -q "^$entry " "$table" || fail "$table has no row for $entry"
    done
    grep -v '^#' "$table" | while read -r entry kernel pattern litmus; do
      "$bin/rmapfuzz" kernels "$kernel" >log 2>&1 || fail "$entry: $(cat log)"
      assemble "$litmus" "$kernel"
      if "$bin/rmap_fuzzer" --kernel="$kernel" --until="$pattern" "$litmus" >log 2>&1; then fail "$entry is not found"; fi
      grep -qxF "fuzz: found $pattern at execution 1" log || fail "$entry: $(cat log)"
    done
    ;;
  bad_arguments)
    refused() { # ARGUMENT MESSAGE
      if "$bin/rmap_fuzzer" "$1" >log 2>&1; then fail "$1 was accepted"; fi
      grep -q "$2" log || fail "$(cat log)"
    }
    refused --kernel=v9 "no release is called 'v9'"
    refused --until=missing "no rule is called 'missing'; known: deadlock, "
    refused --fast "unknown argument --fast; --help lists them"
    refused --untl=x "unknown argument --untl=x (did you mean --until?); --help lists them"
    refused --stat "unknown argument --stat (did you mean --stats?); --help lists them"
    ;;
  # The targets that fuzz the tools replay their corpus, and hold for a while: some seconds. (tool_NAME: NAME_fuzzer)
  tool_*)
    target=${check#tool_}_fuzzer
    seeds=$source_dir/corpus/$target
    [ -n "$(ls "$seeds")" ] || fail "$seeds is empty"
    cp "$seeds"/* corpus # The first folder that libFuzzer is given is written to.
    fuzz "$target" -runs=0 -timeout=25 -print_funcs=0 || fail "a seed breaks a claim: $(tail -n 20 log)"
    case $check in
      tool_program) runs=50000 ;;
      tool_litmus) runs=20000 ;;
      *) runs=1500 ;;
    esac
    fuzz "$target" -seed=1 -runs=$runs -timeout=25 -print_funcs=0 || fail "$(grep -a -A 20 '^ASSERTION' log)"
    ;;
  # The seeds reach all that the litmus files and regressions reach, or somebody has forgotten ./run corpus.
  corpus)
    needs_the_compiler_of_the_seeds "$bin"
    cd "$source_dir"
    # shellcheck source=fuzz/corpus.sh
    source fuzz/corpus.sh
    mapfile -t targets < <(corpus_targets)
    for target in "${targets[@]}"; do
      litmus_seeds "$target" "$work/$target/litmus"
      check_corpus "$target" "$work/$target" || exit 1
    done
    ;;
  # Whatever the bytes are, the target survives them.
  any_bytes)
    head -c 1000000 /dev/zero | tr '\0' '\377' >ones
    : >empty
    printf '\1' >one
    printf '\1\0\377\1\1' >'cut'
    for i in 1 2 3 4 5 6 7 8; do head -c $((i * i * 50)) "$bin/rmapfuzz" >"bytes$i"; done
    for i in 1 2 3 4 5 6 7 8; do { printf '\1\2\40\7\2\0\0\0'; head -c $((i * 700)) "$bin/rmapfuzz"; } >"ops$i"; done
    "$bin/rmap_fuzzer" ones empty one cut bytes* ops* >log 2>&1 || fail "$(tail -n 20 log)"
    ;;
  # libFuzzer's own minimizer works, although our mutator is in charge, and stays with the same bug.
  minimize_crash)
    "$bin/rmapfuzz" assemble "$source_dir/tests/litmus/mremap-merge+migrate.litmus" -o crash --kernel v3.0 >/dev/null
    head -c 200 /dev/zero >>crash
    "$bin/rmap_v3_0_fuzzer" -minimize_crash=1 -seed=7 -runs=20000 -exact_artifact_path=small crash >log 2>&1 || true
    [ -s small ] || fail "nothing was minimized: $(tail -n 5 log)"
    [ "$(stat -c %s small)" -lt "$(stat -c %s crash)" ] || fail "the result is not smaller"
    ;;
  *) fail "no check is called $check" ;;
esac
