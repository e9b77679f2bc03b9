#!/bin/sh
# Installs what building and testing Foretime need on Debian 12: packages by name, nothing else.
# Does nothing when they are all there. Needs root, or sudo.
set -eu

packages="g++ make cmake ninja-build ccache mold ca-certificates
  libprotozero-dev nlohmann-json3-dev rapidjson-dev libcli11-dev libfmt-dev zlib1g-dev libflatbuffers-dev flatbuffers-compiler
  libxgboost-dev libyaml-cpp-dev libgtest-dev libgmock-dev
  libsqlite3-dev python3 python3-pip"
# For benchmarks, fuzzing and formatting; `tools/setup.sh develop` installs these, too.
[ "${1:-}" = develop ] && packages="$packages
  libbenchmark-dev clang-16 clang-tidy-16 clang-format-16 libclang-rt-16-dev"

missing=
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "setup: this system has no apt-get; install by hand:$missing" >&2
  exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "setup: run as root, or install sudo; needed:$missing" >&2; exit 1; }
  as_root=sudo
fi
echo "setup: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# The lists of a fresh machine are empty or old: fetch them, and once more if the network hiccups.
$as_root apt-get update -qq || { sleep 5; $as_root apt-get update -qq; }
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
