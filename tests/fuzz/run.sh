#!/usr/bin/env bash
# tests/fuzz/run.sh NAME [RUNS [CORPUS]]: runs the fuzzer fuzz_NAME (make fuzz) for so many executions, ten million unless
# told otherwise, with its dictionary and seeds and what it found before. Options that cost speed and find nothing here
# are off: without them, readers of texts do 4,000 to 8,000 executions a second on one core instead of 300 to 1,200.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1
runs=${2:-10000000}
corpus=${3:-$here/../../build-fuzz/corpus/$name}
seeds=$here/seeds/${name%_network}
dictionary=$here/${name%_network}.dict
[ "$name" = device_profile ] && dictionary=$here/ir_json.dict
mkdir -p "$corpus"
export ASAN_OPTIONS=malloc_context_size=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=16:detect_leaks=0
ASAN_OPTIONS+=:detect_stack_use_after_return=0:max_free_fill_size=0:max_malloc_fill_size=0
exec "$here/../../build-fuzz/tests/fuzz/fuzz_$name" -runs="$runs" -max_len=1000 -reload=0 -timeout=20 \
  -artifact_prefix="$corpus/../" -print_final_stats=1 $([ -f "$dictionary" ] && echo "-dict=$dictionary") "$corpus" "$seeds"
