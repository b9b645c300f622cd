"""What stands on a real server: collections, the twin's rows, and rows read back as raw columns."""

import json
import random
import struct
from typing import Any

import grpc
import numpy
from pymilvus import DataType, MilvusClient
from pymilvus.grpc_gen import milvus_pb2, milvus_pb2_grpc, schema_pb2

import property_wire as wire
from property_model import Key, Model
from property_schema import META, Field, Schema, Stored, default_message, plain

MOST_ROWS = 16384
INDEXES = {
    "FloatVector": ("FLAT", "L2"),
    "Float16Vector": ("FLAT", "L2"),
    "BinaryVector": ("BIN_FLAT", "HAMMING"),
    "SparseFloatVector": ("SPARSE_INVERTED_INDEX", "IP"),
}
CLIENT_TYPES = {
    "FloatVector": DataType.FLOAT_VECTOR,
    "Float16Vector": DataType.FLOAT16_VECTOR,
    "BinaryVector": DataType.BINARY_VECTOR,
    "SparseFloatVector": DataType.SPARSE_FLOAT_VECTOR,
}


def client_type(name: str) -> DataType:
    return CLIENT_TYPES.get(name) or DataType[name.upper()]


# Making collections.


def create(client: MilvusClient, collection: str, schema: Schema) -> None:
    """Makes a collection, anew if it is there, and loads it."""
    if client.has_collection(collection):
        client.drop_collection(collection)
    made = client.create_schema(enable_dynamic_field=schema.dynamic)
    index = client.prepare_index_params()
    for field in schema.fields:
        options: dict[str, Any] = dict(field.parameters)
        if field.element:
            options["element_type"] = client_type(field.element)
        if field.default is not None:
            # From a number the client would guess the slot, and guess wrong.
            options["default_value"] = default_message(field)
        made.add_field(
            field.name,
            client_type(field.type),
            is_primary=field.primary,
            is_partition_key=field.partition,
            nullable=field.nullable,
            **options,
        )
        if field.type in INDEXES:
            index_type, metric = INDEXES[field.type]
            index.add_index(field.name, index_type=index_type, metric_type=metric)
    # A few are enough, and are loaded sooner than the 64 that the full server makes by itself.
    partitions = {"num_partitions": 4} if any(field.partition for field in schema.fields) else {}
    client.create_collection(collection, schema=made, index_params=index, consistency_level="Strong", **partitions)
    client.load_collection(collection)


# The twin: the model's rows by way of Milvus' own client.


def fill_twin(client: MilvusClient, collection: str, model: Model) -> None:
    fields = {field.name: field for field in model.schema.fields}
    rows: list[dict[str, Any]] = []
    for row in model.rows.values():
        # Every field gets its value, also where a record left it to a default: the full server crashes without.
        values = {name: client_value(fields[name], value) for name, value in row.values.items() if name in fields}
        rows.append(values | client_extras(row.values.get(META, {})))
    for field in model.schema.fields:
        if field.type == "FloatVector" and all(values[field.name] is None for values in rows):
            # The client cannot write a column of nothing but null vectors, which Milvus Lite would answer as zeros.
            for values in rows:
                values[field.name] = [0.0] * field.dim
    client.upsert(collection, rows)


def client_value(field: Field, value: Stored) -> Any:
    if value is None:
        return None
    match field.type:
        case "Array":
            return [plain(field.element, element) for element in value]
        case "JSON":
            # The client sends text as it is, as long as it is JSON.
            return value.decode()
        case "FloatVector":
            return list(struct.unpack(f"<{field.dim}f", value))
        case "Float16Vector":
            return numpy.frombuffer(value, dtype="<f2")
        case "SparseFloatVector":
            return {index: plain("Float", weight) for index, weight in value.items()}
        case _:
            return plain(field.type, value)


def client_extras(members: dict[str, str]) -> dict[str, Any]:
    # The client cannot express how a number is written, nor integers of more than 64 bits: the comparison with the
    # twin takes all numbers of the dynamic field as float64.
    return {name: json.loads(text, parse_int=sent_integer) for name, text in members.items()}


def sent_integer(text: str) -> int | float:
    return int(text) if -(1 << 63) <= int(text) < 1 << 64 else float(text)


# The model's rows as raw requests, which is how the comparison itself is proved.


def write(uri: str, collection: str, model: Model, *, damage: bool) -> str:
    """Upserts the model's rows.

    - damage: whether one bit of one value is turned over.
    - Returns: where that is.
    """
    rows = {key: dict(row.values) for key, row in model.rows.items()}
    place = turn_a_bit(rows, model) if damage else "nowhere"
    columns = []
    for field in model.schema.columns:
        values = [row[field.name] for row in rows.values()]
        if field.name == META:
            values = [object_text(members) for members in values]
        columns.append(wire.encode(field, values, with_nulls=model.target.server != "full"))
    request = milvus_pb2.UpsertRequest(collection_name=collection, fields_data=columns, num_rows=len(rows))
    require_success(stub(uri).Upsert(request).status)
    return place


def object_text(members: dict[str, str]) -> bytes:
    return ("{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in members.items()) + "}").encode()


def turn_a_bit(rows: dict[Key, dict[str, Stored]], model: Model) -> str:
    rng = random.Random(model.seed)
    places = [
        (row, field)
        for row in rows.values()
        for field in model.schema.fields
        if not field.primary and isinstance(row[field.name], (bytes, int)) and field.type != "JSON"
    ]
    row, field = rng.choice(places)
    value = row[field.name]
    if isinstance(value, bool):
        row[field.name] = not value
    elif isinstance(value, int):
        row[field.name] = value ^ 1
    else:
        # Not one of an exponent's bits, so that the number stays finite.
        row[field.name] = bytes([value[0] ^ 1]) + value[1:]
    return f"{row[model.schema.key.name]!r} {field.name}"


# Reading.


class RefusedError(Exception):
    """A server's answer that is none."""


def require_success(status: Any) -> None:
    if status.code or status.error_code:
        raise RefusedError(f"code {status.code or status.error_code}: {status.reason}")


def stub(uri: str) -> milvus_pb2_grpc.MilvusServiceStub:
    options = [("grpc.enable_http_proxy", 0), ("grpc.max_receive_message_length", 256 << 20)]
    return milvus_pb2_grpc.MilvusServiceStub(grpc.insecure_channel(uri.removeprefix("http://"), options=options))


def stored_rows(uri: str, collection: str, model: Model) -> list[dict[str, Stored]]:
    """Every row of a collection, in no order."""
    request = milvus_pb2.QueryRequest(collection_name=collection, output_fields=["*"], consistency_level=0)
    request.query_params.add(key="limit", value=str(MOST_ROWS))
    answer = stub(uri).Query(request)
    require_success(answer.status)
    columns: dict[str, schema_pb2.FieldData] = {column.field_name: column for column in answer.fields_data}
    key = wire.SCALAR_SLOTS[model.schema.key.type]
    count = len(getattr(columns[model.schema.key.name].scalars, key).data)
    rows: list[dict[str, Stored]] = [{} for _ in range(count)]
    for field in model.schema.columns:
        column = columns.pop(field.name, None)
        if column is None:
            raise wire.WireError(f"the answer has no column {field.name}")
        try:
            values = wire.decode(column, field, count, strict=False)
        except wire.WireError as error:
            raise wire.WireError(f"field {field.name} of {collection}: {error}") from None
        for row, value in zip(rows, values, strict=True):
            row[field.name] = value
    if columns:
        raise wire.WireError(f"the answer has columns that the schema does not have: {', '.join(columns)}")
    return rows
