#!/usr/bin/env python3
"""Looks at a Milvus through its own client, independently of milvus-backfill.

usage: oracle.py URI create COLLECTION SCHEMA_JSON   makes a collection, indexed and loaded
       oracle.py URI rows COLLECTION                 prints every row as one JSON object a line
       oracle.py URI count COLLECTION                prints the exact number of rows
       oracle.py URI exists COLLECTION                prints true or false
       oracle.py URI drop COLLECTION
       oracle.py URI database NAME                   makes a database

Database, token and TLS files come from MILVUS_DATABASE, MILVUS_TOKEN, MILVUS_CA, MILVUS_CERTIFICATE, MILVUS_KEY.
"""

import base64
import json
import os
import sys

from pymilvus import DataType, MilvusClient


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


def main() -> None:
    uri, command, collection = sys.argv[1:4]
    client = connect(uri)
    match command:
        case "database":
            if collection not in client.list_databases():
                client.create_database(collection)
        case "create":
            create(client, collection, json.loads(sys.argv[4]))
        case "rows":
            rows(client, collection)
        case "count":
            count(client, collection)
        case "exists":
            print(json.dumps(client.has_collection(collection)))
        case "drop":
            client.drop_collection(collection)
        case _:
            sys.exit(f"unknown command {command}")


main()
