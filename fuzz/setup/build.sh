# shellcheck shell=bash disable=SC2154
# How CMake is called, and what one sees meanwhile. Sourced by ../../run, and by scripts that build something of their own.
# SPDX-License-Identifier: Apache-2.0
#
# Property: stdout is never written to, and nothing is said where nothing has to be built.

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
  local dir=$1 code=0
  shift
  mkdir -p "$dir"
  beside alone "$dir" "$@"
  show_progress "$!" "$dir/log"
  wait "$!" 2>/dev/null || code=$?
  ((code == 0)) || { cat "$dir/log" >&2; fail "the build failed"; }
}
alone() { # DIR COMMAND...
  { flock 9 && "${@:2}" 9>&- >"$1/log" 2>&1; } 9>"$1/lock"
}

# On a terminal the build's last line, renewed every second; elsewhere how far it is, now and then.
say_progress_every=15
show_progress() { # PID LOG
  local shown=$SECONDS every=$say_progress_every line='' terminal=''
  if [[ -t 2 && ${TERM:-dumb} != dumb ]]; then every=1 terminal=1; fi
  while kill -0 "$1" 2>/dev/null; do
    sleep 0.1
    ((SECONDS - shown >= every)) || continue
    shown=$SECONDS
    if [[ -z $terminal ]]; then say "run: building$(progress "$2")"; continue; fi
    line=$(tail -n 1 "$2" | tr -d '\r')
    printf '\r\e[K%s' "${line:0:$(columns)}" >&2
  done
  if [[ -n $line ]]; then printf '\r\e[K' >&2; fi
}
columns() { # Some terminals say that they have none.
  local size
  size=$(stty size <&2 2>/dev/null) || size='24 80'
  echo $((${size#* } > 1 ? ${size#* } - 1 : 79))
}
# ninja writes [57/230], make [ 57%].
progress() { # LOG
  local last
  last=$(grep -aoE '^\[ *[0-9]+(/[0-9]+|%)\]' "$1" | tail -n 1 | tr -d '[] ') || true
  if [[ -n $last ]]; then echo ", ${last/\// of }"; fi
}
