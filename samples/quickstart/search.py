#!/usr/bin/env python3
"""Shows what a Milvus collection holds: its exact count, and the nearest neighbours of given packages.

It uses the official client, not milvus-backfill, so that it is a second opinion on what was loaded.
"""
import argparse
import json
import logging
import sys

from pymilvus import MilvusClient, MilvusException

WIDTH = 100
NEIGHBOURS = 5


def fit(text, width):
    return text if len(text) <= width else text[:width - 1] + "…"


def show(client, collection, name):
    # A string in JSON form is a string literal in Milvus' filter language, too.
    found = client.query(collection, filter=f"name == {json.dumps(name, ensure_ascii=False)}",
                         output_fields=["name", "synopsis", "embedding"], consistency_level="Strong")
    if not found:
        sys.exit(f"The collection {collection} has no package named {name}.")
    # The package itself is its own nearest neighbour, hence one more.
    hits = client.search(collection, data=[found[0]["embedding"]], anns_field="embedding", limit=NEIGHBOURS + 1,
                         search_params={"metric_type": "COSINE"}, output_fields=["name", "synopsis"],
                         consistency_level="Strong")[0]
    rows = [(hit["entity"]["name"], hit["distance"], hit["entity"]["synopsis"]) for hit in hits]
    rows = [row for row in rows if row[0] != name][:NEIGHBOURS]
    column = min(max([len(row[0]) for row in rows], default=0), 36)
    print(fit(f"\nNearest to {name} ({found[0]['synopsis']})", WIDTH))
    for other, similarity, synopsis in rows:
        print(f"  {fit(other, column):{column}}  {similarity:.3f}  {fit(synopsis, WIDTH - column - 11)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("uri", help="for example http://localhost:19530")
    parser.add_argument("collection")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a package whose neighbours to show")
    parser.add_argument("--expect", type=int, metavar="N", help="fail if the count is not N")
    options = parser.parse_args()
    # The client logs each error before it raises it; one sentence is enough here.
    logging.disable(logging.CRITICAL)

    try:
        client = MilvusClient(options.uri, timeout=20)
        if not client.has_collection(options.collection):
            sys.exit(f"There is no collection {options.collection} at {options.uri}.")
        # Milvus searches loaded collections only, and Milvus Lite forgets over a restart which ones were.
        client.load_collection(options.collection)
        # Strong: the count must see every write that was acknowledged before.
        count = client.query(options.collection, filter="", output_fields=["count(*)"],
                             consistency_level="Strong")[0]["count(*)"]
        print(f"{options.collection} holds {count:,} records.")
        if options.expect is not None and count != options.expect:
            sys.exit(f"Expected {options.expect:,} records in {options.collection}, found {count:,}.")
        for name in options.names:
            show(client, options.collection, name)
    except MilvusException as error:
        sys.exit(f"Milvus at {options.uri} did not answer as hoped: {error.message}")


if __name__ == "__main__":
    main()
