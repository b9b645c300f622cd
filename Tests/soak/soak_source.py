"""Random sources of a soak: what a job reads, and the rows and rejects that have to come of it."""

import functools
import itertools
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "IntegrationTests"
sys.path[:0] = [str(TESTS / "property"), str(TESTS)]

from property_model import Key, Model, Row, random_keys, random_record  # noqa: E402
from property_schema import Field, Schema, Target, random_schema  # noqa: E402
from topics import Route, Writer, create  # noqa: E402

from confluent_kafka.admin import AdminClient  # noqa: E402

# Milvus Lite refuses a polygon that crosses itself, which nothing but a server can know.
FIRST_KEY = -(1 << 63)
CROSSED = '"POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"'


# Topic or file, partition, offset or line.
Place = tuple[str, int, int]


@dataclass(frozen=True)
class Message:
    key: Key
    # None: a tombstone.
    value: str | None
    # What the row is to be; None for a tombstone and for what cannot be written.
    row: Row | None
    # Whether the program sees that it cannot be written, or only the server does.
    unreadable: bool = False
    refused: bool = False


@dataclass
class Source:
    model: Model
    messages: list[Message]
    # The keys of the job file's `source`.
    spec: dict
    # Places of the rejects as the reject file names them.
    rejects: set[Place]
    # Of these none is one where a later record of its key took its place before it was sent.
    replaceable: set[Place]
    # A job that catches up: each writes what the next round reads.
    growth: list[Callable[[], None]] = field(default_factory=list)

    @property
    def catches_up(self) -> bool:
        """Whether the job goes on in rounds."""
        return any(each["start"] == "resume" for each in self.spec.get("kafka", {}).get("ranges", []))


def messages(rng: random.Random, schema: Schema, target: Target, count: int, *, keyed: bool) -> list[Message]:
    keys = random_keys(rng, schema.key, max(1, count // rng.choice((2, 5, 20))), target)
    geometry = next((field for field in schema.fields if field.type == "Geometry"), None)
    made: list[Message] = []
    for number in range(count):
        key = rng.choice(keys)
        luck = rng.random()
        # The first records decide what a job is taken for, so they are good ones.
        if number >= 100 and luck < 0.005:
            made.append(Message(key, f"no JSON {number}", None, unreadable=True))
        elif number >= 100 and luck < 0.01 and geometry and target.server == "lite":
            made.append(Message(key, crossed(rng, schema, target, key, geometry), None, refused=True))
        elif keyed and luck > 0.9:
            # No expression of Milvus 2.3 can hold this key, so it refuses to delete it.
            made.append(Message(key, None, None, refused=target.server == "full" and key == FIRST_KEY))
        else:
            line, row = random_record(rng, schema, target, key)
            made.append(Message(key, line, row))
    return made


def crossed(rng: random.Random, schema: Schema, target: Target, key: Key, geometry: Field) -> str:
    """A record with a geometry that the server refuses."""
    while True:
        line, row = random_record(rng, schema, target, key)
        written = row.texts.get(geometry.name)
        if written and line.count(written) == 1:
            return line.replace(written, CROSSED)


def rows_after(made: list[Message]) -> dict[Key, Row]:
    rows: dict[Key, Row] = {}
    for message in made:
        if message.unreadable or message.refused:
            continue
        if message.row is None:
            rows.pop(message.key, None)
        else:
            rows[message.key] = message.row
    return rows


def key_text(key: Key) -> str:
    return key if isinstance(key, str) else str(key)


def make(seed: int, server: str, protocol: str, kind: str, most: int, folder: Path, bootstrap: str) -> Source:
    """A source of at most so many records."""
    target = Target(server, protocol)
    rng = random.Random(f"soak {seed} {server} {protocol} {kind}")
    schema = random_schema(rng, target)
    keyed = kind == "topic" or rng.random() < 0.7
    made = messages(rng, schema, target, rng.randint(600, most), keyed=keyed)
    model = Model(str(seed), target, schema, [], rows_after(made))
    if kind == "topic":
        return topic(rng, seed, model, made, bootstrap)
    return dump(rng, model, made, folder, keyed=keyed)


def dump(rng: random.Random, model: Model, made: list[Message], folder: Path, *, keyed: bool) -> Source:
    lines = [message.value or "" for message in made]
    if keyed:
        lines = [
            json.dumps(
                {
                    "topic": "t", "partition": 0, "offset": offset, "tstype": "create", "ts": 1,
                    "key": key_text(message.key), "payload": message.value,
                }
            )
            for offset, message in enumerate(made)
        ]
    parts = rng.randint(1, 3)
    # A part without a line would be an empty file, which is no dump.
    bounds = [0, *sorted(rng.sample(range(1, len(lines)), parts - 1)), len(lines)]
    places: list[Place] = []
    for part in range(parts):
        name = f"part-{part}.jsonl.zst"
        frames = b""
        step = rng.choice((50, 500, 5000))
        for start in range(bounds[part], bounds[part + 1], step):
            text = "".join(line + "\n" for line in lines[start : min(start + step, bounds[part + 1])])
            frames += subprocess.run(
                ["zstd", "-c", "-q", "--check"], input=text.encode(), stdout=subprocess.PIPE, check=True
            ).stdout
        (folder / name).write_bytes(frames)
        places += [
            ("t", 0, index) if keyed else (name, 0, index - bounds[part] + 1)
            for index in range(bounds[part], bounds[part + 1])
        ]
    return Source(model, made, {"dump": {"paths": ["part-*.jsonl.zst"]}}, *rejected(made, places))


def topic(rng: random.Random, seed: int, model: Model, made: list[Message], bootstrap: str) -> Source:
    name = f"soak-{seed}"
    partitions = rng.randint(1, 4)
    create(AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}), name, partitions, {})
    # A key lies in one partition always, or its messages have no order.
    homes = {message.key: rng.randrange(partitions) for message in made}
    codec = rng.choice(("none", "gzip", "lz4", "zstd", "snappy"))

    def write(part: list[Message]) -> None:
        writer = Writer(bootstrap, name)
        for message in part:
            writer.write(
                Route(codec),
                partition=homes[message.key],
                key=key_text(message.key).encode(),
                value=None if message.value is None else message.value.encode(),
            )
        writer.finish()

    # Without transactions the offsets of a partition have no holes.
    ends: Counter[int] = Counter()
    places: list[Place] = []
    for message in made:
        partition = homes[message.key]
        places.append((name, partition, ends[partition]))
        ends[partition] += 1
    rounds = rng.choice((0, 1, 2, 4))
    bounds = [0, *sorted(rng.sample(range(100, len(made)), max(0, rounds - 1))), len(made)]
    first, *others = (made[start:end] for start, end in itertools.pairwise(bounds))
    write(first)
    ranges = [{"topic": name, "start": "resume" if rounds else "earliest", "end": "latest"}]
    spec = {"kafka": {"properties": {"bootstrap.servers": bootstrap}, "ranges": ranges}}
    growth = [functools.partial(write, part) for part in others]
    return Source(model, made, spec, *rejected(made, places), growth)


def rejected(made: list[Message], places: list[Place]) -> tuple[set[Place], set[Place]]:
    """The places of all rejects, and of those that need not become one."""
    every: set[Place] = set()
    replaceable: set[Place] = set()
    later: set[Key] = set()
    for message, place in reversed(list(zip(made, places, strict=True))):
        if message.unreadable or message.refused:
            every.add(place)
        if message.refused and message.key in later:
            replaceable.add(place)
        if not message.unreadable:
            later.add(message.key)
    return every, replaceable
