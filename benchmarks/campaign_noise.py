#!/usr/bin/env python3
"""How far apart do two campaigns of `foretime calibrate` on one machine measure the same networks?

    benchmarks/campaign_noise.py A.jsonl B.jsonl
"""

import json
import math
import statistics
import sys


def rows_of(path):
    with open(path) as lines:
        rows = [json.loads(line) for line in lines]
    return {row["id"]: row for row in rows if row["latency_ms"]}


a, b = rows_of(sys.argv[1]), rows_of(sys.argv[2])
both = [(a[i], b[i]) for i in a if i in b]
if not both:
    sys.exit("the campaigns share no network")
ratios = [abs(math.log(x["latency_ms"] / y["latency_ms"])) for x, y in both]
slowed = sorted(row["slowed_percent"] for rows in (a, b) for row in rows.values())
print(f"{len(both)} networks measured twice: {100 * statistics.median(ratios):.1f} % apart (median)")
print(f"slowed by neighbours, and corrected: {statistics.median(slowed):.0f} % (median), {slowed[int(0.95 * len(slowed))]:.0f} % (95 %)")
