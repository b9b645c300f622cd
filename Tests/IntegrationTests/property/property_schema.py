"""Random schemas of collections, of what a server can hold."""

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pymilvus.grpc_gen import schema_pb2

import property_numbers as numbers
import property_text as texts

type_number = schema_pb2.DataType.Value

INTEGER_BITS = {"Int8": 8, "Int16": 16, "Int32": 32, "Int64": 64}
FLOATS = {"Float": numbers.FLOAT32, "Double": numbers.FLOAT64}
ELEMENTS = ("Bool", *INTEGER_BITS, *FLOATS, "VarChar")
VECTORS = ("FloatVector", "BinaryVector", "Float16Vector", "BFloat16Vector", "Int8Vector", "SparseFloatVector")
SCALARS = {
    "lite": (*ELEMENTS, "JSON", "Array", "Geometry", "Timestamptz"),
    "full": (*ELEMENTS, "JSON", "Array"),
    "recorder": (*ELEMENTS, "JSON", "Array", "Geometry", "Timestamptz"),
}
META = "$meta"

# A value as the comparison sees it. Numbers with a point are their little-endian bytes, as are dense vectors; a JSON
# document is the bytes of its text; a sparse vector a dictionary of weights' bytes; the dynamic field a dictionary of
# its members' texts in the model.
Stored = Any


@dataclass(frozen=True)
class Target:
    """What rows are written to, and by which protocol."""

    server: str
    protocol: str

    @property
    def rest(self) -> bool:
        return self.protocol == "rest"


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    element: str = ""
    max_length: int = 0
    max_capacity: int = 0
    dim: int = 0
    primary: bool = False
    partition: bool = False
    nullable: bool = False
    default: Stored = None

    @property
    def optional(self) -> bool:
        return self.nullable or self.default is not None

    @property
    def parameters(self) -> dict[str, int]:
        given = {"max_length": self.max_length, "max_capacity": self.max_capacity, "dim": self.dim}
        return {key: value for key, value in given.items() if value}


@dataclass(frozen=True)
class Schema:
    fields: list[Field]
    dynamic: bool

    @property
    def key(self) -> Field:
        return next(field for field in self.fields if field.primary)

    @property
    def columns(self) -> list[Field]:
        """The fields, then the one that holds what has no field."""
        return self.fields + ([Field(META, "JSON")] if self.dynamic else [])


def random_schema(rng: random.Random, target: Target) -> Schema:
    count = rng.randint(2, 14)
    types = vector_types(rng, target, count - 1)
    types += rng.choices(SCALARS[target.server], k=count - 1 - len(types))
    everything = target.server == "recorder" and rng.random() < 0.25
    if everything:
        types = [*VECTORS, *SCALARS["recorder"], *("Array" for _ in ELEMENTS[1:])]
    names = texts.field_names(rng, len(types) + 1)
    key = made(rng, names[0], rng.choice(("Int64", "VarChar")), target)
    fields = [replace(key, primary=True, max_length=key.max_length and max(key.max_length, 8))]
    elements = list(ELEMENTS)
    for name, type_name in zip(names[1:], types, strict=True):
        field = made(rng, name, type_name, target)
        if everything and type_name == "Array":
            field = replace(made(rng, name, type_name, target), element=elements.pop(), max_length=12)
        fields.append(with_absence(rng, field, target))
    choices = [index for index, field in enumerate(fields) if index > 0 and field.type in ("Int64", "VarChar")]
    if choices and rng.random() < 0.3:
        index = rng.choice(choices)
        fields[index] = replace(fields[index], partition=True, nullable=False, default=None)
    rng.shuffle(fields)
    return Schema(fields, dynamic=rng.random() < 0.5)


def vector_types(rng: random.Random, target: Target, room: int) -> list[str]:
    match target.server:
        case "lite":
            dense = ["FloatVector"] * rng.choice((0, 1, 1, 1, 2))
            sparse = ["SparseFloatVector"] * rng.choice((0, 0, 1)) if dense else ["SparseFloatVector"]
            return (dense + sparse)[:room]
        case "full":
            return [rng.choice(("FloatVector", "BinaryVector"))]
        case _:
            return rng.choices(VECTORS, k=min(room, rng.randint(1, 5)))


def made(rng: random.Random, name: str, type_name: str, target: Target) -> Field:
    field = Field(name, type_name)
    match type_name:
        case "VarChar":
            return replace(field, max_length=rng.choice((1, 2, 5, 16, 64, 300)))
        case "Array":
            element = rng.choice(ELEMENTS)
            length = rng.choice((1, 4, 20)) if element == "VarChar" else 0
            return replace(field, element=element, max_capacity=rng.choice((1, 2, 5, 10)), max_length=length)
        case "BinaryVector":
            return replace(field, dim=8 * rng.randint(1, 8))
        case "FloatVector" | "Float16Vector" | "BFloat16Vector" | "Int8Vector":
            return replace(field, dim=rng.choice((2 if target.server == "full" else 1, 2, 3, 5, 8, 16)))
        case _:
            return field


def with_absence(rng: random.Random, field: Field, target: Target) -> Field:
    if target.server != "full" and rng.random() < 0.4:
        field = replace(field, nullable=True)
    if rng.random() < 0.3 and field.type in ELEMENTS:
        field = replace(field, default=random_default(rng, field))
    return field


def random_default(rng: random.Random, field: Field) -> Stored:
    match field.type:
        case "Bool":
            return rng.random() < 0.5
        case "VarChar":
            return texts.text(rng, field.max_length, controls=False)
        case "Float" | "Double":
            form = FLOATS[field.type]
            return numbers.stored(numbers.edge(rng, form), form)
        case _:
            return numbers.bounded_integer(rng, INTEGER_BITS[field.type])


# What Milvus' own classes take.

UNPACKED: dict[str, Callable[[bytes], float]] = {
    "Float": lambda data: struct.unpack("<f", data)[0],
    "Double": lambda data: struct.unpack("<d", data)[0],
}


def plain(type_name: str, value: Stored) -> Any:
    """A scalar as Python's own type, which holds its bits."""
    return UNPACKED[type_name](value) if type_name in UNPACKED else value


DEFAULT_SLOTS = {
    "Bool": "bool_data",
    "Int64": "long_data",
    "Float": "float_data",
    "Double": "double_data",
    "VarChar": "string_data",
}


def default_message(field: Field) -> schema_pb2.ValueField:
    slot = DEFAULT_SLOTS.get(field.type, "int_data")
    return schema_pb2.ValueField(**{slot: plain(field.type, field.default)})


def message(schema: Schema, name: str) -> schema_pb2.CollectionSchema:
    """The schema as a server describes it."""
    described = schema_pb2.CollectionSchema(name=name, enable_dynamic_field=schema.dynamic)
    for number, field in enumerate(schema.fields):
        made_field = described.fields.add(
            fieldID=100 + number,
            name=field.name,
            data_type=type_number(field.type),
            element_type=type_number(field.element or "None"),
            is_primary_key=field.primary,
            is_partition_key=field.partition,
            nullable=field.nullable,
        )
        for key, value in field.parameters.items():
            made_field.type_params.add(key=key, value=str(value))
        if field.default is not None:
            made_field.default_value.CopyFrom(default_message(field))
    return described
