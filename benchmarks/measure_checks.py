#!/usr/bin/env python3
"""Can measurements be trusted? Each check prints a table in Markdown (docs/measuring.md has one).

  measure_checks.py aa       one network against itself: how often FASTER or SLOWER is said (never, it should be)
  measure_checks.py ab       a network against one with 5 % more work: how often that is found
  measure_checks.py kernels  the kernels' times together against the whole
  measure_checks.py minimum  the fastest run, not corrected, against that of a minimal loop
  measure_checks.py repeat   two measurements of each network, all first ones before all second ones

Needs build/foretime and ONNX Runtime (tools/runtimes.sh); `minimum` also build-bench/benchmarks/minimal_loop.
"""
import argparse
import glob
import json
import math
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FORETIME = os.path.join(ROOT, "build", "foretime")
NETWORKS = ["squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "mnasnet0_5", "shufflenet_v2_x0_5", "resnet18",
            "googlenet", "efficientnet_b0", "mobilenet_v3_large", "mnasnet1_0", "shufflenet_v2_x1_0", "alexnet",
            "resnet34", "densenet121", "regnet_y_400mf", "resnet50", "mobilebert", "distilbert_base", "vit_b_16", "swin_t",
            "convnext_tiny", "squeezenet1_0"]


def foretime(*words):
    """The JSON that a verb prints; None, with a line on stderr, if it fails."""
    done = subprocess.run([FORETIME, *words, "--format", "json", "--quiet"], capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stderr.strip(), file=sys.stderr)
        return None
    return json.loads(done.stdout)


def model_file(folder, network):
    path = os.path.join(folder, network + ".onnx")
    if not os.path.exists(path):
        subprocess.run([FORETIME, "zoo", "build", network, path, "--weights", "random"], check=True)
    return path


def stack(folder, layers, channels, size):
    """A chain of equal convolutions: work in proportion to their number."""
    lines = ['graph "stack" {', f"  input x0: float32[1,{channels},{size},{size}]"]
    for i in range(layers):
        lines.append(f"  const w{i}: float32[{channels},{channels},3,3] = omitted")
    for i in range(layers):
        lines.append(f"  x{i + 1} = Conv(x{i}, w{i}) {{pads = [1, 1, 1, 1]}}")
    lines += [f"  output x{layers}", "}"]
    text = os.path.join(folder, "stack.graph")
    with open(text, "w") as file:
        file.write("\n".join(lines) + "\n")
    path = os.path.join(folder, f"stack{layers}_{channels}_{size}.onnx")
    subprocess.run([FORETIME, "convert", text, path, "--weights", "random", "--quiet"], check=True)
    return path


def upper_bound(wrong, times):
    """Of a rate, 95 % one-sided (Clopper and Pearson), by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        p = (low + high) / 2
        at_most = sum(math.comb(times, k) * p**k * (1 - p) ** (times - k) for k in range(wrong + 1))
        low, high = (p, high) if at_most > 0.05 else (low, p)
    return high


def burner():
    """Keeps one processor busy."""
    return subprocess.Popen([sys.executable, "-c", "while True: pass"])


def check_aa(args, folder):
    print("| network | load | times | FASTER | SLOWER | SAME | UNDECIDED | seconds each |\n|---|---|---|---|---|---|---|---|")
    wrong = total = 0
    for network in NETWORKS[: args.networks]:
        path = model_file(folder, network)
        for load in (False, True):
            load_process = burner() if load else None
            counts = dict.fromkeys(["FASTER", "SLOWER", "SAME", "UNDECIDED"], 0)
            seconds = []
            for _ in range(args.times):
                result = foretime("compare", path, path, "--budget", args.budget)
                if result is None:
                    continue
                counts[result["verdict"]] += 1
                seconds.append(result["seconds"])
                total += 1
            if load_process:
                load_process.kill()
                load_process.wait()
            wrong += counts["FASTER"] + counts["SLOWER"]
            mean = sum(seconds) / max(len(seconds), 1)
            print(f"| {network} | {'yes' if load else 'no'} | {len(seconds)} | " + " | ".join(str(n) for n in counts.values())
                  + f" | {mean:.1f} |", flush=True)
    print(f"\n{wrong} false verdicts in {total}; at 95 % confidence the rate is below {100 * upper_bound(wrong, total):.1f} %.")


def check_ab(args, folder):
    print("| network | times | right | wrong | undecided | ratio | seconds each |\n|---|---|---|---|---|---|---|")
    for channels, size in [(16, 28), (32, 28), (64, 28), (64, 14), (128, 14)][: args.networks]:
        base, more = stack(folder, 20, channels, size), stack(folder, 21, channels, size)
        right = wrong = undecided = 0
        ratios, seconds = [], []
        for i in range(args.times):
            a, b, expected = (base, more, "SLOWER") if i % 2 == 0 else (more, base, "FASTER")
            result = foretime("compare", a, b, "--budget", args.budget)
            if result is None:
                continue
            right += result["verdict"] == expected
            wrong += result["verdict"] in ("FASTER", "SLOWER") and result["verdict"] != expected
            undecided += result["verdict"] in ("SAME", "UNDECIDED")
            ratios.append(result["ratio"] if i % 2 == 0 else 1 / result["ratio"])
            seconds.append(result["seconds"])
        if ratios:
            print(f"| 20 or 21 convolutions, {channels} channels, {size}x{size} | {len(ratios)} | {right} | {wrong} | {undecided} | "
                  f"{sum(ratios) / len(ratios):.3f} | {sum(seconds) / len(seconds):.1f} |", flush=True)


def check_kernels(args, folder):
    print("| network | kernels | run without profiler, ms | kernels as profiled | corrected | verdict |\n|---|---|---|---|---|---|")
    for network in NETWORKS[: args.networks]:
        result = foretime("measure", model_file(folder, network), "--kernels", "--budget", args.budget, "--db", "none")
        if result is None:
            continue
        row = result["measurements"][0]
        profile = row["profile"]
        plain = profile["plain_ms"]
        print(f"| {network} | {len(row['kernels'])} | {plain:.3f} | {100 * profile['sum_uncorrected_ms'] / plain - 100:+.1f} % | "
              f"{100 * profile['sum_ms'] / plain - 100:+.1f} % | {row['verdict']} |", flush=True)


def check_minimum(args, folder):
    loop = os.path.join(ROOT, "build-bench", "benchmarks", "minimal_loop")
    caches = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    library = sorted(glob.glob(caches + "/foretime/runtimes/onnxruntime/*/libonnxruntime.so*"))[-1]
    print("| network | minimum of the loop, ms | of measure | difference |\n|---|---|---|---|")
    for network in NETWORKS[: args.networks]:
        path = model_file(folder, network)
        least_loop, least_ours = math.inf, math.inf
        for _ in range(args.times):  # in turns: both see the machine's calm moments
            done = subprocess.run([loop, library, path, "3"], capture_output=True, text=True, check=True)
            least_loop = min(least_loop, float(done.stdout.split()[0]))
            result = foretime("measure", path, "--budget", args.budget, "--db", "none")
            if result is not None:
                least_ours = min(least_ours, result["measurements"][0]["context"]["fastest_run_ms"])
        print(f"| {network} | {least_loop:.4f} | {least_ours:.4f} | {100 * least_ours / least_loop - 100:+.2f} % |", flush=True)


def check_repeat(args, folder):
    database = args.db or os.path.join(folder, "measurements.db")
    seen = {}
    for _ in range(2):
        for network in NETWORKS[: args.networks]:
            result = foretime("measure", model_file(folder, network), "--budget", args.budget, "--db", database)
            if result is not None:
                seen.setdefault(network, []).append(result["measurements"][0])
    print("| network | first median, ms | second | difference | verdicts |\n|---|---|---|---|---|")
    for network, rows in seen.items():
        if len(rows) == 2:
            first, second = (row["latency_ms"]["median"] for row in rows)
            print(f"| {network} | {first:.3f} | {second:.3f} | {100 * second / first - 100:+.1f} % | "
                  f"{rows[0]['verdict']}, {rows[1]['verdict']} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    checks = {"aa": check_aa, "ab": check_ab, "kernels": check_kernels, "minimum": check_minimum, "repeat": check_repeat}
    parser.add_argument("check", choices=checks)
    parser.add_argument("--networks", type=int, default=5, help="so many of the list")
    parser.add_argument("--times", type=int, default=10, help="repetitions for each network")
    parser.add_argument("--budget", default="60s", help="for each comparison or measurement")
    parser.add_argument("--db", help="where `repeat` keeps its measurements")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FORETIME_HOME"] = os.path.join(folder, "home")
        checks[args.check](args, folder)


if __name__ == "__main__":
    main()
