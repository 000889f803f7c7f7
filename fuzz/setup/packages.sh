# shellcheck shell=bash disable=SC2154
# What of packages.txt is missing, and how it is installed. Sourced by ../../run (fail, CXX).
# SPDX-License-Identifier: Apache-2.0
#
# Property: nothing is installed that is not missing, no package is ever removed, the network is used only when something
# is missing, and then once. What nobody can look for yet, as there is no CMake or compiler, counts as missing.
# Read next: ../../packages.txt (the packages, and how each is looked for), build.sh.

# The rows of packages.txt in the given sections, as package<TAB>probe.
needs() {
  local line section='' package probe
  while IFS= read -r line; do
    case $line in
      '#'* | '') ;;
      '['*) section=${line//[][]/} ;;
      *)
        IFS='|' read -r package probe _ <<<"$line"
        read -r probe <<<"$probe"
        [[ " $* " != *" $section "* ]] || printf '%s\t%s\n' "${package// /}" "$probe"
        ;;
    esac
  done <packages.txt
}

# Each prints those of the packages on stdin whose probe fails.
missing_tools() {
  local package probe
  while IFS=$'\t' read -r package probe; do
    case $probe in
      file\ *) [[ -e ${probe#file } ]] || printf '%s\n' "$package" ;;
      command\ *) any_command "${probe#command }" || printf '%s\n' "$package" ;;
      links\ *) links "${probe#links }" || printf '%s\n' "$package" ;;
    esac
  done
}
missing_libraries() { # Fails if nobody can tell.
  local package probe
  mkdir -p build/probe
  printf 'cmake_minimum_required(VERSION 3.25)\nproject(probe CXX)\nfile(WRITE missing "")\n' >build/probe/new
  while IFS=$'\t' read -r package probe; do
    [[ $probe == cmake\ * ]] || continue
    printf 'find_package(%s QUIET)\nif(NOT %s_FOUND)\n  file(APPEND missing "%s\\n")\nendif()\n' \
      "${probe#cmake }" "$(cut -d' ' -f2 <<<"$probe")" "$package" >>build/probe/new
  done
  mv build/probe/new build/probe/CMakeLists.txt
  cmake_probe || { rm -rf build/probe/CMakeCache.txt build/probe/CMakeFiles; cmake_probe; } || return
  cat build/probe/missing
}
cmake_probe() { CXX='' configure build/probe -S build/probe >build/probe/log 2>&1; }

any_command() { # "NAME..."
  local name
  for name in $1; do
    if command -v "$name" >/dev/null; then return; fi
  done
  return 1
}
links() { # "COMPILER FLAG..."
  local command
  read -ra command <<<"$1"
  command[0]=${command[0]/#CXX/$CXX}
  [[ $("${command[0]}" --version 2>/dev/null) != *'Free Software Foundation'* ]] || return 0 # g++ knows no such flag.
  "${command[@]}" -x c++ -o /dev/null - 2>/dev/null <<'END'
#include <cstddef>
extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, std::size_t) { throw 0; }
#ifdef _LIBCPP_VERSION
int main() {}
#endif
END
}

# missing SECTION...: the packages that have to be installed.
missing() {
  local tools libraries
  tools=$(needs "$@" | missing_tools)
  if ! libraries=$(needs "$@" | missing_libraries); then
    [[ -n $tools ]] || fail "CMake does not work, see build/probe/log"
    libraries=$(needs "$@" | sed -n 's/\tcmake .*//p')
  fi
  printf '%s\n%s\n' "$tools" "$libraries" | sed '/^$/d' | sort -u
}

# provide SECTION...: installs what is missing.
provide() {
  local packages
  [[ -z ${RMAPFUZZ_BIN-} ]] || return 0
  packages=$(missing "$@") || exit 2
  if [[ -n $packages ]]; then apt_install "${packages//$'\n'/ }"; fi
  command -v "$CXX" >/dev/null || fail "there is no compiler '$CXX' (CXX in the environment)"
  if [[ -z $packages ]]; then return; fi
  packages=$(missing "$@") || exit 2
  [[ -z $packages ]] || fail "installed, but not found as packages.txt looks for it: ${packages//$'\n'/ }"
}
apt_install() { # "PACKAGE..."
  local as_root=() packages by_hand="apt-get install --no-install-recommends $1"
  read -ra packages <<<"$1"
  command -v apt-get >/dev/null || fail "please install what Debian calls: $1"
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || fail "neither root nor sudo; please have somebody do this as root: $by_hand"
    as_root=(sudo)
  fi
  say "run: installing $1"
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-remove)
  "${as_root[@]}" update >&2 || fail "apt-get update failed; what is needed: $by_hand"
  "${as_root[@]}" install --no-install-recommends "${packages[@]}" >&2 || fail "could not do this as root: $by_hand"
}
