"""Fills an empty topic with the lines of a dump, its partitions in turn, and prints the offsets to read.

One line: PARTITION:START:END for each partition, as the broker resolves `earliest` and `latest`.
"""

import argparse
import itertools
import pathlib
import sys

from confluent_kafka import Producer, TopicPartition
from dump_reader import lines
from topic_reader import Range, consumer

PATIENCE = 120


def produce(producer: Producer, topic: str, partition: int, line: bytes) -> None:
    while True:
        try:
            # Without the line feed, which is no part of a record.
            producer.produce(topic, line[:-1], partition=partition)
            return
        except BufferError:
            producer.poll(0.1)


def flush(producer: Producer) -> None:
    if left := producer.flush(PATIENCE):
        sys.exit(f"the broker did not take {left} messages within {PATIENCE} s")


def fill(bootstrap: str, topic: str, partitions: int, codec: str, dump: pathlib.Path) -> int:
    """Returns the number of messages."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "compression.type": codec,
            # Full batches, as a busy producer makes them.
            "linger.ms": 100,
            "queue.buffering.max.messages": 200_000,
        }
    )
    numbers = itertools.cycle(range(partitions))
    last: list[tuple[int, bytes]] = []
    count = 0
    for number, line in zip(numbers, lines(dump)):
        if len(last) == partitions:
            produce(producer, topic, *last.pop(0))
        last.append((number, line))
        count += 1
        if count % 10_000 == 0:
            producer.poll(0)
    flush(producer)
    # The last message of each partition is a batch of its own, because tansu 0.6.0 takes the first offset of the last
    # batch for the last one.
    for number, line in last:
        produce(producer, topic, number, line)
    flush(producer)
    return count


def ranges(bootstrap: str, topic: str, partitions: int) -> list[Range]:
    reader = consumer(bootstrap)
    try:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        return [Range(place.partition, *reader.get_watermark_offsets(place, timeout=PATIENCE)) for place in places]
    finally:
        reader.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--partitions", type=int, required=True)
    parser.add_argument("--codec", default="none")
    parser.add_argument("--dump", type=pathlib.Path, required=True)
    arguments = parser.parse_args()

    count = fill(arguments.bootstrap, arguments.topic, arguments.partitions, arguments.codec, arguments.dump)
    found = ranges(arguments.bootstrap, arguments.topic, arguments.partitions)
    if sum(span.end - span.start for span in found) != count:
        sys.exit(f"the broker has {found} after {count} messages")
    print(*found)


if __name__ == "__main__":
    main()
