"""Writes zoo networks to ONNX with random weights, runs them on ONNX Runtime, and checks outputs: finite, and of the
shapes that `inspect` says.

Usage: zoo_run.py FORETIME [GLOB] [--largest MACS]   (default: every network up to 6e9 MACs)
"""

import argparse
import fnmatch
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import onnxruntime as ort

TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(int32)": np.int32}


def feed(value, random):
    shape = [d if isinstance(d, int) else 1 for d in value.shape]
    dtype = TYPES[value.type]
    return random.standard_normal(shape).astype(dtype) if dtype == np.float32 else random.integers(0, 2, shape).astype(dtype)


def check(program, name, folder):
    inspected = json.loads(subprocess.check_output([program, "inspect", f"zoo:{name}", "--format", "json", "--quiet"]))
    path = str(pathlib.Path(folder) / "model.onnx")
    subprocess.run([program, "zoo", "build", name, path, "--weights", "random"], check=True)
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    outputs = session.run(None, {i.name: feed(i, random) for i in session.get_inputs()})
    shapes = [list(o.shape) for o in outputs]
    assert shapes == [o["shape"] for o in inspected["outputs"]], f"shapes {shapes}"
    assert all(np.isfinite(o).all() for o in outputs), "an output is not finite"
    assert any(np.ptp(o) > 0 for o in outputs), "the outputs are constant"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("glob", nargs="?", default="*")
    arguments.add_argument("--largest", type=float, default=6e9)
    chosen = arguments.parse_args()
    listed = json.loads(subprocess.check_output([chosen.program, "zoo", "list", "--format", "json"]))
    ran = failed = 0
    for row in listed["networks"]:
        if not fnmatch.fnmatch(row["name"], chosen.glob):
            continue
        totals = json.loads(
            subprocess.check_output([chosen.program, "inspect", f"zoo:{row['name']}", "--format", "json", "--quiet"])
        )["totals"]
        if totals["macs"] > chosen.largest:
            continue
        ran += 1
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(chosen.program, row["name"], folder)
            except Exception as problem:  # reported by name; the others go on
                failed += 1
                print(f"FAIL {row['name']}: {str(problem)[:200]}", flush=True)
    print(f"{ran} networks written, loaded and run; {failed} failed")


main()
