"""What the Python programs here share: reading a dump, records in batches, and their result line."""

import io
import json
import pathlib
import resource
import time
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import zstandard


def lines(path: pathlib.Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file, read_size=1 << 20, read_across_frames=True)
        yield from io.BufferedReader(stream, buffer_size=1 << 20)


def batches(records: Iterable[bytes], rows: int) -> Iterator[list[dict[str, Any]]]:
    """JSON records, parsed, so many at a time."""
    batch: list[dict[str, Any]] = []
    for record in records:
        batch.append(orjson.loads(record))
        if len(batch) == rows:
            yield batch
            batch = []
    if batch:
        yield batch


class Stopwatch:
    """Wall clock and CPU time (user and system, all threads) of this process since it was made."""

    def __init__(self) -> None:
        self.wall = time.perf_counter()
        self.cpu = time.process_time()

    def result(self, rows: int) -> str:
        seconds = time.perf_counter() - self.wall
        return json.dumps(
            {
                "rows": rows,
                "seconds": round(seconds, 3),
                "rowsPerSecond": round(rows / seconds, 1),
                "cpuSeconds": round(time.process_time() - self.cpu, 3),
                "peakRSSBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        )
