#!/usr/bin/env bash
# The README's first commands on a machine that has nothing yet: a minimal Debian and git, in a root of its own.
#
# Usage: fresh_machine.sh SUITE WORK_DIR SOURCE_DIR [COMMAND...]
#   SUITE is what debootstrap takes, such as bookworm. COMMANDs run in the place of the README's, as in
#   `fresh_machine.sh trixie build/docs . './run fuzz'`, and nothing is demanded of what they print.
# Exits 0 if all went well, 1 if not, and 77 with a reason where it cannot be tried.
#
# Property: nothing outside WORK_DIR changes. Mounts and processes live in namespaces that end with this script.
# What is tested is a clone of SOURCE_DIR's last commit, as a newcomer would have it.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
suite=$1 work=$(realpath -m "$2") source_dir=$(realpath "$3")
shift 3
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
root=$work/$suite
PATH=$PATH:/usr/sbin:/sbin

say() { echo "fresh machine: $*"; }
fail() {
  say "$*" >&2
  exit 1
}
skip() {
  say "skipped: $*"
  exit 77
}
as_anyone() { git -c safe.directory='*' "$@"; } # The tree may be somebody else's.

can_be_tried() {
  ((EUID == 0)) || skip "debootstrap and chroot need root"
  command -v debootstrap >/dev/null || skip "there is no debootstrap; ./run test --all installs it"
  unshare --mount --pid --fork true 2>/dev/null || skip "the system grants no namespaces of our own"
  as_anyone -C "$source_dir" rev-parse -q --verify HEAD >/dev/null ||
    skip "$source_dir is no git tree, so that nothing can be cloned"
  wget -q --spider --timeout=20 --tries=2 "$mirror/dists/$suite/Release" || skip "$mirror does not answer"
}

# A minimal system is made once and kept as an archive, and unpacked for each run.
unpack_system() {
  if [[ ! -s $root.tar ]]; then
    say "making $suite from $mirror"
    rm -rf "$root.new"
    debootstrap --variant=minbase --include=git "$suite" "$root.new" "$mirror" >"$root.log" 2>&1 ||
      fail "debootstrap failed: $(tail -n 3 "$root.log"); see $root.log and $root.new/debootstrap/"
    tar -C "$root.new" -cf "$root.tar.new" .
    mv "$root.tar.new" "$root.tar"
    rm -rf "$root.new"
  fi
  rm -rf "$root"
  mkdir -p "$root"
  tar -C "$root" -xf "$root.tar"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
}

clone() {
  [[ -z $(as_anyone -C "$source_dir" status --porcelain) ]] ||
    say "$source_dir has changes that are not committed; what is tested is the commit before them"
  as_anyone clone -q --no-hardlinks "$source_dir" "$root/root/rmapfuzz"
  as_anyone -C "$root/root/rmapfuzz" checkout -q --detach "$(as_anyone -C "$source_dir" rev-parse HEAD)"
}

# Runs a command in the clone as root of the new machine would. Packages are fetched once for all runs. However this
# script dies, the machine dies with it.
on_machine() {
  mkdir -p "$root.archives"
  # shellcheck disable=SC2016 # The inner shell expands them.
  exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child bash -euc '
    mount -t proc proc "$1/proc"
    mount -t tmpfs tmpfs "$1/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$1/dev/pts"
    mount --bind "$1/dev/pts/ptmx" "$1/dev/ptmx"
    mount --bind "$1.archives" "$1/var/cache/apt/archives"
    exec chroot "$1" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      http_proxy="${http_proxy-}" bash -c "cd /root/rmapfuzz && $2"
  ' - "$root" "$1" </dev/null
}

run_commands() {
  local command code started
  for command in "$@"; do
    say "$suite: $command"
    code=0 started=$SECONDS
    on_machine "$command" 2>&1 | tee -a "$root.log" || code=$?
    say "$suite: $command: exit code $code after $((SECONDS - started)) s"
    ((code == 0)) || exit 1
  done
}

main() {
  local commands
  can_be_tried
  mkdir -p "$work"
  exec 9>"$root.lock"
  flock -n 9 || fail "another run uses $root"
  unpack_system
  clone
  : >"$root.log"
  if (($#)); then
    run_commands "$@"
    return
  fi
  mapfile -t commands < <(python3 "$here/commands.py" "$source_dir" --list README.md | sed -n 1,2p)
  [[ ${commands[*]} == './run fuzz ./run test' ]] || fail "README.md begins with other commands: ${commands[*]}"
  run_commands "${commands[@]}"
  grep -q '^SUMMARY: missed_pte v3.0 ' "$root.log" || fail "./run fuzz found no missed entry; see $root.log"
  grep -q '^100% tests passed' "$root.log" || fail "./run test ran no tests; see $root.log"
  [[ -z $(as_anyone -C "$root/root/rmapfuzz" status --porcelain) ]] || fail "files were written outside build/"
  rm -rf "$root"
}

main "$@"
exit # Here, so that the script may change while it runs.
