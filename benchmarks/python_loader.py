"""A plain loader in Python: one thread reads and parses, a pool of threads upserts with pymilvus.

It reads a dump, or with python_kafka_loader.py a topic.
"""

import argparse
import concurrent.futures
import pathlib
import threading
from collections.abc import Iterable
from typing import Any

from dump_reader import Stopwatch, batches, lines
from pymilvus import MilvusClient


def load(client: MilvusClient, records: Iterable[bytes], collection: str, batch_rows: int, threads: int) -> int:
    # Holds the reader back when the server is slower than it.
    slots = threading.BoundedSemaphore(2 * threads)

    def upsert(batch: list[dict[str, Any]]) -> int:
        try:
            return int(client.upsert(collection, batch)["upsert_count"])
        finally:
            slots.release()

    rows = 0
    unfinished: set[concurrent.futures.Future[int]] = set()
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for batch in batches(records, batch_rows):
            slots.acquire()
            finished = {future for future in unfinished if future.done()}
            rows += sum(future.result() for future in finished)
            unfinished -= finished
            unfinished.add(pool.submit(upsert, batch))
        rows += sum(future.result() for future in unfinished)
    return rows


def argument_parser(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--uri", required=True)
    parser.add_argument("--collection", required=True)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=4)
    return parser


def run(arguments: argparse.Namespace, records: Iterable[bytes]) -> None:
    client = MilvusClient(arguments.uri)
    # Starting the interpreter, the imports and connecting are not counted.
    watch = Stopwatch()
    rows = load(client, records, arguments.collection, arguments.batch, arguments.threads)
    print(watch.result(rows))
    client.close()


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--dump", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    run(arguments, lines(arguments.dump))


if __name__ == "__main__":
    main()
