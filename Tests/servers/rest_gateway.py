"""A gateway that speaks Milvus' RESTful API v2 in front of a Milvus that is reached by gRPC.

Milvus Lite has no REST API and Milvus 2.3 has only its first version. With this gateway rows written by
REST still land in a real server. It treats values as the proxies of Milvus 2.4 to 3.0.0 do, including what
they get wrong, but refuses absent values and integers out of range, which those store as zero or cut off
and Milvus refuses since 3.0.1. Structs and partial updates are left out.
"""

import argparse
import base64
import contextlib
import functools
import json
import math
import pathlib
import re
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterable
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import grpc
from pymilvus.grpc_gen import common_pb2, milvus_pb2, milvus_pb2_grpc, schema_pb2
from pymilvus.grpc_gen.schema_pb2 import DataType

PREFIX = "/v2/vectordb"
MESSAGE_BYTES = 256 << 20
UNAVAILABLE, COLLECTION_NOT_FOUND, DATABASE_NOT_FOUND, INVALID_PARAMETER = 2, 100, 800, 1100
UNAUTHENTICATED, NOT_JSON, MISSING_PARAMETER, INVALID_DATA, UNEXPECTED = 1800, 1801, 1802, 1804, 65535

INTEGER_BITS = {DataType.Int8: 8, DataType.Int16: 16, DataType.Int32: 32, DataType.Int64: 64}
SCALAR_ARRAYS: dict[int, tuple[str, Any]] = {
    DataType.Bool: ("bool_data", schema_pb2.BoolArray),
    DataType.Int8: ("int_data", schema_pb2.IntArray),
    DataType.Int16: ("int_data", schema_pb2.IntArray),
    DataType.Int32: ("int_data", schema_pb2.IntArray),
    DataType.Int64: ("long_data", schema_pb2.LongArray),
    DataType.Float: ("float_data", schema_pb2.FloatArray),
    DataType.Double: ("double_data", schema_pb2.DoubleArray),
    DataType.VarChar: ("string_data", schema_pb2.StringArray),
    DataType.Text: ("string_data", schema_pb2.StringArray),
    DataType.Timestamptz: ("string_data", schema_pb2.StringArray),
    DataType.Geometry: ("geometry_wkt_data", schema_pb2.GeometryWktArray),
    DataType.JSON: ("json_data", schema_pb2.JSONArray),
    DataType.Array: ("array_data", schema_pb2.ArrayArray),
}
# The slot of VectorField, and how many bits one dimension takes in it.
BYTE_VECTORS = {
    DataType.BinaryVector: ("binary_vector", 1),
    DataType.Float16Vector: ("float16_vector", 16),
    DataType.BFloat16Vector: ("bfloat16_vector", 16),
    DataType.Int8Vector: ("int8_vector", 8),
}
VECTORS = {DataType.FloatVector, DataType.SparseFloatVector, *BYTE_VECTORS}
# Milvus 2.3 lets collections with these be created, and crashes when one is loaded.
FATAL_TO_2_3 = {DataType.Geometry, DataType.Timestamptz, DataType.Text}

type_name = DataType.Name


class RefusedError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


# Reading bodies. A row's values are needed together with their text, because Milvus takes much from the text.


class Number(str):
    """A JSON number as it is written."""

    __slots__ = ()


class Value(NamedTuple):
    value: Any
    raw: str


def number(text: str) -> Number:
    # Milvus decodes every body into float64 once before it looks at the text.
    if math.isinf(float(text)):
        raise ValueError(f"cannot unmarshal number {text} into Go value of type float64")
    return Number(text)


def no_number(text: str) -> Any:
    raise ValueError(f"invalid character {text[0]!r}")


decoder = json.JSONDecoder(parse_float=number, parse_int=number, parse_constant=no_number)
Reader = Callable[[str, str, int], tuple[Any, int]]


def after(text: str, at: int, expected: str) -> tuple[str, int]:
    """The next character that is not blank, which has to be one of those expected, and where it ends."""
    at = past_blanks(text, at)
    if (found := text[at : at + 1]) and found in expected:
        return found, at + 1
    raise json.JSONDecodeError(f"expected one of {expected}", text, at)


def past_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\n", "\r"):
        at += 1
    return at


def read_value(_: str, text: str, at: int) -> tuple[Value, int]:
    value, end = decoder.raw_decode(text, at)
    return Value(value, text[at:end]), end


def read_object(read: Reader, text: str, at: int) -> tuple[dict[str, Any], int]:
    members: dict[str, Any] = {}
    _, at = after(text, at, "{")
    found, at = after(text, at, '"}')
    while found != "}":
        name, at = scanstring(text, at)
        _, at = after(text, at, ":")
        value, at = read(name, text, past_blanks(text, at))
        members.setdefault(name, value)  # of equal names Milvus takes the first
        found, at = after(text, at, ",}")
        if found == ",":
            _, at = after(text, at, '"')
    return members, at


def read_member(name: str, text: str, at: int) -> tuple[Any, int]:
    if name != "data":
        return json.JSONDecoder(parse_constant=no_number).raw_decode(text, at)
    rows: list[dict[str, Value]] = []
    found, at = after(text, at, "[")
    if text.startswith("]", past_blanks(text, at)):
        found, at = after(text, at, "]")
    while found != "]":
        row, at = read_object(read_value, text, at)
        rows.append(row)
        found, at = after(text, at, ",]")
    return rows, at


def read_body(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode()
        members, end = read_object(read_member, text, 0)
        if past_blanks(text, end) != len(text):
            raise json.JSONDecodeError("unexpected text", text, end)
    except (ValueError, RecursionError) as error:
        raise RefusedError(NOT_JSON, f"can only accept json format request, error: {error}") from None
    return members


# Writing values.


def fixed(value: float) -> str:
    """A float64 as Go's strconv writes it with format 'f' and precision -1."""
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def as_float64(value: Any) -> str:
    """JSON text of a value that went through Go's `any`, where every number is a float64."""
    if isinstance(value, Number):
        parsed = float(value)
        return fixed(parsed) if parsed == 0 or 1e-6 <= abs(parsed) < 1e21 else repr(parsed)
    if isinstance(value, dict):
        return "{" + ",".join(f"{as_float64(name)}:{as_float64(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(as_float64, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def text_of(value: Value) -> str:
    """What Milvus reads most values from: strings without quotes, numbers other than integers through float64."""
    if isinstance(value.value, Number):
        return value.raw if re.fullmatch(r"-?\d+", value.raw) else fixed(float(value.raw))
    return value.value if isinstance(value.value, str) else value.raw


def shortest(value: float) -> float:
    """The float64 that prints as briefly as the float32 may."""
    packed = struct.pack("<f", value)
    candidates = (float(f"{value:.{digits}g}") for digits in range(6, 10))
    return next((short for short in candidates if struct.pack("<f", short) == packed), value)


def literal(key: Any) -> str:
    """A key in Milvus' expression language, of whose escapes Milvus Lite knows only these."""
    if not isinstance(key, str):
        return str(key)
    for character, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        key = key.replace(character, escape)
    return f'"{key}"'


def pairs(values: dict[str, Any] | None) -> list[common_pb2.KeyValuePair]:
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in (values or {}).items()}
    return [common_pb2.KeyValuePair(key=key, value=text) for key, text in texts.items()]


def unpaired(values: Iterable[common_pb2.KeyValuePair]) -> list[dict[str, str]]:
    return [{"key": pair.key, "value": pair.value} for pair in values]


# From rows to columns. What cannot be converted raises ValueError or OverflowError.


def integer(text: str, bits: int) -> int:
    if not re.fullmatch(r"[-+]?\d+", text) or not -(1 << bits - 1) <= int(text) < 1 << bits - 1:
        raise ValueError(f"{text} is not an integer of {bits} bits")
    return int(text)


def float32(values: Iterable[Any]) -> list[float]:
    """The nearest float32 values, by way of float64."""
    doubles = [float(value) for value in values]
    return list(struct.unpack(f"<{len(doubles)}f", struct.pack(f"<{len(doubles)}f", *doubles)))


def elements(value: Any, kind: type) -> list[Any]:
    if not isinstance(value, list) or not all(type(element) is kind for element in value):
        raise ValueError(f"not an array of {kind.__name__}")
    return value


def scalar_array(element_type: int, value: Value) -> schema_pb2.ScalarField:
    slot, array = SCALAR_ARRAYS[element_type]
    # The elements of arrays come from encoding/json, whose integers may have no point.
    data: list[Any]
    if element_type in INTEGER_BITS:
        bits = max(INTEGER_BITS[element_type], 32)
        data = [integer(element, bits) for element in elements(value.value, Number)]
    elif element_type == DataType.Float:
        data = float32(elements(value.value, Number))
    elif element_type == DataType.Double:
        data = [float(element) for element in elements(value.value, Number)]
    else:
        data = elements(value.value, bool if element_type == DataType.Bool else str)
    return schema_pb2.ScalarField(**{slot: array(data=data)})


def scalar(field: schema_pb2.FieldSchema, value: Value) -> Any:
    text = text_of(value)
    match field.data_type:
        case DataType.Bool:
            if text not in ("true", "false"):
                raise ValueError(f"{text} is not a boolean")
            return text == "true"
        case DataType.Float:
            return float32([text])[0]
        case DataType.Double:
            return float(text)
        case DataType.JSON:
            return text.encode()
        case DataType.Array:
            return scalar_array(field.element_type, value)
        case kind if kind in INTEGER_BITS:
            return integer(text, INTEGER_BITS[kind])
        case _:
            return text


def sparse_row(value: Any) -> bytes:
    match value:
        case {"indices": indices, "values": weights} if len(value) == 2:
            indices, weights = elements(indices, Number), elements(weights, Number)
        case dict():
            indices, weights = list(value), elements(list(value.values()), Number)
        case _:
            raise ValueError("a sparse vector is an object")
    if len(indices) != len(weights):
        raise ValueError("indices and values differ in length")
    row = sorted(zip((integer(index, 64) for index in indices), map(float, weights), strict=True))
    if any(index < 0 or index >= (1 << 32) - 1 or weight < 0 for index, weight in row):
        raise ValueError("an index is out of range, or a value is negative")
    if len({index for index, _ in row}) != len(row):
        raise ValueError("an index occurs twice")
    return b"".join(struct.pack("<If", index, weight) for index, weight in row)


def byte_row(kind: int, value: Any) -> bytes:
    if kind == DataType.Int8Vector:
        return bytes(integer(element, 8) & 0xFF for element in elements(value, Number))
    if isinstance(value, str) and not isinstance(value, Number):
        return base64.b64decode(value, validate=True)
    if kind == DataType.BinaryVector:
        raise ValueError("a binary vector is a string in base64")
    floats = float32(elements(value, Number))
    if kind == DataType.Float16Vector:
        return struct.pack(f"<{len(floats)}e", *floats)
    # Milvus cuts the lower half off and does not round.
    return b"".join(struct.pack("<f", element)[2:] for element in floats)


def vector_column(field: schema_pb2.FieldSchema, values: list[Value]) -> schema_pb2.VectorField:
    kind = field.data_type
    if kind == DataType.SparseFloatVector:
        rows = [sparse_row(value.value) for value in values]
        dim = max((struct.unpack_from("<I", row, len(row) - 8)[0] + 1 for row in rows if row), default=0)
        sparse = schema_pb2.SparseFloatArray(contents=rows, dim=dim)
        return schema_pb2.VectorField(dim=dim, sparse_float_vector=sparse)
    dim = next((int(pair.value) for pair in field.type_params if pair.key == "dim"), 0)
    if kind == DataType.FloatVector:
        vectors = [float32(elements(value.value, Number)) for value in values]
        check_lengths(map(len, vectors), dim, field)
        data = [element for vector in vectors for element in vector]
        return schema_pb2.VectorField(dim=dim, float_vector=schema_pb2.FloatArray(data=data))
    slot, bits = BYTE_VECTORS[kind]
    strings = [byte_row(kind, value.value) for value in values]
    check_lengths(map(len, strings), dim * bits // 8, field)
    return schema_pb2.VectorField(dim=dim, **{slot: b"".join(strings)})


def check_lengths(lengths: Iterable[int], expected: int, field: schema_pb2.FieldSchema) -> None:
    for length in lengths:
        if length != expected:
            what = type_name(field.data_type)
            raise ValueError(f"size {length} doesn't equal to vector dimension {expected} of {what}")


def column(field: schema_pb2.FieldSchema, rows: list[dict[str, Value]]) -> schema_pb2.FieldData | None:
    optional = field.nullable or field.HasField("default_value")
    skipped = field.is_function_output or (field.is_primary_key and field.autoID)
    given = [value for row in rows if (value := row.get(field.name)) and value.value is not None]
    if not given and skipped:
        return None
    if len(given) < len(rows) and not optional:
        raise ValueError(f"field {field.name} is required")
    data = schema_pb2.FieldData(type=field.data_type, field_name=field.name, field_id=field.fieldID)
    if optional:
        data.valid_data.extend((value := row.get(field.name)) is not None and value.value is not None for row in rows)
    try:
        if field.data_type in VECTORS:
            data.vectors.CopyFrom(vector_column(field, given))
        elif field.data_type in SCALAR_ARRAYS:
            slot, array = SCALAR_ARRAYS[field.data_type]
            values = array(data=[scalar(field, value) for value in given])
            data.scalars.CopyFrom(schema_pb2.ScalarField(**{slot: values}))
        else:
            raise ValueError(f"{type_name(field.data_type)} is not supported")
    except (ValueError, OverflowError, struct.error) as error:
        raise ValueError(f"field {field.name}: {error}") from None
    return data


def dynamic_member(name: str, value: Value) -> str:
    if isinstance(value.value, Number) and "." not in value.raw:
        # An integer, where what is none becomes zero without a word.
        text = text_of(value)
        number_text = text if re.fullmatch(r"-?\d+", text) and -(1 << 63) <= int(text) < 1 << 63 else "0"
        return f"{as_float64(name)}:{number_text}"
    return f"{as_float64(name)}:{as_float64(value.value)}"


def dynamic_column(names: set[str], rows: list[dict[str, Value]]) -> schema_pb2.FieldData:
    documents = []
    for row in rows:
        extras = {name: value for name, value in row.items() if name not in names}
        if "$meta" in extras:
            raise ValueError("use the invalid field name($meta) when enable dynamicField")
        members = [dynamic_member(name, value) for name, value in extras.items() if value.value is not None]
        documents.append(("{" + ",".join(members) + "}").encode())
    scalars = schema_pb2.ScalarField(json_data=schema_pb2.JSONArray(data=documents))
    return schema_pb2.FieldData(type=DataType.JSON, field_name="$meta", is_dynamic=True, scalars=scalars)


def columns(schema: schema_pb2.CollectionSchema, rows: list[dict[str, Value]]) -> list[schema_pb2.FieldData]:
    fields = [field for field in schema.fields if not field.is_dynamic]
    names = {field.name for field in fields}
    data = [made for field in fields if (made := column(field, rows)) is not None]
    if schema.enable_dynamic_field:
        data.append(dynamic_column(names, rows))
    elif any(row.keys() - names for row in rows):
        raise ValueError("has pass more field without dynamic schema, please check it")
    return data


# From columns to rows.


def stored_values(data: schema_pb2.FieldData) -> list[Any]:
    if data.WhichOneof("field") == "vectors":
        return stored_vectors(data.vectors)
    values = scalar_values(data.scalars)
    if data.type == DataType.Array:
        return [scalar_values(value) for value in values]
    # Until 3.0.0 a JSON field is answered as the text that it holds.
    return [value.decode() for value in values] if data.type == DataType.JSON else values


def scalar_values(scalars: schema_pb2.ScalarField) -> list[Any]:
    slot = scalars.WhichOneof("data")
    values: list[Any] = list(getattr(scalars, slot).data) if slot else []
    return [shortest(value) for value in values] if slot == "float_data" else values


def stored_vectors(vectors: schema_pb2.VectorField) -> list[Any]:
    slot = vectors.WhichOneof("data")
    if slot == "float_vector":
        flat = [shortest(value) for value in vectors.float_vector.data]
        return [flat[at : at + vectors.dim] for at in range(0, len(flat), vectors.dim)]
    if slot == "sparse_float_vector":
        rows = vectors.sparse_float_vector.contents
        return [{str(index): shortest(weight) for index, weight in struct.iter_unpack("<If", row)} for row in rows]
    width, content = 1, b""
    for name, bits in BYTE_VECTORS.values():
        if name == slot:
            width, content = vectors.dim * bits // 8, getattr(vectors, name)
    strings = [content[at : at + width] for at in range(0, len(content), width)]
    if slot == "int8_vector":
        return [list(struct.unpack(f"{width}b", string)) for string in strings]
    return [base64.b64encode(string).decode() for string in strings]


def stored_rows(results: milvus_pb2.QueryResults, wanted: list[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for data in results.fields_data:
        values = stored_values(data)
        if data.valid_data and len(values) == len(data.valid_data):
            values = [value if valid else None for value, valid in zip(values, data.valid_data, strict=True)]
        elif data.valid_data:
            compact = iter(values)
            values = [next(compact) if valid else None for valid in data.valid_data]
        rows = rows or [{} for _ in values]
        for row, value in zip(rows, values, strict=True):
            if not data.is_dynamic:
                row[data.field_name] = value
                continue
            extras = json.loads(value or "{}")
            whole = {"*", "$meta"} & set(wanted)
            row.update((name, extras[name]) for name in extras if name not in row and (whole or name in wanted))
    return rows


# Schemas.


def described_field(field: schema_pb2.FieldSchema) -> dict[str, Any]:
    described = {
        "name": field.name,
        "id": field.fieldID,
        "type": type_name(field.data_type),
        "primaryKey": field.is_primary_key,
        "partitionKey": field.is_partition_key,
        "clusteringKey": field.is_clustering_key,
        "autoId": field.autoID,
        "description": field.description,
        "nullable": field.nullable,
    }
    if field.HasField("default_value"):
        # As encoding/json prints the Go struct of a protobuf message with a oneof.
        slot = field.default_value.WhichOneof("data")
        value: Any = getattr(field.default_value, slot) if slot else None
        if slot == "bytes_data":
            value = base64.b64encode(value).decode()
        data = {"".join(map(str.title, slot.split("_"))): shortest(value) if slot == "float_data" else value}
        described["defaultValue"] = {"Data": data if slot else None}
    if field.is_function_output:
        described["isFunctionOutput"] = True
    if field.type_params:
        described["params"] = unpaired(field.type_params)
    if field.data_type == DataType.Array:
        described["elementType"] = type_name(field.element_type)
    return described


def described_function(function: schema_pb2.FunctionSchema) -> dict[str, Any]:
    return {
        "name": function.name,
        "description": function.description,
        "type": function.type,
        "id": function.id,
        "inputFieldNames": list(function.input_field_names),
        "outputFieldNames": list(function.output_field_names),
        "params": unpaired(function.params),
    }


def described_index(index: milvus_pb2.IndexDescription) -> dict[str, Any]:
    params = {pair.key: pair.value for pair in index.params}
    return {
        "indexName": index.index_name,
        "fieldName": index.field_name,
        "indexType": params.get("index_type", ""),
        "metricType": params.get("metric_type", ""),
        "indexState": common_pb2.IndexState.Name(index.state),
        "totalRows": index.total_rows,
        "indexedRows": index.indexed_rows,
        "pendingRows": index.pending_index_rows,
        "failReason": index.index_state_fail_reason,
        "params": unpaired(index.params),
    }


def default_value(kind: int, value: Any) -> schema_pb2.ValueField:
    slot = SCALAR_ARRAYS[kind][0]
    if kind == DataType.JSON:
        return schema_pb2.ValueField(bytes_data=json.dumps(value).encode())
    return schema_pb2.ValueField(**{slot: value})


def schema_from(body: dict[str, Any]) -> schema_pb2.CollectionSchema:
    given = body["schema"]
    functions = [
        schema_pb2.FunctionSchema(
            name=function["name"],
            description=function.get("description", ""),
            type=schema_pb2.FunctionType.Value(function["type"]),
            input_field_names=function.get("inputFieldNames", []),
            output_field_names=function.get("outputFieldNames", []),
            params=pairs(function.get("params")),
        )
        for function in given.get("functions", [])
    ]
    outputs = {name for function in functions for name in function.output_field_names}
    fields = []
    for field in given["fields"]:
        kind = DataType.Value(field["dataType"])
        primary = field.get("isPrimary", False)
        made = schema_pb2.FieldSchema(
            name=field["fieldName"],
            description=field.get("description", ""),
            data_type=kind,
            element_type=DataType.Value(field.get("elementDataType") or "None"),
            type_params=pairs(field.get("elementTypeParams")),
            is_primary_key=primary,
            autoID=primary and given.get("autoID", False),
            is_partition_key=field.get("isPartitionKey", False),
            is_clustering_key=field.get("isClusteringKey", False),
            nullable=field.get("nullable", False),
            is_function_output=field["fieldName"] in outputs,
        )
        if field.get("defaultValue") is not None:
            made.default_value.CopyFrom(default_value(kind, field["defaultValue"]))
        fields.append(made)
    return schema_pb2.CollectionSchema(
        name=body["collectionName"],
        description=body.get("description", ""),
        autoID=given.get("autoID", False),
        enable_dynamic_field=given.get("enableDynamicField", False),
        fields=fields,
        functions=functions,
    )


# What bodies call the fields of requests.
REQUEST_FIELDS = {
    "dbName": "db_name",
    "collectionName": "collection_name",
    "partitionName": "partition_name",
    "partitionNames": "partition_names",
    "aliasName": "alias",
    "indexName": "index_name",
    "filter": "expr",
}
Body = dict[str, Any]


class Gateway:
    """The connection to Milvus, and the calls that take more than one step."""

    def __init__(self, uri: str) -> None:
        options = [
            ("grpc.max_send_message_length", MESSAGE_BYTES),
            ("grpc.max_receive_message_length", MESSAGE_BYTES),
            ("grpc.enable_http_proxy", 0),
            # A server that was killed and started again is to be found soon.
            ("grpc.max_reconnect_backoff_ms", 500),
        ]
        channel = grpc.insecure_channel(uri.removeprefix("http://"), options=options)
        self.stub = milvus_pb2_grpc.MilvusServiceStub(channel)

    def call(self, name: str, body: Body, **members: Any) -> Any:
        """Forwards what the request and the body have in common, and the members given."""
        kind = getattr(milvus_pb2, f"{name}Request")
        known = kind.DESCRIPTOR.fields_by_name
        given = {field: body[key] for key, field in REQUEST_FIELDS.items() if field in known and key in body}
        try:
            response = getattr(self.stub, name)(kind(**{**given, **members}), timeout=120)
        except grpc.RpcError as error:
            code = UNAVAILABLE if error.code() == grpc.StatusCode.UNAVAILABLE else UNEXPECTED
            raise RefusedError(code, error.details() or str(error.code())) from None
        status = response if isinstance(response, common_pb2.Status) else response.status
        if code := status.code or status.error_code:
            raise RefusedError(code, status.reason)
        return response

    @functools.cached_property
    def version(self) -> str:
        return self.call("GetVersion", {}).version

    def check_database(self, name: str) -> None:
        if name != "default" and name not in self.call("ListDatabases", {}).db_names:
            raise RefusedError(DATABASE_NOT_FOUND, f"database not found, database: {name}")

    def describe_collection(self, body: Body) -> Any:
        found = self.call("DescribeCollection", body)
        schema = found.schema
        data = {
            "collectionName": found.collection_name,
            "collectionID": found.collectionID,
            "description": schema.description,
            "autoId": any(field.autoID for field in schema.fields if field.is_primary_key),
            "fields": [described_field(field) for field in schema.fields if field.name != "$meta"],
            "functions": [described_function(function) for function in schema.functions],
            "aliases": [],
            "indexes": [],
            "load": "",
            "shardsNum": found.shards_num,
            "partitionsNum": found.num_partitions,
            "consistencyLevel": common_pb2.ConsistencyLevel.Name(found.consistency_level),
            "enableDynamicField": schema.enable_dynamic_field,
            "properties": unpaired(found.properties),
        }
        vector = next((field.name for field in schema.fields if field.data_type in VECTORS), "")
        others: dict[str, Callable[[], Any]] = {
            "load": lambda: common_pb2.LoadState.Name(self.call("GetLoadState", body).state),
            "indexes": lambda: [
                {key: index[key] for key in ("indexName", "fieldName", "metricType")}
                for index in self.indexes(body, field_name=vector)
            ],
            "aliases": lambda: list(self.call("ListAliases", body).aliases),
        }
        message = ""
        for key, value in others.items():
            # These may fail without failing the whole.
            try:
                data[key] = value()
            except RefusedError as error:
                message += f"{error};"
        return Answer(data, message)

    def create_collection(self, body: Body) -> Any:
        names = {"ttlSeconds": "collection.ttl.seconds", "partitionKeyIsolation": "partitionkey.isolation"}
        try:
            params = body.get("params") or {}
            schema = schema_from(body)
            level = common_pb2.ConsistencyLevel.Value(params.get("consistencyLevel", "Bounded"))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RefusedError(INVALID_PARAMETER, f"invalid schema: {error!r}") from None
        partitioned = any(field.is_partition_key for field in schema.fields)
        self.call(
            "CreateCollection",
            body,
            schema=schema.SerializeToString(),
            shards_num=params.get("shardsNum", 1),
            num_partitions=params.get("partitionsNum", 64 if partitioned else 0),
            consistency_level=level,
            properties=pairs({names[key]: params[key] for key in names if key in params}),
        )
        if body.get("indexParams"):
            self.create_index(body)
            self.load_collection(body)

    def load_collection(self, body: Body) -> Any:
        if self.version.startswith("v2.3."):
            fields = self.call("DescribeCollection", body).schema.fields
            if any(field.data_type in FATAL_TO_2_3 for field in fields):
                raise RefusedError(INVALID_PARAMETER, "the collection has a field of a type that is not supported")
        self.call("LoadCollection", body)

    def load_state(self, body: Body) -> Any:
        state = self.call("GetLoadState", body).state
        if state == common_pb2.LoadState.LoadStateNotExist:
            raise RefusedError(COLLECTION_NOT_FOUND, f"collection not found[collection={body['collectionName']}]")
        if state == common_pb2.LoadState.LoadStateNotLoad:
            return {"loadState": "LoadStateNotLoad"}
        progress = self.call("GetLoadingProgress", body).progress
        name = "LoadStateLoaded" if progress >= 100 else "LoadStateLoading"
        return Answer({"loadState": name, "loadProgress": progress}, "")

    def indexes(self, body: Body, **members: str) -> list[dict[str, Any]]:
        return [described_index(index) for index in self.call("DescribeIndex", body, **members).index_descriptions]

    def create_index(self, body: Body) -> Any:
        for index in body["indexParams"]:
            extra = {"index_type": "indexType", "metric_type": "metricType", "params": "params"}
            self.call(
                "CreateIndex",
                body,
                field_name=index.get("fieldName", ""),
                index_name=index.get("indexName", ""),
                extra_params=pairs({key: index[name] for key, name in extra.items() if index.get(name)}),
            )

    def describe_alias(self, body: Body) -> Any:
        found = self.call("DescribeAlias", body)
        database = found.db_name or body["dbName"]
        return {"dbName": database, "collectionName": found.collection, "aliasName": found.alias}

    def query(self, body: Body) -> Any:
        wanted = body.get("outputFields") or ["*"]
        window: dict[str, Any] = {}
        if wanted != ["count(*)"]:
            # Milvus answers in the order of the keys; Milvus Lite does so to an iterator only.
            window = {"limit": body.get("limit") or 100, "offset": body.get("offset", 0), "iterator": "True"}
        # Strong whatever the body asks for: tests read what they have just written.
        level = common_pb2.ConsistencyLevel.Strong
        results = self.call("Query", body, output_fields=wanted, query_params=pairs(window), consistency_level=level)
        return stored_rows(results, wanted)

    def delete(self, body: Body) -> Any:
        # Milvus Lite takes an empty filter for "everything".
        if not str(body["filter"]).strip():
            raise RefusedError(MISSING_PARAMETER, "missing required parameters, error: filter is required")
        return {"deleteCount": self.call("Delete", body).delete_cnt}

    def upsert(self, body: Body) -> Any:
        schema = self.call("DescribeCollection", body).schema
        rows = body["data"]
        try:
            if not rows:
                raise ValueError("missing required parameters")
            data = columns(schema, rows)
        except ValueError as error:
            raise RefusedError(INVALID_DATA, f"fail to deal the insert data, error: {error}") from None
        if schema.enable_dynamic_field and self.version.startswith("milvus_lite"):
            # Milvus Lite merges the dynamic members with those that the stored row has; Milvus replaces the row. The
            # first call shows that the rows are taken, before those that they replace are gone.
            self.call("Upsert", body, fields_data=data, num_rows=len(rows))
            primary = next(field.name for field in schema.fields if field.is_primary_key)
            keys = next((scalar_values(made.scalars) for made in data if made.field_name == primary), [])
            self.call("Delete", body, expr=f"{primary} in [{','.join(map(literal, keys))}]")
        written = self.call("Upsert", body, fields_data=data, num_rows=len(rows))
        slot = written.IDs.WhichOneof("id_field")
        return {"upsertCount": written.upsert_cnt, "upsertIds": list(getattr(written.IDs, slot).data) if slot else []}


class Answer(NamedTuple):
    """Data that is accompanied by what went wrong on the way, which may be nothing."""

    data: Any
    message: str


Method = Callable[[Gateway, Body], Any]


def plain(name: str) -> Method:
    def method(gateway: Gateway, body: Body) -> None:
        gateway.call(name, body)

    return method


def listing(name: str, field: str) -> Method:
    return lambda gateway, body: list(getattr(gateway.call(name, body), field))


def has(name: str) -> Method:
    return lambda gateway, body: {"has": gateway.call(name, body).value}


def flush(gateway: Gateway, body: Body) -> None:
    gateway.call("Flush", body, collection_names=[body["collectionName"]])


def alter_properties(gateway: Gateway, body: Body) -> None:
    gateway.call("AlterCollection", body, properties=pairs(body.get("properties")))


COLLECTION = ("collectionName",)
# The methods by path, and the members that a body has to have.
ROUTES: dict[str, tuple[Method, tuple[str, ...]]] = {
    "/collections/list": (listing("ShowCollections", "collection_names"), ()),
    "/collections/has": (has("HasCollection"), COLLECTION),
    "/collections/describe": (Gateway.describe_collection, COLLECTION),
    "/collections/create": (Gateway.create_collection, ("collectionName", "schema")),
    "/collections/drop": (plain("DropCollection"), COLLECTION),
    "/collections/load": (Gateway.load_collection, COLLECTION),
    "/collections/release": (plain("ReleaseCollection"), COLLECTION),
    "/collections/get_load_state": (Gateway.load_state, COLLECTION),
    "/collections/flush": (flush, COLLECTION),
    "/collections/alter_properties": (alter_properties, COLLECTION),
    "/partitions/list": (listing("ShowPartitions", "partition_names"), COLLECTION),
    "/partitions/has": (has("HasPartition"), ("collectionName", "partitionName")),
    "/partitions/create": (plain("CreatePartition"), ("collectionName", "partitionName")),
    "/indexes/list": (lambda gateway, body: [index["indexName"] for index in gateway.indexes(body)], COLLECTION),
    "/indexes/describe": (Gateway.indexes, ("collectionName", "indexName")),
    "/indexes/create": (Gateway.create_index, ("collectionName", "indexParams")),
    "/aliases/list": (listing("ListAliases", "aliases"), ()),
    "/aliases/create": (plain("CreateAlias"), ("collectionName", "aliasName")),
    "/aliases/alter": (plain("AlterAlias"), ("collectionName", "aliasName")),
    "/aliases/drop": (plain("DropAlias"), ("aliasName",)),
    "/aliases/describe": (Gateway.describe_alias, ("aliasName",)),
    "/entities/query": (Gateway.query, COLLECTION),
    "/entities/delete": (Gateway.delete, ("collectionName", "filter")),
    "/entities/upsert": (Gateway.upsert, ("collectionName", "data")),
}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, arguments: argparse.Namespace) -> None:
        super().__init__(("127.0.0.1", arguments.port), Handler)
        self.gateway = Gateway(arguments.milvus)
        self.token: str | None = arguments.token
        self.v1_only: bool = arguments.v1_only
        self.lock = threading.Lock()
        self.log: pathlib.Path | None = arguments.log
        self.faults: dict[str, list[int]] = {}
        for path, code, count in arguments.fault:
            self.faults.setdefault(path.removeprefix(PREFIX), []).extend([int(code)] * int(count))
        if arguments.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*arguments.tls)
            context.set_alpn_protocols(["http/1.1"])
            if arguments.client_ca:
                context.load_verify_locations(arguments.client_ca)
                context.verify_mode = ssl.CERT_REQUIRED
            # The handshake is left to the connection's own thread, for a slow client would stop all others.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Connections that clients break off are nothing to tell.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def next_fault(self, path: str) -> int | None:
        with self.lock:
            codes = self.faults.get(path)
            return codes.pop(0) if codes else None


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def do_GET(self) -> None:
        self.answer(self.read())

    def do_POST(self) -> None:
        self.answer(self.read())

    def handle_expect_100(self) -> bool:
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def read(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        else:
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
        if self.server.log:
            encoding = self.headers.get("Accept-Encoding", "-").replace(" ", "")
            with self.server.lock, self.server.log.open("a") as log:
                print(self.command, self.path, self.client_address[1], encoding, len(body), file=log)
        return body

    def answer(self, body: bytes) -> None:
        # A client that takes this server for its proxy sends the whole URL.
        target = urlsplit(self.path).path
        v1 = self.server.v1_only and (self.command, target) == ("GET", "/v1/vector/collections")
        path = target.removeprefix(PREFIX)
        v2 = not self.server.v1_only and self.command == "POST" and path != target and path in ROUTES
        if not v1 and not v2:
            self.send(404, b"404 page not found", "text/plain")
        elif self.server.token and self.headers.get("Authorization") != f"Bearer {self.server.token}":
            self.send_json(401, {"code": UNAUTHENTICATED, "message": "user hasn't authenticated"})
        elif v1:
            self.send_json(200, {"code": 200, "data": []})
        elif (code := self.server.next_fault(path)) is not None:
            self.send_json(200, {"code": code, "message": "injected"})
        else:
            self.send_json(200, self.outcome(path, body))

    def outcome(self, path: str, body: bytes) -> dict[str, Any]:
        method, required = ROUTES[path]
        try:
            members = read_body(body)
            if missing := [name for name in required if members.get(name) in (None, "")]:
                message = f"missing required parameters, error: {', '.join(missing)} is required"
                raise RefusedError(MISSING_PARAMETER, message)
            members["dbName"] = members.get("dbName") or "default"
            self.server.gateway.check_database(members["dbName"])
            data = method(self.server.gateway, members)
            if isinstance(data, Answer):
                return {"code": 0, "data": data.data, "message": data.message}
            return {"code": 0, "data": {} if data is None else data}
        except RefusedError as error:
            return {"code": error.code, "message": str(error)}
        except (AttributeError, TypeError) as error:
            # A member of another type than the request has.
            return {"code": NOT_JSON, "message": f"can only accept json format request, error: {error}"}

    def send_json(self, status: int, answer: dict[str, Any]) -> None:
        self.send(status, json.dumps(answer, ensure_ascii=False).encode(), "application/json; charset=utf-8")

    def send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("milvus", metavar="MILVUS_URI", help="http://HOST:PORT of its gRPC")
    parser.add_argument("--token", help="what every call has to carry as `Authorization: Bearer TOKEN`")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"), help="speak HTTPS, with these PEM files")
    parser.add_argument("--client-ca", metavar="CA", help="with --tls: demand certificates of clients")
    parser.add_argument("--v1-only", action="store_true", help="have no /v2 path, as Milvus 2.3")
    log_help = "append `method path client-port accept-encoding body-bytes` for each request"
    parser.add_argument("--log", type=pathlib.Path, metavar="FILE", help=log_help)
    fault_help = "answer the first COUNT calls of PATH with CODE"
    parser.add_argument(
        "--fault", nargs=3, action="append", default=[], metavar=("PATH", "CODE", "COUNT"), help=fault_help
    )
    with contextlib.suppress(KeyboardInterrupt):
        Server(parser.parse_args()).serve_forever()


if __name__ == "__main__":
    main()
