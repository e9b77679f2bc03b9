#!/bin/sh
# Calibrates this machine for every runtime, with one thread and with two, and puts the profiles and their reports where
# the program takes its built-in ones from:
#   tools/reference_profiles.sh [RUNTIME...]
# The machine should have nothing else to do: 10 minutes a profile, BUDGET says otherwise; THREADS, which ones ("1 2").
# NAME is what the ids begin with.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
foretime=${FORETIME:-$here/build/foretime}
budget=${BUDGET:-10m}
name=${NAME:-reference-epyc}
[ $# -gt 0 ] || set -- onnxruntime openvino tflite
for runtime in "$@"; do
  box=
  [ "$runtime" = tflite ] && box=--black-box  # LiteRT does not say whose kernels it ran
  for threads in ${THREADS:-1 2}; do
    id=$name-$runtime-$threads
    home=$(mktemp -d)
    FORETIME_HOME=$home "$foretime" calibrate --runtime "$runtime" --threads "$threads" --name "$id" \
      --budget "$budget" $box --format html --output "$home/report.html"
    mkdir -p "$here/devices/$id"
    cp "$home/devices/$id.json" "$here/devices/$id/profile.json"
    sed "s#$home/##g" "$home/report.html" >"$here/devices/$id/report.html"
    rm -rf "$home"
  done
done
