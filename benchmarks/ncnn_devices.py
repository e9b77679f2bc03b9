#!/usr/bin/env python3
"""A new CPU from few networks and many known CPUs: the table of docs/accuracy.md on ncnn's published timings.

    benchmarks/ncnn_devices.py TABLES RESULTS [--count 5] [--draws 5] [--program build/foretime] [--show]

TABLES is a folder with ncnn's networks (models.csv, models/*.param, models_asrun/*.param for those that changed since) and
what they took (public/latency.csv.gz). Of each device the longest run on one thread of a CPU counts, of networks of floats,
where it has at least 15. Each device gets a profile (`fit`); then each in turn is the new one: `adapt` starts from the profiles
of all devices with another sort of chip and so many networks of the new one, and its profile predicts the others. Networks are
random (means of several draws) or those that `adapt --choose` names. The baseline needs no networks' graphs: the mean known
device's latencies times one factor. Errors of a device are the median and the mean over the networks left, and the table has
the median device's. What was fitted and adapted before is read from the folder RESULTS; --show does nothing else.
"""

import argparse
import csv
import gzip
import json
import math
import pathlib
import random
import statistics
import subprocess
from collections import defaultdict

LEAST_NETWORKS = 15
# What detectors do at the end depends on what they see, and has no size.
OUTPUTS_OF_DETECTORS = {"DetectionOutput", "Yolov3DetectionOutput", "YoloDetectionOutput"}


def write_models(tables, folder):
    """Copies the networks as they ran: with the sizes of their inputs, without the layers whose sizes only data tell."""
    folder.mkdir(exist_ok=True)
    for row in csv.DictReader(open(tables / "models.csv")):
        as_run = tables / "models_asrun" / f"{row['model']}.param"
        magic, _, *lines = (as_run if as_run.exists() else tables / row["file"]).read_text().splitlines()
        layers = [line.split() for line in lines if line.strip()]
        layers = [layer for layer in layers if layer[0] not in OUTPUTS_OF_DETECTORS]
        for layer in layers:
            if layer[0] == "Input":
                layer[4 + int(layer[2]) + int(layer[3]) :] = [f"{i}={row[f'input_{c}']}" for i, c in enumerate("whc")]
        blobs = sum(int(layer[3]) for layer in layers)
        text = "\n".join([magic, f"{len(layers)} {blobs}", *(" ".join(layer) for layer in layers)])
        (folder / f"{row['model']}.param").write_text(text + "\n")


def longest_runs(tables):
    """By device: the group of its chip, and milliseconds by network."""
    runs = defaultdict(dict)
    about = {}
    with gzip.open(tables / "public" / "latency.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if (row["ok"], row["int8"], row["runs_on"], row["threads"]) == ("1", "0", "cpu", "1"):
                runs[row["run_id"]][row["model"]] = float(row["min_ms"])
                about[row["run_id"]] = (row["device"], row["soc_group"])
    devices = {}
    for run, times in runs.items():
        device, group = about[run]
        if len(times) >= max(LEAST_NETWORKS, len(devices[device][1]) + 1 if device in devices else 0):
            devices[device] = (group, times)
    return devices


def write_table(path, device, times):
    lines = [f"{network},{path.parent.parent}/models/{network}.param,{device},{time}" for network, time in times.items()]
    path.write_text("\n".join(["id,model,device,latency_ms", *lines]) + "\n")


class Bench:
    def __init__(self, options):
        self.options = options
        self.devices = longest_runs(options.tables)
        self.folder = options.results.resolve()
        if options.show:
            return
        for name in ("tables", "profiles", "adapted"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        write_models(options.tables, self.folder / "models")
        for device, (_, times) in self.devices.items():
            write_table(self.table(device), device, times)
            if not self.profile(device).exists():
                self.run("fit", self.table(device), "--device", device, "--profile-out", self.profile(device))

    def table(self, device):
        return self.folder / "tables" / f"{device}.csv"

    def profile(self, device):
        return self.folder / "profiles" / f"{device}.json"

    def run(self, *words):
        command = [self.options.program, *words, "--format", "json", "--quiet"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def others(self, device):
        group = self.devices[device][0]
        return [other for other, (theirs, _) in self.devices.items() if theirs != group]

    def chosen(self, device):
        profiles = [self.profile(other) for other in self.others(device)]
        choice = self.run("adapt", *profiles, self.table(device), "--choose", str(self.options.count))
        return [row["id"] for row in choice["chosen"]]

    def adapted(self, device, few, name):
        """Of a device with few known networks: how it was adapted, and the others' predictions."""
        path = self.folder / "adapted" / f"{device}.{name}.json"
        if path.exists():
            return json.loads(path.read_text())
        if self.options.show:
            return None
        few = few()
        times = self.devices[device][1]
        table = self.folder / "adapted" / f"{device}.csv"
        write_table(table, device, {network: times[network] for network in few})
        profile = self.folder / "adapted" / f"{device}.profile.json"
        profiles = [self.profile(other) for other in self.others(device)]
        tried = self.run("adapt", *profiles, table, "--device", device, "--profile-out", profile)["tried"]
        models = {self.folder / "models" / f"{network}.param": network for network in times if network not in few}
        rows = self.run("predict", *models, "--device", profile)["predictions"]
        result = {
            "how": tried[0]["what"].split()[0] + (" scratch" if "scratch" in tried[0]["what"] else ""),
            "few": few,
            "predicted": {
                models[pathlib.Path(row["model"])]: [row["latency_ms"], *row["interval90_ms"]] for row in rows
            },
        }
        path.write_text(json.dumps(result))
        return result

    def one_factor(self, device, few):
        """The mean known device's latencies, by the factor that the few networks tell."""
        logs = [{n: math.log(t) for n, t in self.devices[other][1].items()} for other in self.others(device)]
        networks = {network: 0.0 for network in self.devices[device][1]}
        for _ in range(20):  # not every device ran every network: means of rows and columns in turn
            speeds = [statistics.fmean(log[n] - networks[n] for n in log.keys() & networks.keys()) for log in logs]
            for n in networks:
                networks[n] = statistics.fmean(log[n] - speed for log, speed in zip(logs, speeds) if n in log)
        times = self.devices[device][1]
        factor = statistics.fmean(math.log(times[n]) - networks[n] for n in few)
        return {n: [math.exp(networks[n] + factor)] for n in networks if n not in few}


def errors(times, predicted):
    return [abs(row[0] / times[network] - 1) for network, row in predicted.items()]


def line(what, by_device):
    """A row of the table: of each device the draws' means; of the devices, the median and the 90 % quantile."""
    devices = [[statistics.fmean(part) for part in zip(*draws)] for draws in by_device.values()]
    medians = sorted(row[0] for row in devices)
    ninth = medians[int(0.9 * len(medians))]
    cells = [f"{100 * statistics.median(medians):.1f}", f"{100 * ninth:.1f}"]
    cells.append(f"{100 * statistics.median(row[1] for row in devices):.1f}")
    cells.append(f"{100 * statistics.fmean(row[2] for row in devices):.0f}")
    covered = [row[3] for row in devices if len(row) > 3]
    cells.append(f"{100 * statistics.fmean(covered):.0f}" if covered else "–")
    print(f"| {what} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=pathlib.Path)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--program", default="build/foretime")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    bench = Bench(options)

    rows = {what: defaultdict(list) for what in ("one factor", "adapted", "one factor, chosen", "adapted, chosen")}
    ways = defaultdict(int)
    for device, (_, times) in bench.devices.items():
        generator = random.Random(f"{device} {options.count}")
        draws = [(f"{options.count}.{i}", generator.sample(sorted(times), options.count)) for i in range(options.draws)]
        for name, few in [*draws, (f"{options.count}.chosen", None)]:
            result = bench.adapted(device, (lambda: few) if few else (lambda: bench.chosen(device)), name)
            if result is None:
                continue
            suffix = "" if few else ", chosen"
            ways[result["how"] + suffix] += 1
            for what, predicted in (
                ("one factor", bench.one_factor(device, result["few"])),
                ("adapted", result["predicted"]),
            ):
                wrong = errors(times, predicted)
                figures = [statistics.median(wrong), statistics.fmean(wrong), statistics.fmean(e < 0.1 for e in wrong)]
                if what == "adapted":
                    inside = [low <= times[n] <= high for n, (_, low, high) in predicted.items()]
                    figures.append(statistics.fmean(inside))
                rows[what + suffix][device].append(figures)

    print(f"{len(bench.devices)} devices, {options.count} networks known\n")
    print("| | median error % | of the ninth device in ten | mean error % | within 10 % | in the interval |")
    print("|---|---:|---:|---:|---:|---:|")
    for what, by_device in rows.items():
        if by_device:
            line(what, by_device)
    print("\ntaken: " + ", ".join(f"{what} {count}" for what, count in sorted(ways.items())))


if __name__ == "__main__":
    main()
