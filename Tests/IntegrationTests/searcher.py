#!/usr/bin/env python3
"""Searches an alias over and over, as a service would, until its input ends.

usage: searcher.py URI ALIAS ROWS

Every search asks for the nearest ROWS rows. A line of JSON says how many rows came, how many different keys they have, and
the names in the field `collection` of those rows, or the error; the same answer again adds no line. The last line is the
number of searches.
"""

import json
import sys
import threading

from pymilvus import MilvusClient


def main() -> None:
    uri, alias, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    client = MilvusClient(uri)
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    searches, last = 0, None
    while not ended.is_set():
        searches += 1
        try:
            (hits,) = client.search(
                alias,
                [[0.5, 0.5]],
                limit=rows,
                output_fields=["collection"],
                search_params={"params": {"nprobe": 16}},
            )
            names = sorted({hit["entity"]["collection"] for hit in hits})
            answer = {"hits": len(hits), "keys": len({hit["id"] for hit in hits}), "collections": names}
        except Exception as error:  # noqa: BLE001 - whatever it is, the search has failed
            answer = {"error": str(error)}
        if answer != last:
            print(json.dumps(answer), flush=True)
        last = answer
    print(json.dumps({"searches": searches}))


main()
