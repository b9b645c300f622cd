"""Rows per second of orjson alone: the lines of a plain .jsonl file, held in memory, to a float32 array."""

import argparse
import json
import pathlib
import statistics
import time

import numpy
import orjson


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()

    lines = arguments.file.read_bytes().splitlines()
    rates: list[float] = []
    total = 0.0
    for _ in range(arguments.repeats):
        start = time.perf_counter()
        for line in lines:
            record = orjson.loads(line)
            vector = numpy.array(record["embedding"], dtype=numpy.float32)
            total += float(vector[0]) + record["id"] + len(record["title"])
        rates.append(len(lines) / (time.perf_counter() - start))
    median = statistics.median(rates)
    result = {"rows": len(lines), "seconds": len(lines) / median, "rowsPerSecond": round(median, 1), "checksum": total}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
