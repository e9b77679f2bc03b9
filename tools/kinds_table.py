#!/usr/bin/env python3
"""Compares the kinds of models that `fit` learns: the table of docs/accuracy.md.

    tools/kinds_table.py NETWORKS RESULTS [--every N] [--protocol networks|families] [--program build/foretime]

NETWORKS is the folder of measured networks (*.jsonl.gz), of which every N-th line of each file is taken. What was
evaluated before is read from the folder RESULTS, what is missing is evaluated and kept there. --show evaluates nothing.
"""

import argparse
import gzip
import json
import pathlib
import subprocess

DEVICES = {
    "cortexA76cpu_tflite21": "A76 CPU",
    "adreno640gpu_tflite21": "Adreno 640",
    "adreno630gpu_tflite21": "Adreno 630",
    "myriadvpu_openvino2019r2": "Myriad VPU",
}
KINDS = ["roofline", "refined", "statistical", "mixed", "additive"]


def part_of(networks, results, every):
    """A folder with every N-th network of each family."""
    if every == 1:
        return networks
    folder = results / f"every{every}"
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(networks.glob("*.jsonl.gz")):
        with gzip.open(path, "rb") as source, gzip.open(folder / path.name, "wb") as part:
            part.writelines(line for number, line in enumerate(source) if number % every == 0)
    return folder


def evaluate(options, folder, device, kind):
    """The row over all networks, or the mean over families; None: not evaluated."""
    path = options.results / f"{options.protocol}.{kind}.{device}.json"
    if not path.exists() and not options.show:
        command = [options.program, "evaluate", folder, "--device", device, "--protocol", options.protocol, "--kind", kind]
        subprocess.run([*command, "--format", "json", "--quiet", "--output", path], check=True)
    if not path.exists():
        return None
    rows = {row["family"]: row for row in json.loads(path.read_text())["families"]}
    return rows["all" if options.protocol == "networks" else "mean"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", type=pathlib.Path)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--protocol", choices=["networks", "families"], default="networks")
    parser.add_argument("--program", default="build/foretime")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    options.results.mkdir(parents=True, exist_ok=True)
    folder = options.networks if options.show else part_of(options.networks, options.results, options.every)
    print("| kind | " + " | ".join(DEVICES.values()) + " |")
    print("|---|" + "---:|" * len(DEVICES))
    for kind in KINDS:
        cells = []
        for device in DEVICES:
            row = evaluate(options, folder, device, kind)
            cells.append(
                f"{row['within_10_percent']:.1f} ({row['mape_percent']:.1f} %, {row['interval90_coverage_percent']:.0f})"
                if row
                else "–"
            )
        print(f"| {kind} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
