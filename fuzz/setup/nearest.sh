# shellcheck shell=bash
# Names that were mistyped, and what was meant: as core/text/nearest.h has it, before anything is built.
# Sourced by ../../run.
# SPDX-License-Identifier: Apache-2.0

# distance A B: how many characters must be inserted, removed, replaced, or swapped with their
# neighbour, at most, to make A of B; by the usual table.
distance() {
  local a=$1 b=$2 i j at width=$((${#2} + 1)) d=() ways way
  for ((i = 0; i <= ${#a}; i++)); do
    for ((j = 0; j <= ${#b}; j++)); do
      at=$((i * width + j)) d[at]=$((i + j)) ways=()
      if ((i && j)); then
        ways=($((d[at - 1] + 1)) $((d[at - width] + 1)) $((d[at - width - 1] + 1)))
        if [[ ${a:i-1:1} == "${b:j-1:1}" ]]; then ways+=("${d[at - width - 1]}"); fi
      fi
      if ((i > 1 && j > 1)) && [[ ${a:i-2:2} == "${b:j-1:1}${b:j-2:1}" ]]; then
        ways+=($((d[at - 2 * width - 2] + 1)))
      fi
      for way in "${ways[@]}"; do ((way >= d[at])) || d[at]=$way; done
    done
  done
  printf '%s' "${d[at]}"
}

# did_you_mean WORD NAME...: " (did you mean NAME?)", of the first of the nearest; nothing if all
# are further away than a slip of the pen.
did_you_mean() {
  local word=${1,,} name found='' far least
  ((${#word} <= 64)) || return 0 # A longer word is nobody's slip of the pen.
  # Of three characters one may be wrong, of four two, of eight three.
  least=$((${#word} < 8 ? ${#word} / 4 + 2 : 4))
  for name in "${@:2}"; do
    far=$(distance "$word" "$name")
    ((far < least && far < ${#word} && far < ${#name})) || continue
    least=$far found=$name
  done
  if [[ -n $found ]]; then printf ' (did you mean %s?)' "$found"; fi
}
