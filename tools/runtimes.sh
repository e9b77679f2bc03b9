#!/bin/sh
# Fetches the native libraries of inference runtimes from the package registry, each pinned by version and checksum,
# and unpacks them once into $XDG_CACHE_HOME/foretime/runtimes (else ~/.cache/…), where foretime looks for them.
# What is there already is not fetched again. Needs python3 with pip (tools/setup.sh brings both).
set -eu

root="${XDG_CACHE_HOME:-$HOME/.cache}/foretime/runtimes"
machine="$(uname -m)"

# runtime NAME VERSION SHA256-OF-X86_64-WHEEL SHA256-OF-AARCH64-WHEEL FILE-IN-IT…
runtime() {
  name="$1" version="$2" sum="$3"
  [ "$machine" = aarch64 ] && sum="$4"
  shift 4
  case "$machine" in
    x86_64 | aarch64) ;;
    *) echo "runtimes: no $name for $machine: build it, and pass --library FILE" >&2; return 1 ;;
  esac
  folder="$root/$name/$version"
  [ -d "$folder" ] && return 0
  echo "runtimes: fetching $name $version" >&2
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  # Not the wheel for the python at hand, but always the same one.
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.11 \
    --implementation cp --abi cp311 --platform "manylinux_2_28_$machine" --platform "manylinux_2_27_$machine" \
    --platform "manylinux2014_$machine" --platform "manylinux_2_35_$machine" --dest "$work" "$name==$version"
  wheel="$(ls "$work"/*.whl)"
  echo "$sum  $wheel" | sha256sum --check --quiet - || { echo "runtimes: $name $version is not the file it should be" >&2; return 1; }
  python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2], sys.argv[3:])' "$wheel" "$work/files" "$@"
  mkdir -p "$folder.$$"
  for file in "$@"; do mv "$work/files/$file" "$folder.$$/"; done
  # In one step, so that two of us at a time do no harm.
  mv -T "$folder.$$" "$folder" 2>/dev/null || rm -rf "$folder.$$"
  rm -rf "$work"
  trap - EXIT
}

runtime onnxruntime 1.31.1 \
  5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f \
  da05378364c44d4407e463982d2bf8d5e4cfea873283757e48beeb41df97b7f3 \
  onnxruntime/capi/libonnxruntime.so.1.31.1 onnxruntime/capi/libonnxruntime_providers_shared.so

runtime ai-edge-litert 2.3.0 \
  1f15078a6725d2357d9de9221664c29afa0545d807559c5f7199ce5e40b96b23 \
  853fc608f96da87bd5f3458465dfb9abbf18d5ae6b94eceacead407146f175ae \
  ai_edge_litert/libLiteRt.so

# It has two dozen parts; those that read ONNX and run it on a CPU.
processor=intel
[ "$machine" = aarch64 ] && processor=arm
runtime openvino 2026.4.1 \
  2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf \
  bea1eb3733c34ef331adc945da0ccda5937865031139073663be84c517ffda22 \
  openvino/libs/libopenvino_c.so.2641 openvino/libs/libopenvino.so.2641 openvino/libs/libtbb.so.12 \
  "openvino/libs/libopenvino_${processor}_cpu_plugin.so" openvino/libs/libopenvino_onnx_frontend.so.2641
