"""The model: from a seed, a schema, the records of a dump, and the rows that a collection has to hold afterwards."""

import random
from dataclasses import dataclass

import property_numbers as numbers
import property_text as texts
import property_values as values
from property_schema import META, Field, Schema, Stored, Target, random_schema

Key = int | str

LAST_KEY = (1 << 63) - 1


@dataclass(frozen=True)
class Row:
    values: dict[str, Stored]
    texts: dict[str, str]
    """What stood in the record, for each field; nothing for what the record left out."""


@dataclass(frozen=True)
class Model:
    seed: str
    target: Target
    schema: Schema
    lines: list[str]
    rows: dict[Key, Row]

    @classmethod
    def make(cls, seed: str, server: str, protocol: str) -> "Model":
        target = Target(server, protocol)
        rng = random.Random(f"{seed} {server} {protocol}")
        schema = random_schema(rng, target)
        count = rng.choice((1, rng.randint(2, 30), rng.randint(20, 120), rng.randint(20, 120), rng.randint(1, 400)))
        keys = random_keys(rng, schema.key, rng.randint(1, count), target)
        lines: list[str] = []
        rows: dict[Key, Row] = {}
        for _ in range(count):
            key = rng.choice(keys)
            line, row = random_record(rng, schema, target, key)
            lines.append(line)
            rows[key] = row
        return cls(seed, target, schema, lines, rows)


def random_keys(rng: random.Random, field: Field, count: int, target: Target) -> list[Key]:
    if field.type == "Int64":
        keys = [numbers.bounded_integer(rng, 64) for _ in range(count)]
        if target.server == "full":
            # Milvus 2.3 counts a row with the last key of all, but no query finds it.
            keys = [key - 1 if key == LAST_KEY else key for key in keys]
        return list(dict.fromkeys(keys))
    return list(dict.fromkeys(texts.text(rng, field.max_length) for _ in range(count)))


def random_record(rng: random.Random, schema: Schema, target: Target, key: Key) -> tuple[str, Row]:
    row = Row({}, {})
    members: list[tuple[str, str]] = []
    for field in schema.fields:
        written, row.values[field.name] = random_member(rng, field, target, key)
        if written is not None:
            row.texts[field.name] = written
            members.append((field.name, written))
    if schema.dynamic:
        extras = {name: values.dynamic_value(rng, target) for name in dynamic_names(rng, schema)}
        row.values[META] = extras
        row.texts[META] = repr(extras)
        members += extras.items()
    rng.shuffle(members)
    return texts.spaces(rng) + texts.assembled(rng, members) + texts.spaces(rng), row


def random_member(rng: random.Random, field: Field, target: Target, key: Key) -> tuple[str | None, Stored]:
    """The member's text, None where the record has none; and what the row holds."""
    if field.primary:
        return (numbers.integer(rng, key) if isinstance(key, int) else texts.quoted(rng, key)), key
    null_fits = field.optional
    if target.server == "lite" and field.type == "SparseFloatVector":
        # Milvus Lite has nullable sparse vectors, but takes no null for them.
        null_fits = False
    if target.server == "full" and target.rest:
        # Only a client that knows the server's version knows that Milvus 2.3 wants defaults to be sent, and the REST
        # API does not tell the version.
        null_fits = False
    if null_fits and rng.random() < 0.3:
        return rng.choice(("null", None)), field.default
    return values.value(rng, field, target)


def dynamic_names(rng: random.Random, schema: Schema) -> list[str]:
    taken = {field.name for field in schema.fields}
    drawn = rng.choices(texts.DYNAMIC_NAMES, k=rng.choice((0, 0, 1, 2, 4)))
    if rng.random() < 0.2:
        drawn.append(texts.text(rng, 12) or "only")
    return [name for name in dict.fromkeys(drawn) if name not in taken and name != META]
