#!/usr/bin/env python3
"""Random collections and records of all types, and whether what stands in Milvus afterwards is right in every bit.

usage: property.py URI make SEED SERVER PROTOCOL COLLECTION DUMP
           makes COLLECTION, which is for milvus-backfill to fill, and COLLECTION_twin, which gets the final rows from
           Milvus' own client; writes the records as lines to DUMP. For the recorder it only writes DUMP.
       property.py URI compare SEED SERVER PROTOCOL COLLECTION
           reads both collections and compares every value with the model. For the recorder, URI is the file OUT.
       property.py URI write SEED SERVER PROTOCOL COLLECTION [damaged]
           fills COLLECTION from the model without milvus-backfill, or with one bit turned over: proves the comparison.
       property.py recorder PORT SEED PROTOCOL OUT
           runs a stub of Milvus on 127.0.0.1:PORT that writes the rows which it got to OUT when it ends, on SIGTERM.

SERVER is what the collection is for: lite, full (2.3) or recorder. PROTOCOL is how it is going to be filled, grpc or
rest; URI is always that of gRPC. The same SEED, SERVER and PROTOCOL always give the same schema and records.
"""

import sys
from pathlib import Path

import property_store as store
from property_compare import Comparison
from property_model import Model
from property_recorder import recorded_rows, serve
from property_schema import SCALARS
from property_wire import WireError

SHOWN = 10


def make(uri: str, model: Model, collection: str, dump: str) -> None:
    text = "".join(line + "\n" for line in model.lines)
    Path(dump).write_bytes(text.encode())
    if model.target.server == "recorder":
        return
    client = store.MilvusClient(uri)
    for name in (collection, f"{collection}_twin"):
        store.create(client, name, model.schema)
    store.fill_twin(client, f"{collection}_twin", model)


def compare(uri: str, model: Model, collection: str) -> None:
    comparison = Comparison(model)
    if model.target.server == "recorder":
        comparison.compare(collection, recorded_rows(uri))
    else:
        for name in (collection, f"{collection}_twin"):
            try:
                rows = store.stored_rows(uri, name, model)
            except (WireError, store.RefusedError) as error:
                sys.exit(f"seed {model.seed}: the rows of {name} cannot be read: {error}")
            comparison.compare(name, rows, twin=name != collection)
    differences = comparison.differences
    print(
        f"seed {model.seed}: {len(model.rows)} rows, {len(model.schema.columns)} fields, "
        f"{comparison.values} values compared, {len(differences)} differences"
    )
    for difference in differences[:SHOWN]:
        print(difference)
    if differences:
        sys.exit(1)


def main() -> None:
    match sys.argv[1:]:
        case ["recorder", port, seed, protocol, output]:
            serve(int(port), Model.make(seed, "recorder", protocol), output)
        case [uri, command, seed, server, ("grpc" | "rest") as protocol, collection, *rest] if server in SCALARS:
            model = Model.make(seed, server, protocol)
            match command, rest:
                case "make", [dump]:
                    make(uri, model, collection, dump)
                case "compare", []:
                    compare(uri, model, collection)
                case "write", ([] | ["damaged"]):
                    print(f"damaged: {store.write(uri, collection, model, damage=bool(rest))}")
                case _:
                    sys.exit(__doc__)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
