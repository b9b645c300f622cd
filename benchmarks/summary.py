"""Prints the tables of throughput.sh and backfill-kafka.sh out of their single runs."""

import json
import pathlib
import statistics
import sys
from collections.abc import Callable
from typing import Any

Run = dict[str, Any]
NAMES = {"ceiling": "ceiling", "ours": "milvus-backfill", "python": "Python loader"}


def rows_per_second(run: Run) -> float:
    return float(run["report"]["rowsPerSecond"])


def cpu_seconds(run: Run) -> float:
    # The whole process for milvus-backfill; for the Python programs only the phase that is timed,
    # without the interpreter's start, the imports and the preparation of the requests.
    return float(run["cpuSeconds"] if run["who"] == "ours" else run["report"]["cpuSeconds"])


def rows(run: Run) -> int:
    return int(run["report"]["rowsUpserted" if run["who"] == "ours" else "rows"])


def seconds(run: Run) -> float:
    return float(run["report"]["seconds"])


def median_ratio(above: list[Run], below: list[Run], value: Callable[[Run], float]) -> str:
    """The median of the ratios within each repeat: neighbours in time saw the same machine."""
    others = {run["repeat"]: value(run) for run in below}
    ratios = [value(run) / others[run["repeat"]] for run in above if others.get(run["repeat"])]
    return f"{statistics.median(ratios):.2f}" if ratios else "-"


def other_load(runs: list[Run]) -> str:
    """Cores that other processes of the machine kept busy meanwhile."""
    return f"{statistics.median(run['otherLoad'] for run in runs):.1f}"


def main() -> None:
    groups: dict[tuple[str, str, str], dict[str, list[Run]]] = {}
    for line in pathlib.Path(sys.argv[1]).read_text().splitlines():
        run = json.loads(line)
        key = (run["server"], run["dim"], run["pinning"])
        groups.setdefault(key, {}).setdefault(run["who"], []).append(run)

    columns = (
        "server dimensions cores client rows seconds process_s rows/s min-max client_CPU_us/row peak_RSS_MB "
        "other_load"
    ).split()
    print("| " + " | ".join(columns).replace("_", " ") + " |")
    print("|---|--:|---|---" + "|--:" * 8 + "|")
    for (server, dim, pinning), runs in groups.items():
        for who, name in NAMES.items():
            start = f"| {server} | {dim} | {pinning} | {name} |"
            if who not in runs:
                print(start, "missing |  |  |  |  |  |  |  |")
                continue
            rates = [rows_per_second(run) for run in runs[who]]
            cpu = statistics.median(1e6 * cpu_seconds(run) / rows(run) for run in runs[who])
            peak = statistics.median(run["peakRSSBytes"] for run in runs[who]) / 1e6
            print(
                start,
                f"{rows(runs[who][0])} | {statistics.median(map(seconds, runs[who])):.1f} |",
                f"{statistics.median(run['wallSeconds'] for run in runs[who]):.1f} |",
                f"{statistics.median(rates):.0f} | {min(rates):.0f}-{max(rates):.0f} | {cpu:.1f} | {peak:.0f} |",
                f"{other_load(runs[who])} |",
            )

    print()
    print("| server | dimensions | cores | rows/s ours/ceiling | Python/ceiling | ours/Python | CPU ours/Python |")
    print("|---|--:|---|--:|--:|--:|--:|")
    for (server, dim, pinning), runs in groups.items():
        ceiling, ours, python = (runs.get(who, []) for who in NAMES)
        print(
            f"| {server} | {dim} | {pinning} |",
            f"{median_ratio(ours, ceiling, rows_per_second)} | {median_ratio(python, ceiling, rows_per_second)} |",
            f"{median_ratio(ours, python, rows_per_second)} | {median_ratio(ours, python, cpu_seconds)} |",
        )


if __name__ == "__main__":
    main()
