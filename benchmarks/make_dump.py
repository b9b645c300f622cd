"""Writes a synthetic dump: JSON lines {"id", "title", "embedding"} in zstd frames with checksums."""

import argparse
import os
import pathlib
import re
from collections.abc import Iterator, Sequence

import numpy
import orjson
import zstandard

ROWS_AT_ONCE = 1000
UNITS = {"": 1, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "KB": 10**3, "MB": 10**6, "GB": 10**9}
# A few words are not ASCII, as in real titles, so that byte and character counts differ.
WORDS = (
    "account archive basin bridge café cargo census chart climate coast copper council crop data desert "
    "drift engine estimate fabric field forest garden glacier grain harbour history index island journal "
    "kernel ledger letter map market measure mineral model museum night northern orbit paper pattern plan "
    "plateau port quarry rail record region report river São school season signal station stone storage "
    "survey table theatre trade valley water winter Zürich"
).split()


def byte_count(text: str) -> int:
    match = re.fullmatch(r"(\d+)\s*([A-Za-z]*)", text)
    if match is None or match[2].upper() not in UNITS:
        raise argparse.ArgumentTypeError(f"not a size: {text!r}, write for example 8MiB")
    return int(match[1]) * UNITS[match[2].upper()]


def title(words: Sequence[int]) -> str:
    text = WORDS[words[0]]
    for word in words[1:]:
        if len(text) >= 95:
            break
        text += " " + WORDS[word]
    return text


def blocks(dimension: int, seed: int) -> Iterator[list[bytes]]:
    """Endless blocks of lines."""
    random = numpy.random.default_rng(seed)
    first = 0
    while True:
        vectors = random.standard_normal((ROWS_AT_ONCE, dimension), dtype=numpy.float32)
        vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
        words = random.integers(len(WORDS), size=(ROWS_AT_ONCE, 24)).tolist()
        yield [
            # orjson writes a float32 as the shortest decimal that reads back as the same float32.
            orjson.dumps(
                {"id": first + row, "title": title(words[row]), "embedding": vectors[row]},
                option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE,
            )
            for row in range(ROWS_AT_ONCE)
        ]
        first += ROWS_AT_ONCE


def write(
    path: pathlib.Path, dimension: int, rows: int | None, size: int | None, frame: int, seed: int
) -> dict[str, int]:
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True, write_content_size=True)
    partial = path.with_name(path.name + ".partial")
    written_rows = written_bytes = frames = 0

    def full() -> bool:
        return written_rows >= rows if rows is not None else written_bytes >= (size or 0)

    with partial.open("wb") as file:
        pending = bytearray()
        for lines in blocks(dimension, seed):
            for line in lines:
                if full():
                    break
                pending += line
                written_rows += 1
                written_bytes += len(line)
                if len(pending) >= frame:
                    file.write(compressor.compress(bytes(pending)))
                    frames += 1
                    pending.clear()
            if full():
                break
        if pending:
            file.write(compressor.compress(bytes(pending)))
            frames += 1
    # A dump that was cut off must not be taken for a cached one.
    os.replace(partial, path)
    return {"rows": written_rows, "bytes": written_bytes, "frames": frames, "compressedBytes": path.stat().st_size}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    extent = parser.add_mutually_exclusive_group(required=True)
    extent.add_argument("--rows", type=int, help="number of records")
    extent.add_argument("--bytes", type=byte_count, help="stop at this size of the decompressed lines")
    parser.add_argument("--dim", type=int, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument(
        "--frame-bytes", type=byte_count, default=byte_count("8MiB"), help="decompressed size of a frame"
    )
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    summary = write(
        arguments.out, arguments.dim, arguments.rows, arguments.bytes, arguments.frame_bytes, arguments.seed
    )
    print(orjson.dumps(summary).decode())


if __name__ == "__main__":
    main()
