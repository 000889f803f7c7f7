#!/bin/bash
# How many files a second `rmapfuzz regress` replays: 200,000 copies of the seed corpus, and 100,000
# of the kept regressions, each replayed with trace hash and signature. Files are in memory.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d /dev/shm/rmapfuzz-regress.XXXXXX)
trap 'rm -rf "$folder"' EXIT

# copies NAME FOLDERS FILE...: so many folders, each with a thousand copies of the files in turn.
copies() {
  local name=$1 folders=$2 n
  shift 2
  mkdir -p "$folder/$name/1"
  for ((n = 0; n < 1000; n++)); do
    cp "${@:n % $# + 1:1}" "$folder/$name/1/$n"
  done
  for ((n = 2; n <= folders; n++)); do
    cp -r "$folder/$name/1" "$folder/$name/$n"
  done
}

copies bytes 200 "$root"/corpus/rmap_fuzzer/*
copies text 100 "$root"/repro/regressions/*.litmus
for kind in bytes text; do
  files=$(find "$folder/$kind" -type f | wc -l)
  begin=$(date +%s%N)
  "$root/build/bin/rmapfuzz" regress "$folder/$kind" | tail -1
  end=$(date +%s%N)
  echo "$kind: $((files * 1000000000 / (end - begin))) files a second"
done
