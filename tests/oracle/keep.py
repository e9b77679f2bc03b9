"""Copies a few dozen small entries of the corpus into tests/corpus, with their expected tables, for `make test`.

A table has one line per tensor that ONNX Runtime computed: name, data type, sizes; before them `macs N` (torch's count,
absent where torch cannot count) and `bind INPUT SIZES` for every input of a file with open sizes.
"""

import fnmatch
import json
import os
import pathlib
import shutil

ROOT = pathlib.Path(os.environ.get("FORETIME_ORACLE", pathlib.Path.home() / ".cache/foretime/oracle"))
OUT = pathlib.Path(__file__).parent.parent / "corpus"

KEPT = """
toy-attention-* toy-einsum* toy-conv1d* toy-conv3d* toy-conv-transpose* toy-gru-* toy-lstm-* toy-rnn-*
toy-indexing-zoo-* toy-resize-zoo-* toy-reduction-zoo-* toy-padding-zoo-* toy-nonzero-* toy-topk-* toy-script-if-*
toy-scan-* toy-unet-* toy-spectrogram-* toy-crnn-* toy-transformer-encoder-* toy-grid-sample-* toy-pixel-shuffle-*
transformers-llama-tiny-* transformers-gpt-neox-tiny-to15 transformers-bert-small-* transformers-t5-*
transformers-vit-small-to14-fused-vit transformers-phi-tiny-to16 transformers-mistral-*
torchvision-resnet18-* torchvision-resnet50-to17 torchvision-squeezenet* torchvision-mobilenet_v2-* torchvision-vgg11*
timm-regnetx_032-to10 timm-tf_efficientnet_b0-to11 timm-mixer* ultralytics-yolov8n-to12 ultralytics-yolo11n-*
""".split()
# Left out: toy-gated-functions (ONNX Runtime names the tensors of inlined functions its own way; the reader's own tests
# cover functions) and toy-rnn-tanh-dy18 (torch counts the product with the constant initial state, which is folded).
LEFT_OUT = {"toy-rnn-tanh-dy18"}
LARGEST = 170_000  # bytes of a file
MOST = 90


def keep(entry):
    truth = json.loads((ROOT / "corpus" / f"{entry}.json").read_text())
    if truth.get("run_error") or not truth["tensors"]:
        return False
    lines = []
    if truth.get("torch_macs") and not truth["recurrent"]:
        lines.append(f"macs {truth['torch_macs']}")
    if truth["bindings"]:
        lines += [f"bind {name} {'x'.join(map(str, sizes))}" for name, sizes in truth["inputs"].items() if sizes]
    for name, (dtype, sizes) in truth["tensors"].items():
        if isinstance(sizes, list) and " " not in name:
            lines.append(f"{name} {dtype} {'x'.join(map(str, sizes)) or 'scalar'}")
    shutil.copy(ROOT / "corpus" / f"{entry}.onnx", OUT)
    (OUT / f"{entry}.txt").write_text("\n".join(lines) + "\n")
    return True


def main():
    OUT.mkdir(exist_ok=True)
    kept = 0
    for path in sorted((ROOT / "corpus").glob("*.onnx")):
        wanted = any(fnmatch.fnmatch(path.stem, pattern) for pattern in KEPT)
        if wanted and path.stem not in LEFT_OUT and kept < MOST and path.stat().st_size <= LARGEST:
            kept += keep(path.stem)
    print(f"{kept} networks in {OUT}")


main()
