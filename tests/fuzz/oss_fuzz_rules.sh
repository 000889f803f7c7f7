# shellcheck shell=bash disable=SC2034
# The rules of OSS-Fuzz as data, for oss_fuzz_check.sh and oss_fuzz_presubmit.sh; the bounds are those of its
# bad_build_check.
# SPDX-License-Identifier: Apache-2.0

# libresolv: the sanitizers' run times of newer compilers want it; it is a part of libc.
allowed_libraries='^(lib(c|m|dl|rt|pthread|resolv)\.so\.[0-9]+|ld-linux-.*\.so\.[0-9]+)$'
libfuzzer_keys='^(max_len|len_control|timeout|rss_limit_mb|malloc_limit_mb|close_fd_mask|dict|only_ascii|use_value_profile|detect_leaks|cross_over)$'
# What libFuzzer itself prints while it fuzzes and nothing goes wrong.
libfuzzer_lines='^(INFO: .*|#[0-9]+.*|Done [0-9]+ runs in [0-9]+ second\(s\)|Dictionary: .*|".+" # Uses: [0-9]+'
libfuzzer_lines+='|###### (Recommended dictionary|End of recommended dictionary)\. ######)$'

# The two bytes of e_machine in a little-endian ELF file.
machine_of() {
  case $1 in
    x86_64) echo 3e00 ;;
    aarch64) echo b700 ;;
    *) echo unknown ;;
  esac
}

# call_bounds SANITIZER ENGINE: rows of run time, least and most calls to it.
call_bounds() {
  local most=1000000000
  case $1 in
    address) printf '%s\n' "asan 1000 $most" 'dfsan 0 0' 'msan 0 3' 'ubsan 0 200' ;;
    memory) printf '%s\n' 'asan 0 0' 'dfsan 0 0' "msan 1000 $most" 'ubsan 0 200' ;;
    undefined) [[ $2 != libfuzzer ]] || printf '%s\n' 'asan 0 0' 'dfsan 0 0' 'msan 0 3' "ubsan 168 $most" ;;
  esac
}

# What a project.yaml may say.
project_keys='^(architectures|auto_ccs|blackbox|builds_per_day|coverage_extra_args|disabled|disable_remediation|disable_remediation_pre_review|fuzzing_engines|help_url|homepage|language|labels|main_repo|primary_contact|run_tests|sanitizers|selective_unpack|vendor_ccs|view_restrictions|file_github_issue|indexer|base_os_version)$'
project_languages='^(c|c\+\+|go|javascript|jvm|python|rust|swift|ruby)$'
values_of() {
  case $1 in
    sanitizers) echo '^(address|none|memory|undefined|thread|coverage|introspector|hwaddress)$' ;;
    fuzzing_engines) echo '^(libfuzzer|afl|honggfuzz|centipede|none|wycheproof)$' ;;
    architectures) echo '^(x86_64|i386|aarch64)$' ;;
    *) echo '.' ;;
  esac
}
licence_url=http://www.apache.org/licenses/LICENSE-2.0
