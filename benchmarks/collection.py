"""Makes, checks and drops the collection that the benchmarks fill."""

import argparse
import sys
import time

from pymilvus import DataType, MilvusClient


def index_parameters(client: MilvusClient, kind: str) -> object:
    parameters = client.prepare_index_params()
    options = {"M": 16, "efConstruction": 200} if kind == "HNSW" else {}
    parameters.add_index("embedding", index_type=kind, metric_type="COSINE", index_name="embedding", params=options)
    return parameters


def create(client: MilvusClient, name: str, dimension: int, index: str) -> None:
    """An empty collection with an index, not loaded."""
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("title", DataType.VARCHAR, max_length=256)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=dimension)
    client.drop_collection(name)
    client.create_collection(name, schema=schema)
    client.create_index(name, index_parameters(client, index))


def stored_rows(client: MilvusClient, name: str, server: str, deadline: float) -> int:
    if server == "lite":
        return int(client.query(name, output_fields=["count(*)"], consistency_level="Strong")[0]["count(*)"])
    # The full server counts only what is loaded, and loading would build the index, which takes far
    # longer than the run. The statistics are exact after a flush here, since no key is written twice;
    # a row that was sent twice shows as one row too many. Without the index the flush starts no build
    # that would disturb the next run.
    client.release_collection(name)
    client.drop_index(name, "embedding")
    client.flush(name)
    rows = -1
    while time.monotonic() < deadline:
        before, rows = rows, int(client.get_collection_stats(name)["row_count"])
        if rows == before:
            break
        time.sleep(1)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["create", "load", "check", "drop"])
    parser.add_argument("--uri", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--server", choices=["lite", "full"], default="lite")
    parser.add_argument("--dim", type=int)
    parser.add_argument("--index", choices=["HNSW", "FLAT"], default="HNSW")
    parser.add_argument("--rows", type=int, help="number of rows that must be there")
    parser.add_argument("--timeout", type=int, default=120, help="seconds that a check may take")
    arguments = parser.parse_args()

    client = MilvusClient(arguments.uri)
    match arguments.action:
        case "create":
            create(client, arguments.name, arguments.dim, arguments.index)
        case "load":
            client.load_collection(arguments.name)
        case "check":
            deadline = time.monotonic() + arguments.timeout
            rows = stored_rows(client, arguments.name, arguments.server, deadline)
            if rows != arguments.rows:
                print(f"{arguments.name} holds {rows} rows, not {arguments.rows}", file=sys.stderr)
                return 1
        case "drop":
            client.drop_collection(arguments.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
