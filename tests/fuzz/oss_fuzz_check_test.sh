#!/usr/bin/env bash
# The check of OSS-Fuzz builds notices what is broken. Usage: oss_fuzz_check_test.sh GOOD_OUT_DIR WORK_DIR
# SPDX-License-Identifier: Apache-2.0
#
# GOOD_OUT_DIR: an output that passes, of clang 14 with AddressSanitizer and libFuzzer. One output is broken in many
# ways.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
good=$1 work=$2
rm -rf "$work"
mkdir -p "$work/out/below" "$work/empty" "$work/project"
cd "$work"
marker=LLVMFuzzer marker+=TestOneInput

# shellcheck source=tests/shell.sh
source "$tests/../shell.sh"
# target NAME BODY [OPTION...]: a small target whose function has this body.
target() {
  printf '#include <cstdint>\n#include <cstdio>\n#include <cstdlib>\n#include <fmt/format.h>\n' >source.cc
  printf 'extern "C" int %s(const uint8_t* d, size_t n) { %s; return d == nullptr && n > 0; }\n' "$marker" "$2" >>source.cc
  clang++-14 -O1 -fsanitize=fuzzer source.cc -o "out/$1" "${@:3}"
}
# expect COMPLAINT: a regular expression; each is printed in one line.
expect() { grep -qE -e "^BAD BUILD: $1" log || fail "no complaint '$1' in: $(cat log)"; }

# Kept: a good target. Its options and dictionary are wrong.
cp "$good/rmap_fuzzer" "$good/rmap_fuzzer_seed_corpus.zip" out
printf '[libfuzzer]\nreload = 1\n[else]\n' >out/rmap_fuzzer.options
printf 'not a dictionary\n' >out/rmap_fuzzer.dict
# What is taken for a target, or is not.
printf '#!/bin/sh\n# %s\n' "$marker" | tee out/replay >out/script_fuzzer
cp out/script_fuzzer out/lost_fuzzer
cp out/script_fuzzer out/below/inner_fuzzer
cp /bin/true out/tool
chmod +x out/replay out/script_fuzzer out/below/inner_fuzzer
: >out/orphan.options
# What does not work.
target fmt_fuzzer 'if (n > 99999999) std::fputs(fmt::format("{}", n).c_str(), stderr)' -lfmt
target crash_fuzzer 'std::abort()' -DFMT_HEADER_ONLY -static-libstdc++
target noisy_fuzzer 'if (n == 3) std::fputs("three\n", stderr)' -DFMT_HEADER_ONLY
target seed_fuzzer 'if (n == 1000) std::abort()' -DFMT_HEADER_ONLY
cp out/seed_fuzzer out/foreign_fuzzer
printf '\xb7' | dd of=out/foreign_fuzzer bs=1 seek=18 conv=notrunc status=none
python3 - <<'END'
import zipfile
zipfile.ZipFile("out/seed_fuzzer_seed_corpus.zip", "w").writestr("bad", "x" * 1000)
zipfile.ZipFile("out/noisy_fuzzer_seed_corpus.zip", "w").writestr("folder/seed", "x")
END

code=0
ARCHITECTURE=x86_64 RUNS=1000 "$tests/oss_fuzz_check.sh" out address libfuzzer >log 2>&1 || code=$?
((code == 1)) || fail "the check ended with $code: $(cat log)"
expect "rmap_fuzzer\.options: 'reload' is no option"
expect "rmap_fuzzer\.options: '\[else\]' is neither"
expect 'rmap_fuzzer\.dict: libFuzzer does not read it'
expect "replay: contains $marker, but is not named like a target"
expect 'lost_fuzzer: is not executable'
expect "below/inner_fuzzer: contains $marker"
expect 'tool: is neither a fuzz target nor belongs to one'
expect 'orphan\.options: there is no target orphan'
expect 'script_fuzzer: is no 64-bit ELF executable'
expect 'fmt_fuzzer: needs libfmt\.so\.9'
expect 'fmt_fuzzer: needs libstdc\+\+\.so\.6'
expect 'fmt_fuzzer: 0 calls to asan, less than 1000'
expect 'fmt_fuzzer: only [0-9]+ edges are instrumented'
expect 'fmt_fuzzer: has no seeds'
expect 'crash_fuzzer: -- -runs=4 without seeds did not get there'
expect 'crash_fuzzer: fuzzing ends with 77'
expect 'noisy_fuzzer: prints while it fuzzes: three'
expect 'noisy_fuzzer_seed_corpus\.zip: is not flat'
expect 'seed_fuzzer: its seeds do not run clean'
expect 'foreign_fuzzer: is not built for x86_64'
if grep -q '^BAD BUILD: rmap_fuzzer: ' log; then fail "the good target is bad: $(cat log)"; fi

if "$tests/oss_fuzz_check.sh" empty address libfuzzer >log 2>&1; then fail "no target is no complaint"; fi
expect 'there is no fuzz target'
# An output of one sanitizer is none of another.
cp -l "$good"/rmap_fuzzer* empty
if RUNS=1 "$tests/oss_fuzz_check.sh" empty undefined libfuzzer >log 2>&1; then fail "ASan passes for UBSan"; fi
expect 'rmap_fuzzer: [0-9]+ calls to asan, more than 0'

# The rules for a project's folder.
presubmit() { if "$tests/oss_fuzz_presubmit.sh" project >log; then fail "nothing is wrong with: $(cat project/*)"; fi; }
printf 'language: cobol\nowner: me\nsanitizers:\n  - address\n  - magic\nfuzzing_engines:\n  - afl\n' >project/project.yaml
printf 'FROM debian\nRUN apt-get install x\n' >project/Dockerfile
echo true >project/build.sh
: >project/seeds.zip
presubmit
for complaint in "no language ' cobol'" "no key 'owner'" "no value 'magic'" "'main_repo' is missing" 'no libfuzzer' \
  'Dockerfile: does not name' 'build.sh: does not name' 'zip files' 'without an update' 'not base-builder'; do
  grep -qF -e "$complaint" log || fail "no complaint '$complaint' in: $(cat log)"
done
echo "every defect is noticed"
