#!/usr/bin/env python3
"""How far few networks go: the tables of docs/accuracy.md on chosen networks and on other devices.

    benchmarks/few_networks.py NETWORKS RESULTS [--every N] [--program build/foretime] [--show]

NETWORKS is the folder of measured networks (*.jsonl.gz), of which every N-th line of each file is taken. For each device
`evaluate --protocol few` compares random networks with chosen ones, and `evaluate --protocol devices --from` all other
devices starts from what is known of those. What was evaluated before is read from the folder RESULTS, what is missing is
evaluated and kept there; --show evaluates nothing.
"""

import argparse
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tools"))
from kinds_table import DEVICES, part_of  # noqa: E402

def rows_of(options, folder, device, protocol):
    """The protocol's rows by name; none: not evaluated."""
    path = options.results / f"{protocol}.{device}.json"
    if not path.exists() and not options.show:
        command = [options.program, "evaluate", folder, "--device", device, "--protocol", protocol]
        if protocol == "devices":
            for other in DEVICES:
                command += ["--from", other] if other != device else []
        subprocess.run([*command, "--format", "json", "--quiet", "--output", path], check=True)
    if not path.exists():
        return {}
    return {row["family"]: row for row in json.loads(path.read_text())["families"]}


def cell(row):
    """Share within 10 %, its spread over draws where there were several, and the mean error."""
    if row is None:
        return "–"
    spread = row.get("within_10_percent_spread")
    spread = f" ± {spread:.1f}" if spread is not None else ""
    return f"{row['within_10_percent']:.1f}{spread} ({row['mape_percent']:.1f} %)"


def print_table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|---|" + "---:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", type=pathlib.Path)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--program", default="build/foretime")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    options.results.mkdir(parents=True, exist_ok=True)
    folder = options.networks if options.show else part_of(options.networks, options.results, options.every)

    few = {name: rows_of(options, folder, device, "few") for device, name in DEVICES.items()}
    print_table(
        ["networks", *few],
        [
            [f"{count}, {how}", *(cell(rows.get(f"{count} networks{key}")) for rows in few.values())]
            for count in (30, 100, 300)
            for how, key in (("random", ""), ("chosen", ", chosen"))
        ],
    )
    devices = {name: rows_of(options, folder, device, "devices") for device, name in DEVICES.items()}
    print_table(
        ["device", "networks", "adapted", "from scratch", "adapted, chosen", "from scratch, chosen"],
        [
            [
                name,
                str(count),
                *(
                    cell(rows.get(f"{count} networks{key}"))
                    for key in ("", ", from scratch", ", chosen", ", chosen, from scratch")
                ),
            ]
            for name, rows in devices.items()
            for count in (10, 30, 100)
        ],
    )


if __name__ == "__main__":
    main()
