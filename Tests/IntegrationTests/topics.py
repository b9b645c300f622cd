#!/usr/bin/env python3
"""Makes, fills and looks at Kafka topics through Confluent's own client, independently of milvus-backfill.

usage: topics.py BOOTSTRAP create TOPIC PARTITIONS [KEY=VALUE...]
                   makes a topic anew, with configuration; without retention.ms its messages stay for ever
       topics.py BOOTSTRAP compact TOPIC PARTITIONS [KEY=VALUE...]
                   the same, for a topic that the broker compacts within seconds; never its newest segment, so a
                   message has to follow those that are to go after at least 0.1 s
       topics.py BOOTSTRAP begin-compaction TOPIC             the same for a topic that is there
       topics.py BOOTSTRAP wait-compacted TOPIC PARTITION
                   waits until offsets of a partition without transactions are gone, prints those that are left
       topics.py BOOTSTRAP produce TOPIC                      writes the messages on standard input, see below
       topics.py BOOTSTRAP open-transaction TOPIC PARTITION SECONDS
                   writes three messages in a transaction and prints them; when standard input ends, commits them if
                   it held the word "commit" and aborts them otherwise, as it does after SECONDS, which is an error
       topics.py BOOTSTRAP offsets TOPIC                      prints log start, high watermark and last stable offset
       topics.py BOOTSTRAP delete-records TOPIC PARTITION OFFSET    removes all messages before OFFSET
       topics.py BOOTSTRAP add-partitions TOPIC COUNT         brings the topic to COUNT partitions
       topics.py BOOTSTRAP commit GROUP TOPIC PARTITION OFFSET
       topics.py BOOTSTRAP committed GROUP TOPIC PARTITION    prints the offset, -1001 where there is none
       topics.py BOOTSTRAP delete TOPIC
       topics.py BOOTSTRAP cluster                            prints the cluster's id and the names of its topics

produce takes one JSON object a line:

    {"partition": 0, "key": TEXT|null, "value": TEXT|null, "timestamp": MS, "headers": [[NAME, TEXT|null], ...],
     "codec": "none"|"gzip"|"snappy"|"lz4"|"zstd", "transaction": NAME, "abort": true|false}

Only `partition` is required; no timestamp means now. For bytes that are not text there are key_base64, value_base64 and
[NAME, {"base64": ...}]. Messages keep their order inside a partition. Consecutive lines of one codec, transaction and
outcome go through one producer; at any other line, and at the end, a transaction is committed or aborted. The line
{"flush": true} ends the batches before it, which otherwise take up to 10,000 messages or 1 MB. Once all is written,
the messages' places are printed in the order of the lines, those of aborted messages too.

Everything that is printed is one JSON object a line.
"""

import base64
import functools
import json
import select
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from typing import NamedTuple

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec)

PATIENCE = 30.0
MEMBERS = {
    "partition", "key", "key_base64", "value", "value_base64", "timestamp", "headers", "codec", "transaction", "abort"}
COMPACTION = {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01"}


def connection(bootstrap: str) -> dict[str, object]:
    # Each failure reaches the caller as an exception; the client's own log would only repeat it.
    return {"bootstrap.servers": bootstrap, "log_level": 0}


def partitions(admin: AdminClient, topic: str) -> list[int] | None:
    """Numbers of the topic's partitions, nothing if there is no such topic."""
    # All topics are asked for, because a broker may create the one that is asked for by name.
    found = admin.list_topics(timeout=PATIENCE).topics.get(topic)
    return sorted(found.partitions) if found else None


def require(admin: AdminClient, topic: str) -> list[int]:
    found = partitions(admin, topic)
    if found is None:
        sys.exit(f"there is no topic {topic}")
    return found


def wait(what: str, condition: Callable[[], object], pause: float = 0.1) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"{what} did not happen within {PATIENCE:.0f} s")
        time.sleep(pause)


def finish(futures: dict) -> dict:
    return {key: future.result() for key, future in futures.items()}


def delete(admin: AdminClient, topic: str) -> None:
    finish(admin.delete_topics([topic]))
    wait(f"the end of topic {topic}", lambda: partitions(admin, topic) is None)


def create(admin: AdminClient, topic: str, count: int, settings: dict[str, str]) -> None:
    if partitions(admin, topic) is not None:
        delete(admin, topic)
    config = {"retention.ms": "-1"} | settings
    finish(admin.create_topics([NewTopic(topic, num_partitions=count, replication_factor=1, config=config)]))
    wait(f"the creation of topic {topic}", lambda: len(partitions(admin, topic) or []) == count)


def offsets(admin: AdminClient, topic: str) -> None:
    numbers = require(admin, topic)

    def ask(spec: OffsetSpec, level: IsolationLevel) -> dict[int, int]:
        asked = {TopicPartition(topic, number): spec for number in numbers}
        answers = finish(admin.list_offsets(asked, isolation_level=level))
        return {place.partition: answer.offset for place, answer in answers.items()}

    earliest = ask(OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED)
    latest = ask(OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED)
    stable = ask(OffsetSpec.latest(), IsolationLevel.READ_COMMITTED)
    for number in numbers:
        show(partition=number, earliest=earliest[number], latest=latest[number], stable=stable[number])


def show(**values: object) -> None:
    print(json.dumps(values))


def consumer(bootstrap: str, group: str) -> Consumer:
    return Consumer(connection(bootstrap) | {
        "group.id": group, "enable.auto.commit": False, "enable.partition.eof": True, "auto.offset.reset": "error",
        "isolation.level": "read_uncommitted"})


def offsets_present(bootstrap: str, topic: str, partition: int) -> tuple[list[int], int]:
    """Offsets that hold a message, and how many there would be if none were missing."""
    reader = consumer(bootstrap, "topics.py")
    try:
        place = TopicPartition(topic, partition)
        low, high = reader.get_watermark_offsets(place, timeout=PATIENCE)
        place.offset = low
        reader.assign([place])
        found: list[int] = []
        while True:
            for message in reader.consume(10_000, timeout=0.1):
                if error := message.error():
                    # The end of the partition: there is nothing behind it that was there when it was asked for.
                    if error.code() == KafkaError._PARTITION_EOF:
                        return found, high - low
                    raise KafkaException(error)
                found.append(message.offset())
    finally:
        reader.close()


def begin_compaction(admin: AdminClient, topic: str) -> None:
    entries = [ConfigEntry(*item, incremental_operation=AlterConfigOpType.SET) for item in COMPACTION.items()]
    finish(admin.incremental_alter_configs([ConfigResource("topic", topic, incremental_configs=entries)]))


def wait_compacted(bootstrap: str, topic: str, partition: int) -> None:
    found: list[int] = []

    def is_compacted() -> bool:
        nonlocal found
        earlier = found
        found, expected = offsets_present(bootstrap, topic, partition)
        # One segment is compacted after the other: it is over when nothing changes any more.
        return len(found) < expected and found == earlier

    wait(f"compaction of {topic}:{partition}", is_compacted, pause=1)
    show(partition=partition, offsets=found)


def commit(bootstrap: str, group: str, place: TopicPartition) -> None:
    member = consumer(bootstrap, group)
    try:
        for stored in member.commit(offsets=[place], asynchronous=False):
            if stored.error:
                raise KafkaException(stored.error)
    finally:
        member.close()


class Route(NamedTuple):
    """What decides through which producer a message goes."""

    codec: str = "none"
    transaction: str | None = None
    abort: bool = False


class Writer:
    """Writes messages one after the other, each by its own route."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.bootstrap = bootstrap
        self.topic = topic
        self.producers: dict[str, Producer] = {}
        self.route = Route()
        self.producer: Producer | None = None
        self.places: list[tuple[int, int]] = []

    def write(self, route: Route, **message: object) -> None:
        if self.producer is None or route != self.route:
            self.turn_to(route)
        report = functools.partial(self.note, len(self.places))
        self.places.append((-1, -1))
        while True:
            try:
                self.producer.produce(self.topic, on_delivery=report, **message)
                break
            except BufferError:
                self.producer.poll(0.1)
        if len(self.places) % 1000 == 0:
            self.producer.poll(0)

    def note(self, index: int, error: KafkaError | None, message: Message) -> None:
        if error:
            raise KafkaException(error)
        self.places[index] = (message.partition(), message.offset())

    def flush(self) -> None:
        if self.producer is not None and self.producer.flush(PATIENCE):
            sys.exit(f"the broker did not take all messages within {PATIENCE:.0f} s")

    def turn_to(self, route: Route) -> None:
        self.finish()
        self.route = route
        # A producer that has once aborted may lose what it commits later: noida-db 0.2.3 names aborted transactions to
        # readers that start behind them, and they drop everything else of that producer.
        name = f"{self.topic}-{route.codec}-{'abort' if route.abort else 'commit'}"
        if route.transaction is None:
            # Without retries nothing is written twice or out of order, and what fails is seen.
            self.producer = self.opened(route.codec, {"retries": 0})
        else:
            self.producer = self.opened(name, {"transactional.id": name})
            self.producer.begin_transaction()

    def opened(self, name: str, settings: dict[str, object]) -> Producer:
        if name not in self.producers:
            # A flush does not wait for the end of linger.ms.
            self.producers[name] = Producer(connection(self.bootstrap) | {
                "compression.type": self.route.codec, "linger.ms": 1000, "message.max.bytes": 64 << 20,
                "queue.buffering.max.messages": 1_000_000} | settings)
            if self.route.transaction is not None:
                self.producers[name].init_transactions(PATIENCE)
        return self.producers[name]

    def finish(self) -> None:
        """Ends what is under way."""
        # Before an abort, too: it would throw away what has not been sent.
        self.flush()
        if self.producer is not None and self.route.transaction is not None:
            if self.route.abort:
                self.producer.abort_transaction(PATIENCE)
            else:
                self.producer.commit_transaction(PATIENCE)
        self.producer = None


def plain(value: str | dict | None) -> bytes | None:
    match value:
        case None:
            return None
        case {"base64": text}:
            return base64.b64decode(text, validate=True)
        case _:
            return value.encode()


def part(line: dict, member: str) -> bytes | None:
    encoded = line.get(member + "_base64")
    if encoded is None:
        return plain(line.get(member))
    if line.get(member) is not None:
        raise ValueError(f"{member} is given twice")
    return plain({"base64": encoded})


def write_line(writer: Writer, line: dict) -> None:
    if line == {"flush": True}:
        writer.flush()
        return
    if unknown := line.keys() - MEMBERS:
        raise ValueError(f"unknown members {sorted(unknown)}")
    route = Route(line.get("codec", "none"), line.get("transaction"), line.get("abort", False))
    if route.abort and route.transaction is None:
        raise ValueError("abort needs a transaction")
    writer.write(
        route, partition=line["partition"], key=part(line, "key"), value=part(line, "value"),
        # The client takes 0 for the time of now.
        timestamp=line.get("timestamp", 0), headers=[(name, plain(value)) for name, value in line.get("headers", [])])


def produce(bootstrap: str, topic: str, lines: Iterable[str]) -> None:
    writer = Writer(bootstrap, topic)
    for number, line in enumerate(lines, 1):
        try:
            write_line(writer, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            sys.exit(f"line {number}: {error!r}")
    writer.finish()
    for partition, offset in writer.places:
        show(partition=partition, offset=offset)


def open_transaction(bootstrap: str, topic: str, partition: int, seconds: float) -> None:
    # Its own name each time, so that neither an earlier outcome nor another process can disturb it.
    producer = Producer(connection(bootstrap) | {
        "transactional.id": f"{topic}-{uuid.uuid4()}", "transaction.timeout.ms": int(seconds * 1000)})
    producer.init_transactions(PATIENCE)
    producer.begin_transaction()

    def note(error: KafkaError | None, message: Message) -> None:
        if error:
            raise KafkaException(error)
        show(partition=message.partition(), offset=message.offset())

    for number in range(3):
        producer.produce(topic, f'{{"open":{number}}}', f"open-{number}", partition, on_delivery=note)
    producer.flush(PATIENCE)
    sys.stdout.flush()
    in_time, _, _ = select.select([sys.stdin], [], [], seconds)
    if in_time and "commit" in sys.stdin.read():
        producer.commit_transaction(PATIENCE)
    else:
        producer.abort_transaction(PATIENCE)
        if not in_time:
            sys.exit(f"standard input did not end within {seconds} s")


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    bootstrap, command, *arguments = sys.argv[1:]
    admin = AdminClient(connection(bootstrap))
    match command, arguments:
        case ("create" | "compact"), [topic, count, *settings]:
            preset = COMPACTION if command == "compact" else {}
            create(admin, topic, int(count), preset | dict(setting.split("=", 1) for setting in settings))
        case "begin-compaction", [topic]:
            begin_compaction(admin, topic)
        case "wait-compacted", [topic, partition]:
            wait_compacted(bootstrap, topic, int(partition))
        case "produce", [topic]:
            require(admin, topic)
            produce(bootstrap, topic, sys.stdin)
        case "open-transaction", [topic, partition, seconds]:
            require(admin, topic)
            open_transaction(bootstrap, topic, int(partition), float(seconds))
        case "offsets", [topic]:
            offsets(admin, topic)
        case "delete-records", [topic, partition, offset]:
            finish(admin.delete_records([TopicPartition(topic, int(partition), int(offset))]))
        case "add-partitions", [topic, count]:
            finish(admin.create_partitions([NewPartitions(topic, int(count))]))
            wait(f"the growth of topic {topic}", lambda: len(partitions(admin, topic) or []) == int(count))
        case "commit", [group, topic, partition, offset]:
            commit(bootstrap, group, TopicPartition(topic, int(partition), int(offset)))
        case "committed", [group, topic, partition]:
            consumer = Consumer(connection(bootstrap) | {"group.id": group})
            answers = consumer.committed([TopicPartition(topic, int(partition))], timeout=PATIENCE)
            show(offset=answers[0].offset)
            consumer.close()
        case "delete", [topic]:
            delete(admin, topic)
        case "cluster", []:
            cluster = admin.list_topics(timeout=PATIENCE)
            show(id=cluster.cluster_id, topics=sorted(cluster.topics))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main()
    except KafkaException as error:
        sys.exit(f"{sys.argv[1]}: {error.args[0].str()}")
