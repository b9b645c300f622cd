"""The ceiling: what the server takes from a client that has nothing left to do.

All requests are serialised beforehand and then sent with a fixed number of calls in flight over
one gRPC channel. Only the sending is timed. All requests are held in memory, about
4 * dimension + 120 bytes a row, so the peak of memory says nothing about a loader.
"""

import argparse
import concurrent.futures
import pathlib
import threading
from typing import Any

import grpc
from dump_reader import Stopwatch, batches, lines
from pymilvus.grpc_gen import milvus_pb2, schema_pb2

UPSERT = "/milvus.proto.milvus.MilvusService/Upsert"


def request(collection: str, rows: list[dict[str, Any]]) -> bytes:
    ids = schema_pb2.FieldData(type=schema_pb2.DataType.Int64, field_name="id")
    ids.scalars.long_data.data.extend([row["id"] for row in rows])
    titles = schema_pb2.FieldData(type=schema_pb2.DataType.VarChar, field_name="title")
    titles.scalars.string_data.data.extend([row["title"] for row in rows])
    embeddings = schema_pb2.FieldData(type=schema_pb2.DataType.FloatVector, field_name="embedding")
    embeddings.vectors.dim = len(rows[0]["embedding"])
    for row in rows:
        embeddings.vectors.float_vector.data.extend(row["embedding"])
    upsert = milvus_pb2.UpsertRequest(
        collection_name=collection, fields_data=[ids, titles, embeddings], num_rows=len(rows)
    )
    return bytes(upsert.SerializeToString())


def send(address: str, requests: list[bytes], in_flight: int) -> None:
    options = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
    with grpc.insecure_channel(address, options=options) as channel:
        grpc.channel_ready_future(channel).result(timeout=30)
        upsert = channel.unary_unary(UPSERT, response_deserializer=milvus_pb2.MutationResult.FromString)
        remaining = iter(requests)
        lock = threading.Lock()

        def sender() -> None:
            while True:
                with lock:
                    body = next(remaining, None)
                if body is None:
                    return
                status = upsert(body, timeout=120).status
                if status.code != 0 or status.error_code != 0:
                    raise RuntimeError(f"upsert failed with code {status.code}: {status.reason}")

        with concurrent.futures.ThreadPoolExecutor(in_flight) as pool:
            for future in [pool.submit(sender) for _ in range(in_flight)]:
                future.result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dump", type=pathlib.Path, required=True)
    parser.add_argument("--address", required=True, help="HOST:PORT")
    parser.add_argument("--collection", required=True)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--in-flight", type=int, default=4)
    arguments = parser.parse_args()

    requests: list[bytes] = []
    rows = 0
    for batch in batches(lines(arguments.dump), arguments.batch):
        requests.append(request(arguments.collection, batch))
        rows += len(batch)
    watch = Stopwatch()
    send(arguments.address, requests, arguments.in_flight)
    print(watch.result(rows))


if __name__ == "__main__":
    main()
