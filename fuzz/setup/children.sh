# shellcheck shell=bash
# What runs beside ./run, which sources this file: builds, fuzzers, merges.
# SPDX-License-Identifier: Apache-2.0
#
# Property: each is a process group of its own. A shell that waits in `wait` hears a signal at once, and what it started
# is ended as a whole, with all that it has started itself: nothing survives ./run, and nothing keeps it waiting.

# Starts COMMAND in the background, without input; $! is its id.
beside() {
  set -m # In a group of its own, and open to SIGINT.
  "$@" </dev/null &
  set +m
}

# Runs COMMAND and returns its exit code; or never, when a signal ends this shell meanwhile.
attend() {
  local code=0
  beside "$@"
  wait "$!" 2>/dev/null || code=$?
  return "$code"
}

# Asks all that still run to end, with SIGNAL; kills whoever has not after five seconds.
end_children() { # SIGNAL
  local groups tries
  mapfile -t groups < <(jobs -p) # Whatever was started, even if a signal came before its id could be noted.
  ((${#groups[@]})) || return 0
  groups=("${groups[@]/#/-}")
  kill "-$1" -- "${groups[@]}" 2>/dev/null || true
  for ((tries = 0; tries < 50; tries++)); do
    kill -0 -- "${groups[@]}" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL -- "${groups[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
}

# Whoever is ended by a signal exits with 128 and its number.
end_cleanly() { # [COMMAND]: what else is to be done at the end
  # shellcheck disable=SC2064 # The command is meant as it is now.
  trap "end_children TERM; ${1-}" EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}
