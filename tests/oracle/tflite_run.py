"""Writes zoo networks to ONNX and to TFLite with the same random weights, runs both, and compares the outputs: ONNX
Runtime against LiteRT's interpreter, on the same inputs.

Usage: tflite_run.py FORETIME [GLOB…] [--largest MACS] [--precision int8]   (default: every network up to 6e9 MACs)
Prints, per network, the largest difference relative to the largest output, and how many operators and transposes there are.
With --precision int8 there is nothing to compare with: the network must load, run and give outputs that differ.
"""

import argparse
import fnmatch
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import onnxruntime as ort
from ai_edge_litert.interpreter import Interpreter

WORST = 1e-4


def channels_last(array):
    return np.moveaxis(array, 1, -1) if array.ndim > 2 else array


def as_file_wants(array, shape):
    """The file stores images channels last; equal sizes leave both readings open."""
    return array if list(array.shape) == list(shape) else channels_last(array)


def difference(ours, theirs):
    forms = [a for a in (theirs, channels_last(theirs)) if a.shape == ours.shape]
    assert forms, f"shape {ours.shape} instead of {theirs.shape}"
    return min(float(np.abs(ours - a).max() / max(np.abs(a).max(), 1e-30)) for a in forms)


def feeds(session, random):
    out = {}
    for value in session.get_inputs():
        shape = [d if isinstance(d, int) else 1 for d in value.shape]
        if value.type == "tensor(float)":
            out[value.name] = random.standard_normal(shape).astype(np.float32)
        else:
            out[value.name] = random.integers(0, 2, shape).astype(np.int64 if "64" in value.type else np.int32)
    return out


def quantised(array, details):
    scale, zero = details["quantization"]
    if details["dtype"] in (np.int8, np.uint8) and scale:
        low, high = np.iinfo(details["dtype"]).min, np.iinfo(details["dtype"]).max
        array = np.clip(np.round(array / scale + zero), low, high)
    return array.astype(details["dtype"])


def run_tflite(path, inputs):
    interpreter = Interpreter(model_path=path, num_threads=1)
    interpreter.allocate_tensors()
    for details in interpreter.get_input_details():
        array = as_file_wants(inputs[details["name"]], details["shape"])
        interpreter.set_tensor(details["index"], quantised(array, details))
    interpreter.invoke()
    names = [o["op_name"] for o in interpreter._get_ops_details() if o["op_name"] != "DELEGATE"]
    return [interpreter.get_tensor(o["index"]) for o in interpreter.get_output_details()], names


def check(program, name, folder, precision):
    onnx, tflite = (str(pathlib.Path(folder) / f"model.{suffix}") for suffix in ("onnx", "tflite"))
    subprocess.run([program, "zoo", "build", name, onnx, "--weights", "random"], check=True)
    extra = ["--precision", precision] if precision else []
    subprocess.run([program, "convert", f"zoo:{name}", tflite, "--weights", "random", "--quiet", *extra], check=True)
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    inputs = feeds(session, np.random.default_rng(0))
    ours, names = run_tflite(tflite, inputs)
    if precision:
        assert all(np.ptp(o.astype(np.float64)) > 0 for o in ours), "the outputs are constant"
        return 0.0, names
    theirs = session.run(None, inputs)
    assert len(ours) == len(theirs), f"{len(ours)} outputs instead of {len(theirs)}"
    worst = max(difference(a, b) for a, b in zip(ours, theirs))
    assert worst <= WORST, f"outputs differ by {worst:.2e}"
    return worst, names


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("globs", nargs="*", default=["*"])
    arguments.add_argument("--largest", type=float, default=6e9)
    arguments.add_argument("--precision", default="")
    chosen = arguments.parse_args()
    listed = json.loads(subprocess.check_output([chosen.program, "zoo", "list", "--format", "json"]))
    ran = failed = 0
    for row in listed["networks"]:
        name = row["name"]
        if not any(fnmatch.fnmatch(name, glob) for glob in chosen.globs):
            continue
        totals = json.loads(
            subprocess.check_output([chosen.program, "inspect", f"zoo:{name}", "--format", "json", "--quiet"])
        )["totals"]
        if totals["macs"] > chosen.largest:
            continue
        ran += 1
        with tempfile.TemporaryDirectory() as folder:
            try:
                worst, names = check(chosen.program, name, folder, chosen.precision)
                print(f"ok {name}: {worst:.1e}, {len(names)} operators, {names.count('TRANSPOSE')} transposes", flush=True)
            except Exception as problem:  # reported by name; the others go on
                failed += 1
                print(f"FAIL {name}: {str(problem)[:300]}", flush=True)
    print(f"{ran} networks written, loaded and run; {failed} failed")


main()
