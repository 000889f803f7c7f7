# shellcheck shell=bash
# What one sees while something takes long. Sourced by ../../run.
# SPDX-License-Identifier: Apache-2.0
#
# Property: stdout is never written to, and what is soon done says nothing. Read next: children.sh.

say() { printf '%s\n' "$*" >&2; }

# Where nothing can be renewed, a line is rare: after so many seconds each.
say_progress_every=15

# show_progress WHAT LOG: waits for what was just put beside, which writes to LOG, and returns its
# exit code. Meanwhile a terminal shows the log's last line, renewed every second. Elsewhere it says
# now and then WHAT is done, and how far that is.
show_progress() {
  local child=$! shown=$SECONDS every=$say_progress_every line='' terminal=''
  if [[ -t 2 && ${TERM:-dumb} != dumb ]]; then every=1 terminal=1; fi
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.1
    ((SECONDS - shown >= every)) || continue
    shown=$SECONDS
    if [[ -z $terminal ]]; then say "run: $1$(progress "$2")"; continue; fi
    line=$(tail -n 1 "$2" | tr -d '\r')
    printf '\r\e[K%s' "${line:0:$(columns)}" >&2
  done
  if [[ -n $line ]]; then printf '\r\e[K' >&2; fi
  wait "$child" 2>/dev/null
}
columns() { # Some terminals say that they have none.
  local size
  size=$(stty size <&2 2>/dev/null) || size='24 80'
  echo $((${size#* } > 1 ? ${size#* } - 1 : 79))
}
# ninja writes [57/230], make [ 57%], and libFuzzer #57 now and then.
progress() { # LOG
  local last
  last=$(grep -aoE '^(\[ *[0-9]+(/[0-9]+|%)\]|#[0-9]+)' "$1" | tail -n 1 | tr -d '[] ') || true
  case $last in
    '') ;;
    '#'*) echo ", ${last#\#} inputs" ;;
    *) echo ", ${last/\// of }" ;;
  esac
}
