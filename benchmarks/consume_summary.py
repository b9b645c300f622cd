"""Prints the table of consume.sh out of its single runs."""

import json
import pathlib
import statistics
import sys

from summary import Run, cpu_seconds, median_ratio, other_load, rows_per_second

NAMES = {"bare": "librdkafka alone", "ours": "milvus-backfill", "python": "confluent-kafka"}


def rows(run: Run) -> int:
    return int(run["report"]["rowsRead" if run["who"] == "ours" else "rows"])


def main() -> None:
    groups: dict[tuple[str, ...], dict[str, list[Run]]] = {}
    for line in pathlib.Path(sys.argv[1]).read_text().splitlines():
        run = json.loads(line)
        if rows(run) != int(run["expected"]):
            sys.exit(f"{NAMES[run['who']]} read {rows(run)} rows of {run['expected']}")
        key = tuple(run[name] for name in ("broker", "dim", "codec", "partitions", "pinning"))
        groups.setdefault(key, {}).setdefault(run["who"], []).append(run)

    columns = (
        "broker dimensions codec partitions cores client rows seconds rows/s min-max of_librdkafka client_CPU_us/row "
        "broker_CPU_us/row peak_RSS_MB other_load"
    ).split()
    print("| " + " | ".join(columns).replace("_", " ") + " |")
    print("|---|--:|---|--:|---|---" + "|--:" * 9 + "|")
    for key, runs in groups.items():
        for who, name in NAMES.items():
            chosen = runs[who]
            rates = [rows_per_second(run) for run in chosen]
            cpu = statistics.median(1e6 * cpu_seconds(run) / rows(run) for run in chosen)
            broker = statistics.median(1e6 * run["serverCPUSeconds"] / rows(run) for run in chosen)
            print(
                f"| {' | '.join(key)} | {name} | {rows(chosen[0])} |",
                f"{statistics.median(run['report']['seconds'] for run in chosen):.2f} |",
                f"{statistics.median(rates):.0f} | {min(rates):.0f}-{max(rates):.0f} |",
                f"{median_ratio(chosen, runs['bare'], rows_per_second)} | {cpu:.1f} | {broker:.1f} |",
                f"{statistics.median(run['peakRSSBytes'] for run in chosen) / 1e6:.0f} |",
                f"{other_load(chosen)} |",
            )


if __name__ == "__main__":
    main()
