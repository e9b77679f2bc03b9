#!/usr/bin/env python3
"""How well does a calibrated profile predict networks it never saw?

    benchmarks/held_out.py PROFILE [--budget 6s] [--rounds 2] [--keep FOLDER] [--exports FOLDER] [--trusted]
                           [--list FILE] [--precision int8] [--truth fastest|mean] [MODEL ...]

Measures every model (default: networks of the zoo, and, with --exports, those of held_out_exports.txt from the
folder where tests/oracle/export.py put them; with --list only those that FILE names, such as held_out_others.txt, of
which only mvitv2_tiny was looked at while the model was changed, or held_out_fresh.txt, drawn by chance) with the runtime and threads of the
profile, keeps what was measured in FOLDER, so that a second run measures only what is missing, and prints what
`foretime evaluate` says of the profile on them. All are measured once in each of the rounds, minutes apart; of a
model that measurement counts whose fastest run was least, for neighbours only make slower. --truth mean takes the
geometric mean of the rounds instead: one before and one after a calibration are what this machine took around it.
--trusted leaves out what `measure` does not call trusted.
--precision int8 quantises every model first (`foretime convert --precision int8`); the default is the profile's.
"""

import argparse
import collections
import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ZOO = """alexnet vgg11 resnet18 resnet50 resnext50_32x4d densenet121 squeezenet1_0 squeezenet1_1 googlenet
inception_v3 mobilenet_v1 mobilenet_v2 mobilenet_v3_small mobilenet_v3_large mnasnet1_0 shufflenet_v2_x1_0
efficientnet_b0 regnet_x_400mf regnet_y_400mf convnext_tiny vit_b_32 vit_b_16 swin_t distilbert_base bert_base gpt2
tiny_yolo deeplabv3_mobilenet_v3_large proxylessnas mobilebert""".split()


def foretime(program, *words):
    run = subprocess.run([program, *words], capture_output=True, text=True)
    if run.returncode != 0:
        print(run.stderr.strip(), file=sys.stderr)
        return None
    return json.loads(run.stdout)


def quantised(options, model):
    """The model's quantised form: a network of the zoo asks for it, a file is converted; None if it cannot be."""
    if model.startswith("zoo:"):
        return model + ("&" if "?" in model else "?") + "precision=int8"
    path = options.keep / (pathlib.Path(model).stem + ".int8.onnx")
    if not path.exists():
        run = subprocess.run([options.program, "convert", model, path, "--precision", "int8", "--weights", "random"],
                             capture_output=True, text=True)
        if run.returncode != 0:
            print(run.stderr.strip(), file=sys.stderr)
            return None
    return str(path)


def measured(options, profile, model, number):
    """The measurement of a model in a round, from the folder if it is there; None if it cannot be run."""
    suffix = f".{number}.json" if number else ".json"
    path = options.keep / (model.replace("/", "_").replace(":", "_") + suffix)
    if not path.exists():
        result = foretime(options.program, "measure", model, "--runtime", profile["runtime"],
                          "--threads", str(profile["threads"]), "--budget", options.budget, "--launches", "3",
                          "--db", str(options.keep / "measurements.db"), "--quiet", "--format", "json")
        if result is None:
            return None
        path.write_text(json.dumps(result))
    return json.loads(path.read_text())["measurements"][0]


def print_noise(rounds):
    """How far two measurements of the same network lie apart: the truth is no surer than that."""
    pairs = [(a["latency_ms"]["median"], b["latency_ms"]["median"]) for a, b in zip(*rounds[:2]) if a and b]
    apart = [max(pair) / min(pair) - 1 for pair in pairs]
    print(f"rounds apart: median {100 * statistics.median(apart):.1f} %, mean {100 * statistics.mean(apart):.1f} %; "
          f"{100 * sum(each <= 0.1 for each in apart) / len(apart):.1f} % of {len(apart)} within 10 %")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("profile")
    parser.add_argument("models", nargs="*")
    parser.add_argument("--budget", default="6s")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("held-out"))
    parser.add_argument("--exports", type=pathlib.Path)
    parser.add_argument("--list", type=pathlib.Path)
    parser.add_argument("--trusted", action="store_true")
    parser.add_argument("--truth", choices=["fastest", "mean"], default="fastest")
    parser.add_argument("--precision", choices=["fp32", "int8"])
    parser.add_argument("--program", default=str(ROOT / "build/foretime"))
    options = parser.parse_intermixed_args()
    if options.list and not options.exports:
        parser.error("--list names exports: --exports says where they are")
    models = options.models or [f"zoo:{name}" for name in ZOO]
    if options.list:
        models = []
    if options.exports:
        names = (options.list or ROOT / "benchmarks/held_out_exports.txt").read_text().split()
        models += [str(options.exports / f"{name}.onnx") for name in names]
    options.keep.mkdir(parents=True, exist_ok=True)
    device = foretime(options.program, "devices", "show", options.profile, "--format", "json")
    profile = device["profile"] if device else sys.exit(1)
    if (options.precision or profile["precision"]["name"]) == "int8":
        models = [model for model in (quantised(options, each) for each in models) if model]
    rounds = [[measured(options, profile, model, number) for model in models] for number in range(options.rounds)]
    verdicts = collections.Counter()
    table = options.keep / "held-out.jsonl"
    with table.open("w") as rows:
        for model, *found in zip(models, *rounds):
            found = [row for row in found if row is not None]
            if not found:
                continue
            row = min(found, key=lambda row: row["context"]["fastest_run_ms"])
            verdicts[row["verdict"]] += 1
            if options.trusted and row["verdict"] != "trusted":
                continue
            name = model if model.startswith("zoo:") else str(pathlib.Path(model).resolve())
            medians = [each["latency_ms"]["median"] for each in found]
            truth = statistics.geometric_mean(medians) if options.truth == "mean" else row["latency_ms"]["median"]
            rows.write(json.dumps({"id": model, "family": "zoo" if name.startswith("zoo:") else "files",
                                   "model": name, "device": "here", "latency_ms": truth,
                                   "std_ms": row["latency_ms"]["stddev"]}) + "\n")
    print("verdicts:", dict(verdicts))
    if len(rounds) > 1:
        print_noise(rounds)
    sys.exit(subprocess.run([options.program, "evaluate", str(table), "--device", options.profile,
                             "--column", "here"]).returncode)


if __name__ == "__main__":
    main()
