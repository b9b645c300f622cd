#!/usr/bin/env python3
"""A Milvus that fails as it is told: passes every call on to a real one, and answers some of the writes itself.

usage: fault_injector.py PORT MILVUS_URI FAULT[,FAULT...] TIMES

TIMES writes (Upsert and Delete) are answered with the first FAULT, as many with the next one, the others are passed on;
TIMES -1 means all. FAULT is one of
    code:CODE            a status with that code of merr, without the older one
    legacy:CODE          a status with that older code alone
    rpc:NAME             a status of gRPC, such as UNAVAILABLE
    too-large:BYTES      RESOURCE_EXHAUSTED, as a server says it, for every write of more than so many bytes
    late:SECONDS         the write is passed on, and its acknowledgement kept back for so long
    held:METHOD          calls of METHOD are not passed on, and answered only when the client is gone
    query:CODE           a query, in the place of a write, is answered with that code of merr
    recreated            after TIMES writes the collection has another id, as one has that was made again
    pass                 the write is passed on as any other
    lost                 the write is passed on, and its acknowledgement replaced by UNAVAILABLE
"""

import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from pymilvus.grpc_gen import common_pb2, milvus_pb2

SIZE = 256 << 20
OPTIONS = [
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_receive_message_length", SIZE),
    ("grpc.max_send_message_length", SIZE),
]
DESCRIPTION = "/milvus.proto.milvus.MilvusService/DescribeCollection"
QUERIES = ("/milvus.proto.milvus.MilvusService/Query",)
WRITES = ("/milvus.proto.milvus.MilvusService/Upsert", "/milvus.proto.milvus.MilvusService/Delete")


def untouched(data: bytes) -> bytes:
    return data


class Injector(grpc.GenericRpcHandler):
    def __init__(self, milvus: str, faults: list[str], times: int) -> None:
        self.channel = grpc.insecure_channel(milvus, options=OPTIONS)
        self.endless = times < 0
        self.recreates = faults == ["recreated"]
        self.held = faults[0].partition("held:")[2]
        self.faulty = QUERIES if faults[0].startswith("query:") else WRITES
        self.faults = [fault for fault in faults for _ in range(abs(times))]
        self.lock = threading.Lock()

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        method = details.method
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self.answer(method, request, context),
            request_deserializer=untouched,
            response_serializer=untouched,
        )

    def answer(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        if self.held and method.endswith(f"/{self.held}"):
            gone = threading.Event()
            context.add_callback(gone.set)
            gone.wait()
            context.abort(grpc.StatusCode.UNAVAILABLE, "injected")
        kind, _, argument = (self.next() if method in self.faulty else "").partition(":")
        match kind:
            case "code":
                return self.status(common_pb2.Status(code=int(argument), reason="injected"))
            case "legacy":
                return self.status(common_pb2.Status(error_code=int(argument), reason="injected"))
            case "query":
                status = common_pb2.Status(code=int(argument), reason="injected")
                return milvus_pb2.QueryResults(status=status).SerializeToString()
            case "rpc":
                context.abort(grpc.StatusCode[argument], "injected")
            case "too-large" if len(request) > int(argument):
                words = f"grpc: received message larger than max ({len(request)} vs. {argument})"
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, words)
            case "late":
                answer = self.passed_on(method, request, context)
                time.sleep(float(argument))
                return answer
            case "lost":
                self.passed_on(method, request, context)
                context.abort(grpc.StatusCode.UNAVAILABLE, "injected")
            case "" if self.recreates and method == DESCRIPTION and not self.faults:
                answer = milvus_pb2.DescribeCollectionResponse.FromString(self.passed_on(method, request, context))
                answer.collectionID += 1
                return answer.SerializeToString()
            case "" | "pass" | "too-large" | "recreated" | "held":
                return self.passed_on(method, request, context)
        raise ValueError(f"{kind} is none of the faults")

    def next(self) -> str:
        """The fault that the next write gets; nothing when there is none left."""
        with self.lock:
            if not self.faults:
                return ""
            return self.faults[0] if self.endless else self.faults.pop(0)

    def passed_on(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        call = self.channel.unary_unary(method, request_serializer=untouched, response_deserializer=untouched)
        try:
            return call(request, timeout=60)
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())

    @staticmethod
    def status(status: common_pb2.Status) -> bytes:
        return milvus_pb2.MutationResult(status=status).SerializeToString()


def main() -> None:
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    port, milvus, faults, times = sys.argv[1:]
    server = grpc.server(ThreadPoolExecutor(32), options=OPTIONS)
    server.add_generic_rpc_handlers((Injector(milvus.removeprefix("http://"), faults.split(","), int(times)),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    signal.signal(signal.SIGTERM, lambda *_: server.stop(None))
    server.wait_for_termination()


if __name__ == "__main__":
    main()
