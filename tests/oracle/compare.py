#!/usr/bin/env python3
"""Checks `foretime inspect` against the oracle corpus: shapes as ONNX Runtime has them, MACs as torch counts them.

compare.py --foretime build/foretime [--only GLOB] [--markdown FILE] [--jobs N] [--verbose]
Exit code 0 when every file was read and every compared shape is equal, else 1.
"""
import argparse
import fnmatch
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

ROOT = Path(os.environ.get("FORETIME_ORACLE", Path.home() / ".cache/foretime/oracle"))
MACS_WITHIN = 0.005
TIME_LIMIT_S = 60


@dataclass
class Result:
    truth: dict
    error: str = ""
    compared: int = 0
    equal: int = 0
    bounded: int = 0  # at least one of our dimensions is a name: known only while running
    folded: int = 0  # ONNX Runtime computes it, we do not list it
    unknown: int = 0  # we list it, but without a shape
    mismatches: list = field(default_factory=list)  # (tensor, ours, theirs)
    macs: float | None = None
    uncosted: Counter = field(default_factory=Counter)

    @property
    def group(self):
        if self.truth["library"] == "real":
            return "real files", "various"
        return self.truth["library"], self.truth["exporter"] + (" + onnxruntime" if treated(self.truth) else "")

    @property
    def ratio(self):
        """Our MACs over torch's, or None where the two cannot be compared."""
        theirs = self.truth["torch_macs"]
        return self.macs / theirs if theirs and self.macs is not None else None

    @property
    def apart(self):
        """Why this file's MACs are listed apart, or ''."""
        if self.truth["recurrent"]:
            return "recurrent"
        return "data-dependent" if self.bounded else ""


def treated(truth):
    return truth["treatment"] in ("qdq", "qoperator", "quant") or truth["treatment"].startswith("fused")


def inspect(foretime, truth):
    """The JSON of `foretime inspect`, or the error's text."""
    command = [foretime, "inspect", str(ROOT / truth.get("file", f"corpus/{truth['id']}.onnx")), "--format", "json"]
    if truth["bindings"]:
        for name, shape in truth["inputs"].items():
            if shape:  # a scalar has nothing to bind
                command += ["--shape", f"{name}={'x'.join(map(str, shape))}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        return None, f"no answer in {TIME_LIMIT_S} s"
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
        return None, last if done.returncode > 0 else f"killed by signal {-done.returncode}: {last}"
    try:
        return json.loads(done.stdout), ""
    except json.JSONDecodeError as error:
        return None, f"stdout is no JSON: {error}"


def agrees(ours, theirs):
    """(equal, bounded): a name in our shape stands for any size; the numbers around it must be right."""
    if len(ours) != len(theirs):
        return False, False
    bounded = any(not isinstance(d, int) for d in ours)
    return all(not isinstance(d, int) or d == t for d, t in zip(ours, theirs)), bounded


def examine(foretime, truth):
    result = Result(truth)
    report, result.error = inspect(foretime, truth)
    if report is None:
        return result
    # Nodes inside If, Loop and Scan are named outer/inner and have other tensors; the truth lists the main graph's.
    ours = {out["name"]: out.get("shape") for layer in report["layers"] for out in layer["outputs"] if out.get("name")}
    for name, (dtype, shape) in truth["tensors"].items():
        if dtype.startswith(("seq", "optional", "map")) or shape is None:
            continue
        if name not in ours:
            result.folded += 1
            continue
        if ours[name] is None:
            result.unknown += 1
            continue
        equal, bounded = agrees(ours[name], shape)
        result.compared += 1
        result.equal += equal
        result.bounded += bounded
        if not equal:
            result.mismatches.append((name, ours[name], shape))
    result.macs = report["totals"].get("macs")
    if result.macs is not None:
        result.macs += report["totals"]["folded_macs"]  # torch computes these in every run
    if report["totals"].get("layers_without_cost"):
        result.uncosted.update(layer["op"] for layer in report["layers"] if layer.get("flops") is None)
    return result


# --- report --------------------------------------------------------------------------------------

def share(part, whole):
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"


def within(results):
    """(files whose MACs agree, files compared): those listed apart do not count."""
    ratios = [r.ratio for r in results if not r.apart and r.ratio is not None]
    return sum(abs(ratio - 1) <= MACS_WITHIN for ratio in ratios), len(ratios)


def print_report(results, verbose):
    for result in results:
        name = result.truth["id"]
        if result.error:
            print(f"NOT READ  {name}: {result.error}")
        shown = result.mismatches if verbose else result.mismatches[:3]
        for tensor, ours, theirs in shown:
            print(f"SHAPE     {name}: {tensor}: {ours}, ONNX Runtime {theirs}")
        if len(shown) < len(result.mismatches):
            print(f"SHAPE     {name}: … {len(result.mismatches) - len(shown)} more")
        if result.ratio is not None and abs(result.ratio - 1) > MACS_WITHIN:
            why = f" ({result.apart})" if result.apart else ""
            print(f"MACS      {name}: {result.macs:.0f} / {result.truth['torch_macs']} = {result.ratio:.4f}{why}")

    read = [r for r in results if not r.error]
    totals = {key: sum(getattr(r, key) for r in read) for key in ("compared", "equal", "bounded", "folded", "unknown")}
    close, comparable = within(read)
    print()
    print(f"files read        {share(len(read), len(results))}")
    print(f"shapes equal      {share(totals['equal'], totals['compared'])}; {totals['bounded']} of them with a data-dependent dimension, "
          f"{totals['folded']} tensors folded, {totals['unknown']} listed without a shape")
    print(f"files all equal   {share(sum(not r.mismatches for r in read), len(read))}")
    print(f"MACs within 0.5 % {share(close, comparable)}; apart: "
          + (", ".join(f"{n} {why}" for why, n in Counter(r.apart for r in read if r.apart).items()) or "none"))
    uncosted = sum((r.uncosted for r in read), Counter())
    if uncosted:
        print("without cost      " + ", ".join(f"{op} {n}" for op, n in uncosted.most_common()))


def write_markdown(results, path, foretime):
    groups = defaultdict(list)
    for result in results:
        groups[result.group].append(result)
    rows = [(library, exporter, members) for (library, exporter), members in sorted(groups.items())] + [("all", "", results)]
    lines = ["# Checked against ONNX Runtime and torch", "",
             "Printed by `tests/oracle/compare.py --foretime build/foretime --markdown docs/oracle.md` over the networks that",
             "`tests/oracle/export.py` and `real.py` made. MACs are those of a run (`macs`) and of what is computed from constants",
             "alone (`folded_macs`), which torch computes in every run.", "",
             "| library | exporter | files | read | shapes equal | MACs within 0.5 % of torch |", "|---|---|---:|---:|---:|---:|"]
    for library, exporter, members in rows:
        read = [r for r in members if not r.error]
        close, comparable = within(read)
        lines.append(f"| {library} | {exporter} | {len(members)} | {len(read)} | {sum(r.equal for r in read)} of {sum(r.compared for r in read)} "
                     f"| {close} of {comparable} |")
    # One campaign may have run over days: every version that made a file is named.
    used = defaultdict(set)
    for result in results:
        for name, version in result.truth["versions"].items():
            used[name].add(version)
    made_with = ", ".join(f"{name} {'/'.join(sorted(versions))}" for name, versions in sorted(used.items()))
    tool = subprocess.run([foretime, "--version"], capture_output=True, text=True).stdout.strip()
    lines += ["", f"{date.today()}, {tool or 'foretime'}; files and truth made with {made_with}. Files with recurrent layers or data-dependent "
                  "dimensions are not in the last column."]
    path.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--foretime", required=True, help="the program")
    parser.add_argument("--only", default="*", help="glob over entry ids")
    parser.add_argument("--markdown", type=Path, help="also write a table by library and exporter")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="every mismatch, not three a file")
    options = parser.parse_args()

    truths = [json.loads(path.read_text()) for path in sorted((ROOT / "corpus").glob("*.json"))
              if fnmatch.fnmatch(path.stem, options.only)]
    if not truths:
        parser.error(f"no corpus entry matches {options.only} under {ROOT}/corpus (export.py makes them)")
    with ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda truth: examine(options.foretime, truth), truths))
    print_report(results, options.verbose)
    if options.markdown:
        write_markdown(results, options.markdown, options.foretime)
    return int(any(r.error or r.mismatches for r in results))


if __name__ == "__main__":
    sys.exit(main())
