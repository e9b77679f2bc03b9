#!/bin/sh
# Calibrates this machine for every runtime, one and two threads learnt together, and puts the profiles and their
# reports where the program takes its built-in ones from:
#   tools/reference_profiles.sh [RUNTIME...]
# The machine should have nothing else to do: 20 minutes a runtime, BUDGET says otherwise. NAME is what the ids begin with.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
foretime=${FORETIME:-$here/build/foretime}
budget=${BUDGET:-20m}
name=${NAME:-reference-epyc}
[ $# -gt 0 ] || set -- onnxruntime openvino tflite
for runtime in "$@"; do
  home=$(mktemp -d)
  box=
  [ "$runtime" = tflite ] && box=--black-box  # LiteRT does not say whose kernels it ran
  FORETIME_HOME=$home "$foretime" calibrate --runtime "$runtime" --threads 1,2 --name "$name-$runtime" \
    --budget "$budget" $box --format html --output "$home/report.html"
  for threads in 1 2; do
    id=$name-$runtime-$threads
    mkdir -p "$here/devices/$id"
    cp "$home/devices/$id.json" "$here/devices/$id/profile.json"
  done
  sed "s#$home/##g" "$home/report.html" >"$here/devices/$name-$runtime-1/report.html"
  rm -rf "$home"
done
