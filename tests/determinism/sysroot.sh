#!/usr/bin/env bash
# sysroot.sh ARCHITECTURE DIR: Boost.Context as Debian built it for another architecture (arm64, s390x), and the headers
# of Boost and fmt, into DIR, for a cross-compiler. Neither apt's own lists nor installed packages are touched.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
fail() {
  echo "sysroot.sh: $*" >&2
  exit 2
}
if (($# != 2)) || [[ $1 == -* ]]; then
  sed -n '2,3s/^# //p' "$0"
  exit 2
fi
architecture=$1
mkdir -p "$2"
dir=$(realpath "$2")
if compgen -G "$dir/usr/lib/*/libboost_context.a" >/dev/null; then exit 0; fi

version=$(sed -n 's/^#define BOOST_LIB_VERSION "\(.*\)"/\1/p' /usr/include/boost/version.hpp | tr _ .)
package=libboost-context$version-dev
mkdir -p "$dir"/apt/lists/partial "$dir"/apt/cache/archives/partial
options=(-q -y -o "Dir::State::lists=$dir/apt/lists" -o "Dir::Cache=$dir/apt/cache" -o Dir::State::status=/dev/null
  -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture" -o APT::Sandbox::User=root)
cd "$dir/apt"
apt-get "${options[@]}" update >log 2>&1 || fail "apt-get update failed (is there a network?), see $dir/apt/log"
apt-get "${options[@]}" download "$package" >>log 2>&1 || fail "no $package for $architecture, see $dir/apt/log"
mkdir -p "$dir/usr/include"
ln -sfn /usr/include/boost /usr/include/fmt "$dir/usr/include/"
dpkg-deb -x "$package"_*.deb "$dir"
rm -rf "$dir/apt"
