#!/bin/sh
# The benchmarks that the README quotes. Models are written once into the folder named by FORETIME_BENCH_MODELS
# (default: build-bench/models); more ONNX files may be given as arguments. PYTHON names an interpreter that has the
# package onnx (1.23.2 was used); without it there is no peer to compare with.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
models=${FORETIME_BENCH_MODELS:-build-bench/models}

cmake --preset bench >/dev/null
cmake --build build-bench --target foretime graph_benchmark predict_benchmark annette_benchmark -j "$(nproc)"
mkdir -p "$models"
for name in resnet50 vgg16 densenet121; do
  [ -f "$models/$name.onnx" ] || build-bench/foretime zoo build "$name" "$models/$name.onnx" --weights random
done
"$python" benchmarks/whole_process.py build-bench/foretime "$models"/*.onnx "$@"
# ANNETTE's mode on its graphs, where they are at hand.
graphs=${FORETIME_ANNETTE_GRAPHS:-../shared/data/annette/graphs}
if [ -d "$graphs" ]; then
  FORETIME_BENCH_VERB="predict --compat annette --mapping ov --layers ncs2-roofline" "$python" benchmarks/whole_process.py \
    build-bench/foretime "$graphs/cf_resnet50.json" "$graphs/pt_densenet121.json" "$graphs/dk_yolov4.json"
fi
for part in graph predict annette; do
  build-bench/benchmarks/${part}_benchmark --benchmark_repetitions=5 --benchmark_report_aggregates_only=false \
  --benchmark_enable_random_interleaving=true 2>/dev/null | grep -E '^(Benchmark|[a-z_0-9]+(/[a-z0-9]+)?(_median|_cv)? )' | grep -vE '_(mean|stddev) '
done
