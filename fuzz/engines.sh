# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# What the word `fuzz` does differently under libFuzzer and AFL++. Sourced by fuzz.sh; the variables are word_fuzz's.
# SPDX-License-Identifier: Apache-2.0
#
# $scratch/corpus is libFuzzer's shared corpus, $scratch/sync AFL++'s directory; $scratch/I has the log of process I.

provide_engine() {
  if [[ $engine == afl ]]; then
    provide fuzz engines
  else
    provide fuzz
    needs_clang "libFuzzer needs"
  fi
}

# AFL++ passes no arguments to a target, so its build has the kernel built in.
build_engine() {
  if [[ $engine == afl ]]; then quietly build/afl build_afl; fi
}
build_afl() {
  export AFL_QUIET=1 AFL_LLVM_DENYLIST=$PWD/fuzz/afl_denylist.txt CCACHE_EXTRAFILES=$PWD/fuzz/afl_denylist.txt
  configure build/afl -DCMAKE_CXX_COMPILER="$(command -v afl-clang-fast++)" "-DRMAPFUZZ_KERNEL=$kernel" \
    -DLIB_FUZZING_ENGINE=-fsanitize=fuzzer -DRMAPFUZZ_HISTORICAL_TARGETS=OFF -DRMAPFUZZ_TESTS=OFF \
    -DRMAPFUZZ_BENCH=OFF || return 2
  compile build/afl rmap_fuzzer || return 2
}

start_fuzzers() {
  local i
  mkdir -p "$scratch/corpus" "$scratch/seeds"
  # What AFL++ starts from without a corpus. Written before anybody starts: who writes it anew empties it for a moment,
  # in which another process would find no input.
  echo >"$scratch/seeds/newline"
  for ((i = 0; i < jobs; i++)); do
    mkdir -p "$scratch/$i"
    beside "start_$engine" "$i" >"$scratch/$i/log" 2>&1
    # shellcheck disable=SC2004
    fuzzers[$i]=$! # An associative array: a bare i would be the key "i".
  done
}
# libFuzzer reads what the others have written into the first directory once a second.
start_libfuzzer() { # NUMBER
  exec "$bin/rmap_fuzzer" --kernel="$kernel" ${until:+"--until=$until"} --stats -seed=$((seed + $1)) -reload=1 \
    -max_total_time="$seconds" -artifact_prefix="$scratch/$1/" -max_len=4096 \
    -rss_limit_mb="$([[ -n $user_corpus ]] && echo 1000 || echo 100)" -timeout=25 -print_final_stats=1 -print_funcs=0 \
    "$scratch/corpus" ${user_corpus:+"$user_corpus"}
}
# The first is the main instance, the others are secondary; they exchange inputs every minute.
start_afl() { # NUMBER
  local role=-S seeds=$scratch/seeds
  if (($1 == 0)); then role=-M; fi
  if [[ -n $user_corpus && -n $(find "$user_corpus" -type f -print -quit) ]]; then
    seeds=$user_corpus
  fi
  export AFL_QUIET=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SYNC_TIME=1
  export AFL_BENCH_UNTIL_CRASH=1 AFL_IMPORT_FIRST=1
  exec afl-fuzz $role "$1" -s $((seed + $1)) -V "$seconds" -m none -t 5000 -i "$seeds" -o "$scratch/sync" \
    build/afl/bin/rmap_fuzzer
}

stop_signal() { if [[ $engine == afl ]]; then echo TERM; else echo USR1; fi; }
corpus_of_engine() {
  local file count=0
  if [[ $engine == afl ]]; then
    mkdir -p "$scratch/corpus"
    for file in "$scratch"/sync/*/queue/id:*; do # Instances have inputs of the same names.
      [[ ! -f $file ]] || cp "$file" "$scratch/corpus/$((count += 1))"
    done
  fi
  printf '%s' "$scratch/corpus"
}

# The input of the finding with which process NUMBER ended; nothing if it ended otherwise.
crash_of() { # NUMBER EXIT_CODE
  if [[ $engine == afl ]]; then
    compgen -G "$scratch/sync/$1/crashes/id:*" | sed -n 1p || true
  elif (($2 == 77)) && grep -qa '^To see what happened: ' "$scratch/$1/log"; then
    compgen -G "$scratch/$1/crash-*" | sed -n 1p || true
  fi
}

# Executions of all processes so far: exact for those that have printed their final figures.
executions() {
  local file count sum=0
  for file in "$scratch"/[0-9]*/log; do
    if [[ $engine == afl ]]; then
      file=${file%/log}
      count=$(sed -n 's/^execs_done *: //p' "$scratch/sync/${file##*/}/fuzzer_stats" 2>/dev/null || true)
    else
      count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$file" | tail -n 1)
      [[ -n $count ]] || count=$(grep -aoE '^#[0-9]+' "$file" | tail -n 1 | tr -d '#' || true)
    fi
    sum=$((sum + ${count:-0}))
  done
  printf '%s' "$sum"
}

print_figures() { "${engine}_figures" "$1"; }
afl_figures() {
  local stats
  for stats in "$scratch"/sync/*/fuzzer_stats; do
    awk -F ' *: *' '{ is[$1] = $2 } END {
      printf "afl: process %s: %s executions, stability %s, %s inputs, %s of them from the others\n", NAME,
        is["execs_done"], is["stability"], is["corpus_count"], is["corpus_imported"] }' \
      NAME="$(basename "$(dirname "$stats")")" "$stats"
  done
}
# What the fuzz targets printed: their figures added up, and the sites that none of them reached.
libfuzzer_figures() { # KERNEL
  cat "$scratch"/*/log | KERNEL=$1 awk '
    /^fuzz: kernel / { processes++; for (i = 1; i < NF; i++) {
      if ($(i + 1) ~ /^executions/) executions += $i
      if ($(i + 1) == "findings") findings += $i
    } }
    /^fuzz: [0-9]+ of [0-9]+ operations took effect/ { effective += $2; operations += $4 }
    /^fuzz: [0-9]+ executions hit the step limit/ { limited += $2; unknown += $8 }
    /^fuzz: sites never reached: / {
      reports++
      for (i = 5; i <= NF; i++) if ($i != "none" && missed[$i]++ == 0) order[++n] = $i
    }
    END {
      if (!processes) { print "run: the fuzz targets printed no figures" >"/dev/stderr"; exit }
      printf "fuzz: kernel %s: %.0f executions, %.0f findings\n", ENVIRON["KERNEL"], executions, findings
      printf "fuzz: %.0f of %.0f operations took effect (%d %%)\n", effective, operations,
        operations ? 100 * effective / operations : 0
      printf "fuzz: %.0f executions hit the step limit, %.0f made an access that the access table does not know\n",
        limited, unknown
      for (i = 1; i <= n; i++) if (missed[order[i]] == reports) never = never " " order[i]
      print "fuzz: sites never reached:" (never == "" ? " none" : never)
    }'
}
