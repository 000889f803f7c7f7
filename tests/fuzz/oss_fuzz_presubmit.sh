#!/usr/bin/env bash
# Checks a project's folder as OSS-Fuzz does before it accepts it. Usage: oss_fuzz_presubmit.sh PROJECT_DIR
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
project=${1:?usage: oss_fuzz_presubmit.sh PROJECT_DIR}
# shellcheck source=tests/fuzz/oss_fuzz_rules.sh
source "$(dirname "${BASH_SOURCE[0]}")/oss_fuzz_rules.sh"
complaints=0
complain() {
  printf 'PRESUBMIT: %s\n' "$*"
  complaints=$((complaints + 1))
}

# project.yaml, as far as ours goes: `key: value`, and lists of one word an item.
check_yaml() {
  local line key='' value seen=' '
  while IFS= read -r line; do
    case $line in
      '' | '#'*) continue ;;
      '  - '*)
        value=${line#  - }
        [[ $value =~ $(values_of "$key") ]] || complain "project.yaml: $key has no value '$value'"
        ;;
      *:*)
        key=${line%%:*} value=${line#*:}
        seen+="$key "
        [[ $key =~ $project_keys ]] || complain "project.yaml: there is no key '$key'"
        [[ $key != language || ${value# } =~ $project_languages ]] || complain "project.yaml: no language '$value'"
        ;;
      *) complain "project.yaml: '$line' is not understood" ;;
    esac
  done <"$project/project.yaml"
  for key in main_repo language primary_contact; do
    [[ $seen == *" $key "* ]] || complain "project.yaml: '$key' is missing"
  done
  [[ $seen != *' fuzzing_engines '* ]] || grep -qx '  - libfuzzer' "$project/project.yaml" || complain "no libfuzzer"
}

check_files() {
  local file
  for file in project.yaml Dockerfile build.sh; do
    [[ -f $project/$file ]] || complain "$file: is missing"
  done
  while IFS= read -r file; do
    grep -qF "$licence_url" "$file" || complain "${file##*/}: does not name $licence_url"
    if grep -qF -e '-lFuzzing''Engine' "$file"; then complain "${file##*/}: uses the old name of the engine"; fi
  done < <(find "$project" -name Dockerfile -o -name '*.sh' -o -name '*.cc' -o -name '*.py')
  [[ -z $(find "$project" -name '*.zip') ]] || complain "zip files do not belong there"
  if grep -qE '^RUN apt(-get)? install' "$project/Dockerfile"; then complain "Dockerfile: installs without an update"; fi
  grep -qE '^FROM gcr\.io/oss-fuzz-base/base-builder' "$project/Dockerfile" || complain "Dockerfile: not base-builder"
}

[[ ! -f $project/project.yaml ]] || check_yaml
check_files
((complaints == 0)) || exit 1
