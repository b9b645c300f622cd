#!/usr/bin/env python3
"""Fills a Kafka topic with the records on standard input as if they had changed over the last 30 days.

usage: zstd -dc samples/quickstart/debian-packages.jsonl.zst | produce.py BOOTSTRAP TOPIC

Each record becomes a message whose key is the package's name, so that all messages of a package go to one partition
and keep their order. A third of the records comes twice, an outdated version first, and 100 are deleted in the end by
a message without a value. Which ones is the same in every run.
"""
import json
import random
import sys
import time

from confluent_kafka import KafkaException, Producer

DAY = 86_400_000
DAYS = 30
DELETED = 100


def outdated(record):
    """A version whose vector points the other way, so that a search would show it if it had stayed."""
    return record | {"synopsis": f"(outdated) {record['synopsis']}", "installed_size": record["installed_size"] // 2,
                     "embedding": [-number for number in record["embedding"]]}


def history(lines):
    """Messages in the order of their times, which are parts of the whole span: (time, name, value, revision)."""
    chosen = random.Random(30)
    messages = []
    names = []
    for line in lines:
        record = json.loads(line)
        final = chosen.uniform(0, 0.95)
        revision = 1
        if chosen.random() < 1 / 3:
            messages.append((chosen.uniform(0, final), record["name"], json.dumps(outdated(record)), revision))
            revision += 1
        messages.append((final, record["name"], line.rstrip("\n"), revision))
        names.append(record["name"])
    for name in chosen.sample(names, DELETED):
        messages.append((chosen.uniform(0.95, 1), name, None, None))
    return sorted(messages, key=lambda message: message[0])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    bootstrap, topic = sys.argv[1:]
    # Java's way to choose a partition for a key; this client's own is another.
    producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "enable.idempotence": True,
                         "compression.type": "zstd", "linger.ms": 50})
    counts = {}

    def delivered(error, message):
        if error:
            raise KafkaException(error)
        counts[message.partition()] = counts.get(message.partition(), 0) + 1

    began = int(time.time() * 1000) - DAYS * DAY
    try:
        for part, name, value, revision in history(sys.stdin):
            headers = {"source": "debian-12"} | ({"revision": str(revision)} if revision else {})
            producer.produce(topic, value, name, timestamp=began + int(part * DAYS * DAY), headers=headers,
                             on_delivery=delivered)
            producer.poll(0)
        if left := producer.flush(30):
            sys.exit(f"{bootstrap} did not take {left} messages within 30 s.")
    except KafkaException as error:
        sys.exit(f"{bootstrap}: {error.args[0].str()}")
    print(f"{topic} holds {sum(counts.values()):,} messages: " +
          ", ".join(f"{count:,} in partition {partition}" for partition, count in sorted(counts.items())))


if __name__ == "__main__":
    main()
