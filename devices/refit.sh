#!/bin/sh
# Fits the built-in profiles anew from nn-Meter's data set in compact form (docs/data-sets.md):
#   devices/refit.sh FOLDER [ID...]
# FOLDER holds alexnet.jsonl.gz … vgg.jsonl.gz. Identity, fusion rules and provenance stay as they are.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
foretime=${FORETIME:-$here/../build/foretime}
data=$1
shift
[ $# -gt 0 ] || set -- cortexA76cpu_tflite21 adreno640gpu_tflite21 adreno630gpu_tflite21 myriadvpu_openvino2019r2
for id in "$@"; do
  "$foretime" fit "$data" --device "$id" --like "$here/$id/profile.json" --profile-out "$here/$id/profile.json"
done
