"""What the Python programs here share for topics: reading exact ranges of partitions with Confluent's client."""

import time
from collections.abc import Iterator
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

PATIENCE = 30


class Range(NamedTuple):
    partition: int
    start: int
    # The first offset that is not read.
    end: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.start}:{self.end}"

    @classmethod
    def parse(cls, text: str) -> "Range":
        return cls(*map(int, text.split(":")))


def consumer(bootstrap: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            # It has to have one, and never joins it.
            "group.id": "benchmarks",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "check.crcs": True,
        }
    )


def messages(bootstrap: str, topic: str, ranges: list[Range]) -> Iterator[Message]:
    """The messages of partitions without holes, each of them once."""
    reader = consumer(bootstrap)
    try:
        reader.assign([TopicPartition(topic, span.partition, span.start) for span in ranges if span.end > span.start])
        ends = {span.partition: span.end for span in ranges}
        remaining = sum(span.end - span.start for span in ranges)
        deadline = time.monotonic() + PATIENCE
        while remaining:
            for message in reader.consume(1000, timeout=0.05):
                if error := message.error():
                    raise KafkaException(error)
                # What lies behind a range can come, too.
                if message.offset() < ends[message.partition()]:
                    remaining -= 1
                    deadline = time.monotonic() + PATIENCE
                    yield message
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing arrived for {PATIENCE} s, and {remaining} messages are missing")
    finally:
        reader.close()
