"""The plain loader of python_loader.py for a topic: Confluent's client reads, one thread parses, a pool upserts."""

from python_loader import argument_parser, run
from topic_reader import Range, messages


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--ranges", nargs="+", type=Range.parse, metavar="PARTITION:START:END", required=True)
    arguments = parser.parse_args()
    run(arguments, (message.value() for message in messages(arguments.bootstrap, arguments.topic, arguments.ranges)))


if __name__ == "__main__":
    main()
