# make run     set up, build, and show a real network: its layers, how long it takes on six devices, and how long here:
#              predicted and measured
# make test    set up, build, and run every test
# make build   set up and build; the program lands at build/foretime
# make bench   the benchmarks that the README quotes
# make fuzz    builds the fuzzers into build-fuzz
# make format  clang-format over the sources

JOBS ?= $(shell nproc)

.PHONY: run test build setup runtimes bench fuzz format clean

run: build runtimes
	build/foretime zoo build mobilenet_v2 build/mobilenet_v2.onnx --weights random
	build/foretime inspect build/mobilenet_v2.onnx
	build/foretime predict build/mobilenet_v2.onnx zoo:resnet50 zoo:mobilenet_v3_large zoo:densenet121
	build/foretime predict build/mobilenet_v2.onnx --device host
	build/foretime measure build/mobilenet_v2.onnx --kernels --sort -latency_ms --top 12

test: setup runtimes
	cmake --preset release -DFORETIME_TESTS=ON >/dev/null
	cmake --build build -j $(JOBS)
	ctest --test-dir build -j $(JOBS) --output-on-failure --no-tests=error

build: setup
	cmake --preset release >/dev/null
	cmake --build build -j $(JOBS) --target foretime foretime-worker

setup:
	@tools/setup.sh

# Without them everything but measuring works: a machine without a network still builds.
runtimes: setup
	@tools/runtimes.sh || echo "no runtime to measure with; later: tools/runtimes.sh" >&2

bench:
	@tools/setup.sh develop
	benchmarks/run.sh

fuzz:
	@tools/setup.sh develop
	cmake --preset fuzz >/dev/null
	cmake --build build-fuzz -j $(JOBS)

format:
	clang-format-16 -i $$(git ls-files '*.cc' '*.h')

clean:
	rm -rf build build-*
