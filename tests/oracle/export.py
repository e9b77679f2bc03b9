#!/usr/bin/env python3
"""Exports the networks of networks.py to ONNX and records what ONNX Runtime and torch say about them.

Each entry runs in a child process of its own with a time-out and a memory limit. A run picks up where
the last one stopped; --retry also repeats what failed. Results: corpus/ID.onnx (structure only),
corpus/ID.json (the truth), full/ID.onnx (few), failures.json.
"""
import argparse
import fnmatch
import json
import logging
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

os.environ.setdefault("YOLO_OFFLINE", "true")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy
import onnx
import onnxruntime
import psutil
import torch

from zoo import build, decoder_step
from counting import count_macs, count_parameters
from functions import export_functions
from networks import entries

ROOT = Path(os.environ.get("FORETIME_ORACLE", Path.home() / ".cache/foretime/oracle"))
THREADS = 2
TIME_LIMIT_S = 240
MEMORY_LIMIT = 9 << 30
CLEAR_ABOVE = 1024  # elements: what is smaller may decide shapes (Resize scales, ...) and costs nothing to keep
RECURRENT = {"LSTM", "GRU", "RNN", "DynamicQuantizeLSTM"}


class StageError(Exception):
    """Carries which step failed, so that failures can be told apart: build, export, treat, run."""

    def __init__(self, stage, error):
        lines = str(error).strip().splitlines() or [""]
        # The tracers put essays around their reason: the type and the first and last telling lines are enough.
        text = lines[0] if len(lines) == 1 else f"{lines[0]} … {lines[-1]}"
        super().__init__(f"{type(error).__name__}: {text[:600]}")
        self.stage = stage


# --- export --------------------------------------------------------------------------------------

def export_genai(entry, built, path):
    """onnxruntime-genai's model builder reads a checkpoint folder and writes a model with external data."""
    from tokenizers import Tokenizer, models
    from transformers import GenerationConfig, PreTrainedTokenizerFast
    checkpoint, result = path.with_name("checkpoint"), path.with_name("genai")
    built.module.model.save_pretrained(checkpoint)
    PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), bos_token="<s>", eos_token="</s>").save_pretrained(checkpoint)
    GenerationConfig().save_pretrained(checkpoint)
    subprocess.run([sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", checkpoint, "-o", result, "-e", "cpu",
                    "-p", "int4" if entry.treatment == "int4" else "fp32", "-c", path.with_name("cache")], check=True)
    for file in result.glob("model.onnx*"):
        file.rename(path.with_name(file.name))


def export(entry, built, path):
    if entry.exporter == "genai":
        return export_genai(entry, built, path)
    if entry.exporter == "onnxscript":
        return export_functions(built.module, path)
    names = list(built.inputs)
    open_axes = {name: {i: role for i, role in enumerate(roles) if role in entry.dynamic}
                 for name, roles in built.axes.items()}
    missing = set(entry.dynamic) - {role for axes in open_axes.values() for role in axes.values()}
    if missing:
        raise ValueError(f"no input has an axis for {sorted(missing)}")
    arguments = tuple(built.inputs.values())
    module = torch.jit.script(built.module) if entry.treatment == "script" else built.module
    common = dict(input_names=names, opset_version=entry.opset)
    if entry.exporter == "torchscript":
        torch.onnx.export(module, arguments, str(path), dynamo=False,
                          dynamic_axes={n: a for n, a in open_axes.items() if a}, **common)
    else:
        shapes = None
        if entry.dynamic:
            per_input = tuple(open_axes.get(name) or None for name in names)
            shapes = (per_input,) if built.variadic else per_input
        torch.onnx.export(module, arguments, str(path), dynamo=True, dynamic_shapes=shapes,
                          external_data=entry.treatment == "external", optimize=entry.treatment != "raw", **common)


class RandomCalibration:
    """onnxruntime's CalibrationDataReader over a few noisy copies of the example inputs."""

    def __init__(self, inputs):
        noise = numpy.random.default_rng(0)
        self.samples = iter([{name: value if value.dtype.kind != "f" else (value + noise.normal(0, 0.1, value.shape)).astype(value.dtype)
                              for name, value in inputs.items()} for _ in range(2)])

    def get_next(self):
        return next(self.samples, None)


def treat(entry, path, inputs):
    """Applies onnxruntime's quantisers or its transformer optimiser to the exported file, in place."""
    from onnxruntime import quantization
    result = path.with_name("treated.onnx")
    if entry.treatment in ("qdq", "qoperator"):
        prepared = path.with_name("prepared.onnx")
        quantization.shape_inference.quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
        style = quantization.QuantFormat.QDQ if entry.treatment == "qdq" else quantization.QuantFormat.QOperator
        quantization.quantize_static(str(prepared), str(result), RandomCalibration(inputs), quant_format=style,
                                     per_channel=entry.opset >= 13)
    elif entry.treatment == "quant":
        quantization.quantize_dynamic(str(path), str(result))
    elif entry.treatment.startswith("fused:"):
        from onnxruntime.transformers import optimizer
        optimised = optimizer.optimize_model(str(path), model_type=entry.treatment.split(":")[1], opt_level=0)
        optimised.save_model_to_file(str(result))
        operators = {node.op_type for node in onnx.load(str(result)).graph.node if node.domain == "com.microsoft"}
        if not operators:
            raise ValueError("the optimiser fused nothing")
    else:
        return
    result.replace(path)


# --- truth ---------------------------------------------------------------------------------------

DTYPES = {"float": "float32", "double": "float64"}


def describe(value):
    """[dtype, shape] of an OrtValue; sequences and maps have no shape."""
    kind = value.data_type()
    if value.is_tensor():
        name = kind.removeprefix("tensor(").removesuffix(")")
        return [DTYPES.get(name, name), list(value.shape())]
    return [kind, None]


def session(path):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = THREADS
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run_with_everything(path, inputs):
    """Runs the file with every tensor of the main graph as an output: {tensor: [dtype, shape]}, errors."""
    model = onnx.load(str(path), load_external_data=False)
    declared = {o.name for o in model.graph.output}
    produced = [name for node in model.graph.node for name in node.output if name and name not in declared]
    watched = path.with_name("watched.onnx")

    def run(names):
        del model.graph.output[len(declared):]
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)  # ORT infers the type
        onnx.save(model, str(watched))
        live = session(watched)
        feeds = {i.name: onnxruntime.OrtValue.ortvalue_from_numpy(inputs[i.name]) for i in live.get_inputs()}
        outputs = [o.name for o in live.get_outputs()]
        return {name: describe(value) for name, value in zip(outputs, live.run_with_ort_values(outputs, feeds)) if value.has_value()}

    tensors, errors = {}, {}

    def collect(names):
        """A tensor that ORT refuses to hand out (optional types, ...) must not cost the others."""
        try:
            tensors.update(run(names))
        except Exception as error:  # ORT raises many types of its own
            if not names:
                raise
            if len(names) == 1 or len(errors) > 8:
                errors[names[0]] = str(error)[:300]
                return
            half = len(names) // 2
            collect(names[:half])
            collect(names[half:])

    try:
        tensors.update(run(produced))
    except Exception as first:
        try:
            tensors.update(run([]))
        except Exception:
            raise first  # the file itself does not run; halving would only repeat that
        collect(produced)
    return tensors, errors


# --- structure only ------------------------------------------------------------------------------

CLEARABLE = {onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16, onnx.TensorProto.DOUBLE,
             onnx.TensorProto.INT8, onnx.TensorProto.UINT8}


def clear(tensor):
    if tensor.data_type not in CLEARABLE or numpy.prod(tensor.dims, dtype=numpy.int64) <= CLEAR_ABOVE:
        return
    for field in ("raw_data", "float_data", "double_data", "int32_data", "external_data", "data_location"):
        tensor.ClearField(field)


def clear_graph(graph):
    for tensor in getattr(graph, "initializer", ()):  # functions have nodes only
        clear(tensor)
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.HasField("t"):
                clear(attribute.t)
            for inner in (attribute.g, *attribute.graphs):
                clear_graph(inner)


def structure_only(path, result):
    model = onnx.load(str(path), load_external_data=False)
    for initializer in model.graph.initializer:
        # Small tensors of a file with external data must carry it themselves from now on.
        if initializer.data_location == onnx.TensorProto.EXTERNAL and numpy.prod(initializer.dims) <= CLEAR_ABOVE:
            onnx.external_data_helper.load_external_data_for_tensor(initializer, str(path.parent))
            initializer.ClearField("external_data")
            initializer.ClearField("data_location")
    for graph in (model.graph, *model.functions):
        clear_graph(graph)
    model.metadata_props.append(onnx.StringStringEntryProto(key="foretime.weights", value="none"))
    result.write_bytes(model.SerializeToString())
    return model


def operators(graph):
    for node in graph.node:
        yield node.op_type
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from operators(inner)


def versions():
    import onnxscript
    import timm
    import torchvision
    import transformers
    import ultralytics
    modules = (torch, torchvision, timm, transformers, ultralytics, onnx, onnxscript, onnxruntime)
    return {module.__name__: module.__version__ for module in modules}


# --- one entry, in its own process ---------------------------------------------------------------

def make(entry, folder):
    begun = time.monotonic()
    path = folder / "model.onnx"
    stage = "build"
    try:
        built = build(entry.library, entry.network, entry.dynamic,
                      fused_attention=entry.exporter != "torchscript" or entry.opset >= 14)
        if entry.exporter == "genai":
            built = decoder_step(built)
        if entry.treatment == "half":
            built.module.half()
            built.inputs = {n: t.half() if t.is_floating_point() else t for n, t in built.inputs.items()}
        arguments = tuple(built.inputs.values())
        arrays = {name: tensor.numpy() for name, tensor in built.inputs.items()}
        parameters = count_parameters(built.module)
        try:
            macs, macs_error = count_macs(built.module, arguments), None
        except Exception as error:  # some operators have no meaning under the counter; the file is still worth having
            macs, macs_error = None, str(error)[:300]
        stage = "export"
        with torch.no_grad():
            export(entry, built, path)
        stage = "treat"
        treat(entry, path, arrays)
    except Exception as error:
        traceback.print_exc()
        raise StageError(stage, error) from error
    del built

    truth = {"id": entry.id, "library": entry.library, "network": entry.network, "exporter": entry.exporter,
             "opset": entry.opset, "treatment": entry.treatment, "torch_macs": macs, "torch_params": parameters}
    if macs_error:
        truth["torch_error"] = macs_error
    try:
        truth["tensors"], errors = run_with_everything(path, arrays)
        if errors:
            truth["tensor_errors"] = errors
    except Exception as error:
        traceback.print_exc()
        truth["tensors"], truth["run_error"] = {}, str(StageError("run", error))

    model = structure_only(path, ROOT / f"corpus/{entry.id}.onnx")
    initialised = {tensor.name for tensor in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in initialised]
    truth["file_opsets"] = {o.domain: o.version for o in model.opset_import}
    truth["inputs"] = {i.name: list(arrays[i.name].shape) for i in inputs}
    truth["bindings"] = {dim.dim_param: size for i in inputs
                         for dim, size in zip(i.type.tensor_type.shape.dim, arrays[i.name].shape) if dim.dim_param}
    truth["recurrent"] = any(op in RECURRENT for op in operators(model.graph))
    if entry.full:
        shutil.copy(path, ROOT / f"full/{entry.id}.onnx")
    truth["versions"] = versions()
    truth["seconds"] = round(time.monotonic() - begun, 1)
    (ROOT / f"corpus/{entry.id}.json").write_text(json.dumps(truth) + "\n")


def child(entry, folder, report):
    os.nice(max(0, 19 - os.nice(0)))
    torch.set_num_threads(THREADS)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    log = os.open(folder / "log", os.O_CREAT | os.O_WRONLY)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(folder)
    try:
        make(entry, folder)
        report.send(None)
    except StageError as error:
        report.send((error.stage, str(error)))
    except Exception as error:
        traceback.print_exc()
        report.send(("script", f"{type(error).__name__}: {str(error)[:600]}"))


def watch(process, report):
    """What became of a child: None, or the stage and reason of its failure."""
    deadline = time.monotonic() + TIME_LIMIT_S
    while not report.poll(0.2):
        try:
            used = psutil.Process(process.pid).memory_info().rss
        except psutil.NoSuchProcess:
            used = 0
        reason = (("time-out", f"{TIME_LIMIT_S} s") if time.monotonic() > deadline else
                  ("memory", f"more than {MEMORY_LIMIT >> 30} GiB") if used > MEMORY_LIMIT else
                  ("crash", f"exit code {process.exitcode}") if not process.is_alive() and not report.poll(0) else None)
        if reason:
            process.kill()
            return reason
    try:
        return report.recv()
    except EOFError:
        process.join()
        return "crash", f"exit code {process.exitcode}"


def preload():
    """Imports what the children need, once: they are forked, and importing takes longer than most exports."""
    import onnxscript  # noqa: F401
    import onnxruntime.quantization  # noqa: F401
    import timm  # noqa: F401
    import torch.onnx._internal.exporter._core  # noqa: F401
    import torchvision  # noqa: F401
    import transformers.models.bert.modeling_bert  # noqa: F401
    import ultralytics  # noqa: F401
    from ultralytics import YOLO  # noqa: F401


def varied(table, first=35):
    """The table with its libraries taking turns after the first entries: a campaign cut short stays varied."""
    queues = {}
    for entry in table[first:]:
        queues.setdefault(entry.library, []).append(entry)
    # By relative position, so that every library's queue ends at the same time.
    rest = [(i / len(queue), entry) for queue in queues.values() for i, entry in enumerate(queue)]
    return table[:first] + [entry for _, entry in sorted(rest, key=lambda pair: pair[0])]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="*", help="glob over entry ids")
    parser.add_argument("--retry", action="store_true", help="try again what failed before")
    parser.add_argument("--force", action="store_true", help="make again what exists")
    parser.add_argument("--keep-logs", action="store_true", help="leave the children's logs in logs/")
    options = parser.parse_args()

    for folder in ("corpus", "full", "logs"):
        (ROOT / folder).mkdir(parents=True, exist_ok=True)
    failures_path = ROOT / "failures.json"
    failures = json.loads(failures_path.read_text()) if failures_path.exists() else {}
    # Two runs at once, or a changed table, may leave failures that are none.
    table = {entry.id for entry in entries()}
    failures = {i: f for i, f in failures.items() if i in table and not (ROOT / f"corpus/{i}.json").exists()}
    torch.set_num_threads(1)  # a thread pool started here would be dead in the forked children
    preload()
    context = multiprocessing.get_context("fork")

    for entry in varied(entries()):
        if not fnmatch.fnmatch(entry.id, options.only):
            continue
        done = (ROOT / f"corpus/{entry.id}.json").exists() or (entry.id in failures and not options.retry)
        if done and not options.force:
            continue
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="oracle-", dir=ROOT) as folder:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=child, args=(entry, Path(folder), theirs))
            process.start()
            theirs.close()
            failure = watch(process, ours)
            process.join()
            log = Path(folder, "log")
            if log.exists() and (failure or options.keep_logs):
                shutil.copy(log, ROOT / f"logs/{entry.id}.log")
        if failure:
            failures[entry.id] = {"stage": failure[0], "reason": failure[1]}
        else:
            failures.pop(entry.id, None)
        failures_path.write_text(json.dumps(failures, indent=1, sort_keys=True) + "\n")
        verdict = f"{failure[0]}: {failure[1][:160]}" if failure else "ok"
        print(f"{time.strftime('%H:%M:%S')} {time.monotonic() - begun:6.1f} s  {entry.id}  {verdict}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
