"""Times `foretime inspect` as a whole process against Python's onnx (load and infer shapes) on the same files.

The two are run in turn, so that a noisy neighbour hits both; the minimum of each counts, and the ratio of the minima.
FORETIME_BENCH_VERB replaces `inspect` by another verb with its flags, which is timed alone.
Usage: whole_process.py FORETIME FILE... (needs the Python package onnx for the comparison; without it only we are timed)
"""

import importlib.util
import os
import resource
import subprocess
import sys
import time

PEER = "import sys, onnx; onnx.shape_inference.infer_shapes(onnx.load(sys.argv[1]), data_prop=True)"
OURS_RUNS, PEER_RUNS = 30, 3


def seconds(command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def peak_rss_mb(command):
    """Of the child alone: a process of its own asks for it."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    return int(subprocess.check_output([sys.executable, "-c", code, *command])) / 1024


def main():
    program, files = sys.argv[1], sys.argv[2:]
    verb = os.environ.get("FORETIME_BENCH_VERB", "inspect").split()
    peer_there = verb == ["inspect"] and importlib.util.find_spec("onnx") is not None
    print(f"{'file':40} {'MB':>6} {'ours ms':>8} {'median':>7} {'RSS MB':>7} {'onnx ms':>8} {'ratio':>6}")
    for path in files:
        ours_command = [program, *verb, path]
        ours, peer = [], []
        for round_ in range(OURS_RUNS):
            ours.append(seconds(ours_command))
            if peer_there and round_ % (OURS_RUNS // PEER_RUNS) == 0:
                peer.append(seconds([sys.executable, "-c", PEER, path]))
        best = min(ours)
        print(
            f"{os.path.basename(path):40} {os.path.getsize(path) / 1e6:6.0f} {best * 1e3:8.1f} "
            f"{sorted(ours)[len(ours) // 2] * 1e3:7.1f} {peak_rss_mb(ours_command):7.1f} "
            + (f"{min(peer) * 1e3:8.0f} {min(peer) / best:5.0f}x" if peer else f"{'-':>8} {'-':>6}")
        )


main()
