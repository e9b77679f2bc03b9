#!/usr/bin/env python3
"""Rewrites the table of docs/annette.md: ANNETTE's estimates and ours for all networks of a folder.

    tools/annette_table.py FOLDER [PROGRAM]
"""
import json
import pathlib
import re
import subprocess
import sys

MARK = "<!-- table -->\n"
MODES = [("ov", "ncs2-ref_roofline", "ncs2-refined"), ("dnndk", "dnndk-ref_roofline", "zcu102-dnndk-refined")]


def predicted(program, *arguments):
    """The first prediction, or None where the program refuses."""
    done = subprocess.run([program, "predict", *arguments, "--format", "json"], capture_output=True, text=True)
    return json.loads(done.stdout)["predictions"][0] if done.returncode == 0 else None


def number(value):
    return "" if value is None else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def cells(program, path):
    row = []
    for mapping, layers, device in MODES:
        theirs = predicted(program, path, "--compat", "annette", "--mapping", mapping, "--layers", layers)
        if theirs is None:
            return None
        effects = [float(found.group(1)) for note in theirs["diagnostics"]
                   if (found := re.search(r"\(right: ([-+.e\d]+) ms\)", note["message"]))]
        ours = predicted(program, path, "--device", device)
        row += [number(theirs["latency_ms"]), number(theirs["latency_ms"] + sum(effects)),
                number(ours and ours["latency_ms"])]
    return row


def main():
    folder = pathlib.Path(sys.argv[1])
    program = sys.argv[2] if len(sys.argv) > 2 else "build/foretime"
    lines = ["| network | ov | right | ours | dnndk | right | ours |", "|---|---|---|---|---|---|---|"]
    for path in sorted(folder.glob("*.json")):
        row = cells(program, str(path))
        if row:
            lines.append(f"| {path.stem} | " + " | ".join(row) + " |")
    page = pathlib.Path("docs/annette.md")
    kept = page.read_text().split(MARK)[0]
    page.write_text(kept + MARK + "\n" + "\n".join(lines) + "\n")


main()
