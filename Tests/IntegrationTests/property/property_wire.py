"""Columns of Milvus' protocol, from and to the values of the model, bit by bit."""

import json
import re
import struct
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from pymilvus.grpc_gen import schema_pb2

from property_schema import INTEGER_BITS, META, UNPACKED, Field, Stored, plain, type_number

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")

SCALAR_SLOTS = {
    "Bool": "bool_data",
    "Int8": "int_data",
    "Int16": "int_data",
    "Int32": "int_data",
    "Int64": "long_data",
    "Float": "float_data",
    "Double": "double_data",
    "VarChar": "string_data",
    "JSON": "json_data",
    "Array": "array_data",
    "Geometry": "geometry_wkt_data",
    "Timestamptz": "string_data",
}
# The slot, and the bits of one dimension.
VECTOR_SLOTS = {
    "FloatVector": ("float_vector", 32),
    "BinaryVector": ("binary_vector", 1),
    "Float16Vector": ("float16_vector", 16),
    "BFloat16Vector": ("bfloat16_vector", 16),
    "Int8Vector": ("int8_vector", 8),
}
PACKED: dict[str, Callable[[float], bytes]] = {
    "Float": lambda number: struct.pack("<f", number),
    "Double": lambda number: struct.pack("<d", number),
}


class WireError(Exception):
    """What a column may not be."""


def check(holds: bool, problem: str) -> None:
    if not holds:
        raise WireError(problem)


# Reading.


def decode(column: schema_pb2.FieldData, field: Field, rows: int, *, strict: bool) -> list[Stored]:
    """The column's values, one for each row, None for null.

    - strict: as what a client sends. Without it a column may also hold something for its nulls, as answers may.
    """
    check(column.type == type_number(field.type), f"the column's type is {column.type}")
    check(column.is_dynamic == (field.name == META), f"is_dynamic is {column.is_dynamic}")
    valid = list(column.valid_data)
    if strict:
        check(len(valid) == (rows if field.optional else 0), f"valid_data has {len(valid)} entries for {rows} rows")
    else:
        check(len(valid) in (0, rows), f"valid_data has {len(valid)} entries for {rows} rows")
    valid = valid or [True] * rows
    present = sum(valid)
    values = vectors(column, field, strict) if field.type.endswith("Vector") else scalars(column, field, strict)
    if len(values) == rows and not strict:
        return [value if here else None for value, here in zip(values, valid, strict=True)]
    check(len(values) == present, f"the column has {len(values)} values for {present} rows that are not null")
    if strict:
        for value in values:
            check_value(field, value)
    compact = iter(values)
    return [next(compact) if here else None for here in valid]


def scalars(column: schema_pb2.FieldData, field: Field, strict: bool) -> list[Stored]:
    slot = column.scalars.WhichOneof("data")
    expected = SCALAR_SLOTS[field.type]
    if slot is None and not strict:
        return []
    check(slot == expected, f"the values are in the slot {slot}")
    data = getattr(column.scalars, expected).data
    if field.type == "Array":
        if strict:
            element_type = column.scalars.array_data.element_type
            check(element_type in (0, type_number(field.element)), f"element_type is {element_type}")
        return [array(row, field, strict) for row in data]
    return packed(field.type, data)


def packed(type_name: str, data: Sequence[Any]) -> list[Stored]:
    pack = PACKED.get(type_name)
    return [pack(number) for number in data] if pack else list(data)


def array(row: schema_pb2.ScalarField, field: Field, strict: bool) -> tuple[Stored, ...]:
    slot = row.WhichOneof("data")
    expected = SCALAR_SLOTS[field.element]
    if slot is None and not strict:
        return ()
    check(slot == expected, f"an array's elements are in the slot {slot}")
    return tuple(packed(field.element, getattr(row, expected).data))


def vectors(column: schema_pb2.FieldData, field: Field, strict: bool) -> list[Stored]:
    slot = column.vectors.WhichOneof("data")
    if slot is None and not strict:
        return []
    if field.type == "SparseFloatVector":
        check(slot == "sparse_float_vector", f"the vectors are in the slot {slot}")
        rows = [sparse(content) for content in column.vectors.sparse_float_vector.contents]
        if strict:
            dim = column.vectors.sparse_float_vector.dim
            least = max((index + 1 for row in rows for index in row), default=0)
            check(dim == 0 or dim >= least, f"the sparse vectors' dim is {dim}, and they need {least}")
        return rows
    expected, bits = VECTOR_SLOTS[field.type]
    check(slot == expected, f"the vectors are in the slot {slot}")
    check(column.vectors.dim == field.dim, f"the vectors' dim is {column.vectors.dim}")
    data = getattr(column.vectors, expected)
    if field.type == "FloatVector":
        data = struct.pack(f"<{len(data.data)}f", *data.data)
    size = field.dim * bits // 8
    check(len(data) % size == 0, f"{len(data)} bytes are no whole number of vectors of {size}")
    return [data[at : at + size] for at in range(0, len(data), size)]


def sparse(content: bytes) -> dict[int, bytes]:
    check(len(content) % 8 == 0, f"a sparse vector has {len(content)} bytes")
    indices = [int.from_bytes(content[at : at + 4], "little") for at in range(0, len(content), 8)]
    check(all(one < other for one, other in pairwise(indices)), "a sparse vector is not in order")
    return {index: content[at * 8 + 4 : at * 8 + 8] for at, index in enumerate(indices)}


def check_value(field: Field, value: Stored) -> None:
    """Whether a field holds the value; what the column as such already says is not looked at again."""
    match field.type:
        case "Array":
            check(len(value) <= field.max_capacity, f"an array has {len(value)} elements")
            for element in value:
                check_value(Field(field.name, field.element, max_length=field.max_length), element)
        case "VarChar":
            check(len(value.encode()) <= field.max_length, f"a text has {len(value.encode())} bytes")
        case "JSON":
            try:
                document = json.loads(value)
            except ValueError as error:
                raise WireError(f"{value!r} is no JSON: {error}") from None
            check(field.name != META or isinstance(document, dict), f"{value!r} is no object")
        case "Timestamptz":
            check(TIME.fullmatch(value) is not None, f"{value!r} is no time")
        case "Int8" | "Int16":
            limit = 1 << (INTEGER_BITS[field.type] - 1)
            check(-limit <= value < limit, f"{value} does not fit")
        case _:
            pass


# Writing.


def encode(field: Field, values: list[Stored], *, with_nulls: bool) -> schema_pb2.FieldData:
    """A column of the values; of the dynamic field they are the texts of whole objects.

    - with_nulls: whether the server knows null, and what is absent.
    """
    column = schema_pb2.FieldData(type=type_number(field.type), field_name=field.name, is_dynamic=field.name == META)
    if field.optional and with_nulls:
        column.valid_data.extend(value is not None for value in values)
    present = [value for value in values if value is not None]
    match field.type:
        case "Array":
            slot = SCALAR_SLOTS[field.element]
            rows = [schema_pb2.ScalarField(**{slot: scalar_data(field.element, row)}) for row in present]
            elements = schema_pb2.ArrayArray(data=rows, element_type=type_number(field.element))
            column.scalars.array_data.CopyFrom(elements)
        case "SparseFloatVector":
            contents = [b"".join(struct.pack("<I", index) + row[index] for index in sorted(row)) for row in present]
            column.vectors.sparse_float_vector.CopyFrom(schema_pb2.SparseFloatArray(contents=contents))
        case "FloatVector":
            column.vectors.dim = field.dim
            floats = struct.unpack(f"<{field.dim * len(present)}f", b"".join(present))
            column.vectors.float_vector.CopyFrom(schema_pb2.FloatArray(data=floats))
        case name if name in VECTOR_SLOTS:
            column.vectors.dim = field.dim
            setattr(column.vectors, VECTOR_SLOTS[name][0], b"".join(present))
        case name:
            getattr(column.scalars, SCALAR_SLOTS[name]).CopyFrom(scalar_data(name, present))
    return column


def scalar_data(type_name: str, values: Sequence[Stored]) -> Any:
    slot = schema_pb2.ScalarField.DESCRIPTOR.fields_by_name[SCALAR_SLOTS[type_name]]
    data = [plain(type_name, value) for value in values] if type_name in UNPACKED else values
    return getattr(schema_pb2, slot.message_type.name)(data=data)
