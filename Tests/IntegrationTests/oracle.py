#!/usr/bin/env python3
"""Looks at a Milvus through its own client, independently of milvus-backfill.

usage: oracle.py URI create COLLECTION SCHEMA_JSON   makes a collection, indexed and loaded
       oracle.py URI unloaded COLLECTION TYPE        makes one with the fields id, x of that type, and a vector that is needed
       oracle.py URI rows COLLECTION                 prints every row as one JSON object a line
       oracle.py URI upsert COLLECTION ROWS_JSON     writes rows
       oracle.py URI delete COLLECTION KEYS_JSON     deletes rows
       oracle.py URI count COLLECTION                prints the exact number of rows
       oracle.py URI exists COLLECTION                prints true or false
       oracle.py URI describe COLLECTION             prints its schema, settings and indexes
       oracle.py URI partitions COLLECTION           prints the names of its partitions, one a line
       oracle.py URI forget COLLECTION PARTITION     drops a partition
       oracle.py URI release COLLECTION              takes it out of the server's memory
       oracle.py URI drop COLLECTION
       oracle.py URI alias NAME                      prints the collection that the alias stands for, or nothing
       oracle.py URI set-alias COLLECTION NAME       makes an alias, or moves it
       oracle.py URI database NAME                   makes a database

Database, token and TLS files come from MILVUS_DATABASE, MILVUS_TOKEN, MILVUS_CA, MILVUS_CERTIFICATE, MILVUS_KEY.
"""

import base64
import json
import os
import sys

import grpc
from pymilvus import DataType, MilvusClient, MilvusException
from pymilvus.grpc_gen import milvus_pb2, milvus_pb2_grpc, schema_pb2


def connect(uri: str) -> MilvusClient:
    options: dict[str, object] = {}
    if database := os.environ.get("MILVUS_DATABASE"):
        options["db_name"] = database
    if token := os.environ.get("MILVUS_TOKEN"):
        options["token"] = token
    if ca := os.environ.get("MILVUS_CA"):
        options |= {"secure": True, "server_name": "localhost", "ca_pem_path": ca}
        options |= {"client_pem_path": os.environ["MILVUS_CERTIFICATE"], "client_key_path": os.environ["MILVUS_KEY"]}
    return MilvusClient(uri, **options)


def create(client: MilvusClient, collection: str, definition: dict) -> None:
    if client.has_collection(collection):
        client.drop_collection(collection)
    schema = client.create_schema(auto_id=definition.get("autoID", False), enable_dynamic_field=definition.get("dynamic", False))
    for field in definition["fields"]:
        arguments = dict(field)
        arguments["datatype"] = DataType[arguments.pop("type")]
        if "element_type" in arguments:
            arguments["element_type"] = DataType[arguments["element_type"]]
        schema.add_field(arguments.pop("name"), **arguments)
    index = client.prepare_index_params()
    for field in definition["fields"]:
        if field["type"] == "FLOAT_VECTOR":
            index.add_index(field["name"], index_type="FLAT", metric_type="L2")
    client.create_collection(collection, schema=schema, index_params=index, consistency_level="Strong")
    client.load_collection(collection)


def create_unloaded(client: MilvusClient, collection: str, type_name: str) -> None:
    """By raw gRPC, since the client makes no collections that only few servers have."""
    number = int(type_name) if type_name.isdigit() else schema_pb2.DataType.Value(type_name)
    field = schema_pb2.FieldSchema(name="x", data_type=number)
    vector = schema_pb2.FieldSchema(name="embedding", data_type=schema_pb2.DataType.FloatVector)
    for each in (field, vector):
        each.type_params.add(key="dim", value="8" if each is field else "2")
    key = schema_pb2.FieldSchema(name="id", data_type=schema_pb2.DataType.Int64, is_primary_key=True)
    # This server takes two vectors only if it does not know one of them.
    only_vector = type_name in ("Float16Vector", "BinaryVector")
    schema = schema_pb2.CollectionSchema(name=collection, fields=[key, field] if only_vector else [key, field, vector])
    if client.has_collection(collection):
        client.drop_collection(collection)
    uri = sys.argv[1].removeprefix("http://")
    with grpc.insecure_channel(uri) as channel:
        request = milvus_pb2.CreateCollectionRequest(
            collection_name=collection, schema=schema.SerializeToString(), shards_num=1
        )
        status = milvus_pb2_grpc.MilvusServiceStub(channel).CreateCollection(request)
    if status.code or status.error_code:
        sys.exit(status.reason)


def plain(value: object) -> object:
    """Values as JSON; bytes, which only binary fields give, as base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (str, bool, int, float)) or value is None:
        return value
    if hasattr(value, "tolist"):
        return value.tolist()
    return [plain(inner) for inner in value]


def rows(client: MilvusClient, collection: str) -> None:
    client.load_collection(collection)
    iterator = client.query_iterator(collection, batch_size=2000, output_fields=["*"], consistency_level="Strong")
    while batch := iterator.next():
        for row in batch:
            print(json.dumps(plain(dict(row)), allow_nan=False))
    iterator.close()


def count(client: MilvusClient, collection: str) -> None:
    client.load_collection(collection)
    print(client.query(collection, output_fields=["count(*)"], consistency_level="Strong")[0]["count(*)"])


def describe(client: MilvusClient, collection: str) -> dict:
    description = client.describe_collection(collection)
    indexes = [client.describe_index(collection, name) for name in client.list_indexes(collection)]
    return json.loads(json.dumps(description | {"indexes": indexes}, default=str))


def main() -> None:
    uri, command, collection = sys.argv[1:4]
    client = connect(uri)
    match command:
        case "database":
            if collection not in client.list_databases():
                client.create_database(collection)
        case "create":
            create(client, collection, json.loads(sys.argv[4]))
        case "unloaded":
            create_unloaded(client, collection, sys.argv[4])
        case "rows":
            rows(client, collection)
        case "upsert":
            client.upsert(collection, json.loads(sys.argv[4]))
        case "delete":
            client.delete(collection, ids=json.loads(sys.argv[4]))
        case "count":
            count(client, collection)
        case "exists":
            print(json.dumps(client.has_collection(collection)))
        case "drop":
            client.drop_collection(collection)
        case "alias":
            try:
                print(client.describe_alias(collection)["collection_name"])
            except MilvusException:
                pass
        case "set-alias":
            try:
                client.create_alias(collection, sys.argv[4])
            except MilvusException:
                client.alter_alias(collection, sys.argv[4])
        case "describe":
            print(json.dumps(describe(client, collection)))
        case "partitions":
            print("\n".join(client.list_partitions(collection)))
        case "forget":
            client.release_collection(collection)
            client.drop_partition(collection, sys.argv[4])
        case "release":
            client.release_collection(collection)
        case _:
            sys.exit(f"unknown command {command}")


main()
