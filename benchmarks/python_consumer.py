"""Rows per second of Confluent's Python client alone: exact ranges of a topic, the values not looked at."""

import argparse

from dump_reader import Stopwatch
from topic_reader import Range, messages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bootstrap")
    parser.add_argument("topic")
    parser.add_argument("ranges", nargs="+", type=Range.parse, metavar="PARTITION:START:END")
    arguments = parser.parse_args()

    watch = Stopwatch()
    rows = sum(1 for _ in messages(arguments.bootstrap, arguments.topic, arguments.ranges))
    print(watch.result(rows))


if __name__ == "__main__":
    main()
