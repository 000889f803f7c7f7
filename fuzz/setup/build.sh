# shellcheck shell=bash disable=SC2154
# How CMake is called. Sourced by ../../run, and by scripts that build something of their own.
# SPDX-License-Identifier: Apache-2.0
#
# Property: stdout is never written to, and nothing is said where nothing has to be built.
# Read next: progress.sh (what one sees meanwhile).

# configure DIR OPTION...: makes DIR a directory to build in. A new one is ninja's where ninja is installed.
configure() {
  if command -v ninja >/dev/null; then local -x CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja}; fi
  cmake -B "$@"
}
# compile DIR [TARGET...]: builds these targets, or everything.
compile() {
  local dir=$1
  shift
  NINJA_STATUS='[%f/%t] ' cmake --build "$dir" --parallel "$(nproc)" ${1+--target "$@"}
}

# quietly DIR COMMAND...: runs what builds in DIR, and shows only how far it is; the output goes to DIR/log, and is shown
# if it fails. One at a time: others wait.
quietly() {
  local dir=$1
  shift
  mkdir -p "$dir"
  beside alone "$dir" "$@"
  show_progress building "$dir/log" || { cat "$dir/log" >&2; fail "the build failed"; }
}
alone() { # DIR COMMAND...
  { flock 9 && "${@:2}" 9>&- >"$1/log" 2>&1; } 9>"$1/lock"
}
