"""A stub of Milvus that keeps what is upserted, for types that no other server in the tests holds.

It reads requests strictly: a column that is not as the schema and the protocol want it is refused, as a server does
or should.
"""

import ast
import json
import re
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from pymilvus.grpc_gen import common_pb2, milvus_pb2, milvus_pb2_grpc

import property_wire as wire
from property_model import Key, Model
from property_schema import Stored, message

MESSAGE_BYTES = 64 << 20
INVALID_PARAMETER = 1100
KEY_LIST = re.compile(r"\s*(\w+)\s+in\s*(\[.*\])\s*", re.DOTALL)


class Recorder(milvus_pb2_grpc.MilvusServiceServicer):
    def __init__(self, model: Model) -> None:
        self.schema = model.schema
        self.rows: dict[Key, dict[str, Stored]] = {}
        self.lock = threading.Lock()

    # The names of these methods are those of the generated base class.

    def Connect(self, request: Any, context: Any) -> Any:
        return milvus_pb2.ConnectResponse(server_info=common_pb2.ServerInfo(build_tags="v2.6.5"))

    def GetVersion(self, request: Any, context: Any) -> Any:
        return milvus_pb2.GetVersionResponse(version="v2.6.5")

    def DescribeCollection(self, request: Any, context: Any) -> Any:
        name = request.collection_name
        return milvus_pb2.DescribeCollectionResponse(
            schema=message(self.schema, name), collectionID=1, collection_name=name, shards_num=1, num_partitions=1
        )

    def GetLoadState(self, request: Any, context: Any) -> Any:
        return milvus_pb2.GetLoadStateResponse(state=common_pb2.LoadStateLoaded)

    def HasPartition(self, request: Any, context: Any) -> Any:
        return milvus_pb2.BoolResponse(value=True)

    def Upsert(self, request: Any, context: Any) -> Any:
        try:
            rows = self.decoded(request)
        except wire.WireError as error:
            print(f"refused: {error}", file=sys.stderr, flush=True)
            return milvus_pb2.MutationResult(status=refusal(str(error)))
        with self.lock:
            self.rows.update(rows)
        return milvus_pb2.MutationResult(upsert_cnt=len(rows), insert_cnt=len(rows), delete_cnt=len(rows))

    def Delete(self, request: Any, context: Any) -> Any:
        found = KEY_LIST.fullmatch(request.expr)
        if not found or found[1] != self.schema.key.name:
            return milvus_pb2.MutationResult(status=refusal(f"{request.expr!r} is no list of keys"))
        keys = ast.literal_eval(found[2])
        with self.lock:
            for key in keys:
                self.rows.pop(key, None)
        return milvus_pb2.MutationResult(delete_cnt=len(keys))

    def decoded(self, request: Any) -> dict[Key, dict[str, Stored]]:
        count = request.num_rows
        wire.check(count > 0, "num_rows is 0")
        wire.check(not request.partial_update, "the update is partial")
        names = [column.field_name for column in request.fields_data]
        wanted = [field.name for field in self.schema.columns]
        wire.check(sorted(names) == sorted(wanted), f"the columns are {names}, the fields {wanted}")
        columns = {column.field_name: column for column in request.fields_data}
        rows: list[dict[str, Stored]] = [{} for _ in range(count)]
        for field in self.schema.columns:
            try:
                values = wire.decode(columns[field.name], field, count, strict=True)
            except wire.WireError as error:
                raise wire.WireError(f"field {field.name} ({field.type}): {error}") from None
            for row, value in zip(rows, values, strict=True):
                row[field.name] = field.default if value is None else value
        key = self.schema.key.name
        keyed = {row[key]: row for row in rows}
        wire.check(len(keyed) == count, "a key is there twice, of which a server would store both rows")
        return keyed


def refusal(reason: str) -> common_pb2.Status:
    return common_pb2.Status(code=INVALID_PARAMETER, error_code=common_pb2.UnexpectedError, reason=reason)


def serve(port: int, model: Model, output: str) -> None:
    """Answers requests until SIGTERM, and writes the rows then."""
    options = [("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", MESSAGE_BYTES)]
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=options)
    recorder = Recorder(model)
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(recorder, server)
    if not server.add_insecure_port(f"127.0.0.1:{port}"):
        sys.exit(f"port {port} is in use")
    # Blocked in all threads, it is waited for instead of interrupting one of them.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    server.start()
    signal.sigwait({signal.SIGTERM})
    server.stop(grace=2).wait()
    with open(output, "w", encoding="utf-8") as file:
        json.dump([written(row) for row in recorder.rows.values()], file)


# Rows as JSON.


def written(value: Stored) -> Any:
    match value:
        case bytes():
            return {"bytes": value.hex()}
        case tuple():
            return {"tuple": [written(element) for element in value]}
        case dict():
            return {"items": [[key, written(item)] for key, item in value.items()]}
        case _:
            return value


def restored(value: Any) -> Stored:
    match value:
        case {"bytes": data}:
            return bytes.fromhex(data)
        case {"tuple": elements}:
            return tuple(restored(element) for element in elements)
        case {"items": items}:
            return {key: restored(item) for key, item in items}
        case _:
            return value


def recorded_rows(path: str) -> list[dict[str, Stored]]:
    with open(path, encoding="utf-8") as file:
        return [restored(row) for row in json.load(file)]
