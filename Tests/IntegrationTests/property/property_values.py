"""Random values of every type: the text that stands in a record, and what a row has to hold for it."""

import random
from datetime import UTC, datetime, timedelta

import property_numbers as numbers
import property_text as texts
from property_schema import FLOATS, INTEGER_BITS, Field, Stored, Target

EXACT_INTEGERS = 1 << 53
LAST_SPARSE_INDEX = (1 << 32) - 2


def value(rng: random.Random, field: Field, target: Target) -> tuple[str, Stored]:
    match field.type:
        case "JSON":
            document = json_document(rng, target)
            return document, document.encode()
        case "Array":
            return array(rng, field)
        case "FloatVector":
            return dense_vector(rng, field.dim, numbers.FLOAT32)
        case "Float16Vector":
            return dense_vector(rng, field.dim, numbers.FLOAT16)
        case "BFloat16Vector":
            return dense_vector(rng, field.dim, numbers.BFLOAT16)
        case "Int8Vector":
            return byte_vector(rng, [rng.choice((-128, -1, 0, 127, rng.randint(-128, 127))) for _ in range(field.dim)])
        case "BinaryVector":
            return byte_vector(rng, [rng.choice((0, 255, rng.randint(0, 255))) for _ in range(field.dim // 8)])
        case "SparseFloatVector":
            return sparse_vector(rng, target)
        case "Geometry":
            geometry = random_geometry(rng, target)
            return texts.quoted(rng, geometry), geometry
        case "Timestamptz":
            written, instant = timestamp(rng)
            return texts.quoted(rng, written), instant
        case _:
            return scalar(rng, field.type, field.max_length)


def scalar(rng: random.Random, type_name: str, max_length: int) -> tuple[str, Stored]:
    if type_name == "Bool":
        truth = rng.random() < 0.5
        return "true" if truth else "false", truth
    if type_name == "VarChar":
        content = texts.text(rng, max_length)
        return texts.quoted(rng, content), content
    if form := FLOATS.get(type_name):
        number = numbers.edge(rng, form) if rng.random() < 0.8 else numbers.simple(rng)
        return number, numbers.stored(number, form)
    whole = numbers.bounded_integer(rng, INTEGER_BITS[type_name])
    return numbers.integer(rng, whole), whole


def array(rng: random.Random, field: Field) -> tuple[str, Stored]:
    count = rng.choice((0, field.max_capacity, rng.randint(0, field.max_capacity)))
    elements = [scalar(rng, field.element, field.max_length) for _ in range(count)]
    return texts.listed(rng, [text for text, _ in elements]), tuple(element for _, element in elements)


# Vectors.


def dense_vector(rng: random.Random, dim: int, form: numbers.Format) -> tuple[str, bytes]:
    # Edge values cost time here, and a vector that has some is as good as one that has nothing else.
    share = rng.choice((0.0, 0.0, 0.3, 1.0))
    elements = [vector_element(rng, form, share) for _ in range(dim)]
    data = b"".join(numbers.stored(element, form) for element in elements)
    return (texts.encoded(rng, data) if rng.random() < 0.3 else texts.listed(rng, elements)), data


def vector_element(rng: random.Random, form: numbers.Format, share_of_edges: float) -> str:
    return numbers.edge(rng, form, longest=120) if rng.random() < share_of_edges else numbers.simple(rng)


def byte_vector(rng: random.Random, elements: list[int]) -> tuple[str, bytes]:
    data = bytes(element & 0xFF for element in elements)
    written = [numbers.integer(rng, element) for element in elements]
    return (texts.encoded(rng, data) if rng.random() < 0.4 else texts.listed(rng, written)), data


def sparse_vector(rng: random.Random, target: Target) -> tuple[str, dict[int, bytes]]:
    count = rng.choice((0, 1, 1, 2, 3, 8, 20))
    edges = (0, 1, (1 << 31) - 1, 1 << 31, LAST_SPARSE_INDEX)
    lasts = (LAST_SPARSE_INDEX, 50, 50)
    indices = list(
        dict.fromkeys(rng.choice((rng.choice(edges), rng.randint(0, rng.choice(lasts)))) for _ in range(count))
    )
    weights = [sparse_weight(rng) for _ in indices]
    if target.server == "lite" and not any(any(numbers.stored(weight, numbers.FLOAT32)) for weight in weights):
        # Milvus Lite takes no vector without a weight.
        indices, weights = [rng.choice(edges)], ["0.5"]
    stored = {
        index: numbers.stored(weight, numbers.FLOAT32) for index, weight in sorted(zip(indices, weights, strict=True))
    }
    if target.server == "lite":
        stored = {index: weight for index, weight in stored.items() if any(weight)}
    if not indices:
        return rng.choice(("{}", "{ }", '{"indices":[],"values":[]}', '{"values":[ ],"indices":[]}')), stored
    if rng.random() < 0.5:
        pairs = [(str(index), weight) for index, weight in zip(indices, weights, strict=True)]
        return texts.assembled(rng, pairs), stored
    members = [
        ("indices", texts.listed(rng, [numbers.integer(rng, index) for index in indices])),
        ("values", texts.listed(rng, weights)),
    ]
    rng.shuffle(members)
    return texts.assembled(rng, members), stored


def sparse_weight(rng: random.Random) -> str:
    if rng.random() < 0.1:
        return rng.choice(("0", "0.0", "0e5"))
    return vector_element(rng, numbers.FLOAT32, 0.4).lstrip("-")


# JSON.


def json_document(rng: random.Random, target: Target) -> str:
    """The text of a value of a JSON field."""
    if target.server == "recorder" and rng.random() < 0.3:
        return json_scalar(rng, rest=False, null=False)
    if target.server != "full" and rng.random() < 0.3:
        return json_array(rng, 0, rest=False)
    return json_object(rng, 0, rest=False)


def json_value(rng: random.Random, depth: int, *, rest: bool) -> str:
    """Any value inside of another one.

    - rest: whether it goes by REST into the dynamic field, which keeps less of numbers.
    """
    if depth < 4 and rng.random() < 0.35:
        return (json_array if rng.random() < 0.5 else json_object)(rng, depth, rest=rest)
    return json_scalar(rng, rest=rest, null=True)


def json_array(rng: random.Random, depth: int, *, rest: bool) -> str:
    return texts.listed(rng, [json_value(rng, depth + 1, rest=rest) for _ in range(rng.choice((0, 1, 2, 4)))])


def json_object(rng: random.Random, depth: int, *, rest: bool) -> str:
    count = rng.choice((0, 1, 2, 4))
    names = dict.fromkeys(rng.choice((*texts.DYNAMIC_NAMES, texts.text(rng, 12))) for _ in range(count))
    members = [(texts.quoted(rng, name), json_value(rng, depth + 1, rest=rest)) for name in names]
    gap = texts.spaces(rng)
    return "{" + ",".join(f"{gap}{name}{gap}:{gap}{content}" for name, content in members) + gap + "}"


def json_scalar(rng: random.Random, *, rest: bool, null: bool) -> str:
    match rng.randrange(6):
        case 0:
            return texts.quoted(rng, texts.text(rng, rng.choice((4, 30))))
        case 1:
            return rng.choice(("true", "false", "null")) if null else rng.choice(("true", "false"))
        case 2 | 3 if rest:
            return number_with_point(rng, nested=True)
        case 2 | 3:
            return json_number(rng)
        case _:
            limit = EXACT_INTEGERS if rest else 1 << 63
            return str(rng.choice((0, -1, 7, limit - 1, -limit, rng.randint(-limit, limit - 1))))


def json_number(rng: random.Random) -> str:
    return rng.choice(
        (
            numbers.edge(rng, numbers.FLOAT64, longest=60),
            numbers.simple(rng),
            numbers.integer(rng, numbers.bounded_integer(rng, 64)),
            rng.choice(
                ("-0", "-0.0", "1.0", "1E40", "5e-324", "18446744073709551615", "123456789012345678901234567890")
            ),
        )
    )


def number_with_point(rng: random.Random, *, nested: bool) -> str:
    """A number that REST keeps: inside of another value an integer has to be an exact float64."""
    while True:
        number = json_number(rng)
        if "." in number and not (nested and is_large_integer(number)):
            return number


def is_large_integer(number: str) -> bool:
    exact = numbers.decimal(number)
    return exact.denominator == 1 and exact > EXACT_INTEGERS


def dynamic_value(rng: random.Random, target: Target) -> str:
    """The text of a member that goes into the dynamic field. By REST none of them is null, which would get lost."""
    if not target.rest:
        return json_value(rng, 1, rest=False)
    match rng.randrange(4):
        case 0:
            return number_with_point(rng, nested=False)
        case 1:
            return str(numbers.bounded_integer(rng, 64))
        case 2:
            return rng.choice((json_array, json_object))(rng, 1, rest=True)
        case _:
            return rng.choice(("true", "false", texts.quoted(rng, texts.text(rng, 30))))


# Times.

FIRST = datetime(1, 1, 1)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999999)
EDGE_TIMES = (
    *(FIRST, LAST, datetime(1970, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(2000, 2, 29, 12)),
    *(datetime(1900, 2, 28, 23, 59, 59), datetime(1900, 3, 1), datetime(2024, 2, 29), datetime(4, 2, 29)),
)


def timestamp(rng: random.Random) -> tuple[str, str]:
    """A time as people write it, and the same instant as it travels."""
    span = (LAST - FIRST) // timedelta(microseconds=1)
    instant = rng.choice(
        (
            rng.choice(EDGE_TIMES),
            FIRST + timedelta(microseconds=rng.randint(0, span)),
            datetime(2026, 1, 1) + timedelta(seconds=rng.randint(0, 10**7), milliseconds=rng.choice((0, 1, 100, 678))),
        )
    )
    minutes = rng.choice((0, 0, 60, 120, -300, 330, 345, -570, 840, -720, rng.randint(-1439, 1439)))
    if not timedelta(0) <= instant - FIRST + timedelta(minutes=minutes) <= LAST - FIRST:
        minutes = 0
    local = instant + timedelta(minutes=minutes)
    written = f"{local:%m-%dT%H:%M}" if rng.random() < 0.7 else f"{local:%m-%d %H:%M}"
    written = f"{local.year:04}-{written}"
    if local.second or local.microsecond or rng.random() < 0.9:
        written += f":{local:%S}"
        fraction = f"{local.microsecond:06}".rstrip("0")
        fraction += "0" * rng.choice((0, 0, 1, 3, max(0, 6 - len(fraction))))
        written += f".{fraction}" if fraction else ""
    return written + offset(rng, minutes), as_sent(instant)


def offset(rng: random.Random, minutes: int) -> str:
    if minutes == 0 and rng.random() < 0.6:
        return "Z"
    sign = "-" if minutes < 0 else rng.choice(("+", "+", "-")) if minutes == 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours:02}" + (f"{rng.choice((':', ':', ''))}{rest:02}" if rest or rng.random() < 0.9 else "")


def as_sent(instant: datetime) -> str:
    return instant.replace(tzinfo=UTC).isoformat().removesuffix("+00:00") + "Z"


# Geometries.


def blanks(rng: random.Random) -> str:
    return rng.choice(("", "", "", " ", "  ", "\t", "\n"))


def cased(rng: random.Random, word: str) -> str:
    return rng.choice((word, word, word.lower(), word.capitalize(), "".join(rng.choice((c, c.lower())) for c in word)))


def coordinate(rng: random.Random, number: int) -> str:
    return rng.choice((str(number), str(number), f"{number}.0", f"{number}e0", f"{number}.00E+0"))


def point(rng: random.Random, coordinates: tuple[int, ...]) -> str:
    gap = rng.choice((" ", " ", "  ", "\t"))
    return gap.join(coordinate(rng, number) for number in coordinates)


def sequence(rng: random.Random, items: list[str]) -> str:
    return "(" + ",".join(f"{blanks(rng)}{item}{blanks(rng)}" for item in items) + ")"


def ring(rng: random.Random, more: tuple[int, ...] = ()) -> str:
    """A rectangle or a triangle, which does not cross itself."""
    left, low = rng.randint(-180, 170), rng.randint(-90, 80)
    right, high = left + rng.randint(1, 10), low + rng.randint(1, 10)
    corners = [(left, low), (right, low), (right, high), (left, high)]
    if rng.random() < 0.5:
        del corners[rng.randrange(4)]
    return sequence(rng, [point(rng, corner + more) for corner in [*corners, corners[0]]])


def random_geometry(rng: random.Random, target: Target) -> str:
    kinds = ["POINT", "POLYGON"]
    if target.server == "recorder":
        kinds += ["LINESTRING", "HOLES", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION", "EMPTY"]
    return blanks(rng) + geometry(rng, rng.choice(kinds), plain=target.server != "recorder") + blanks(rng)


def geometry(rng: random.Random, kind: str, *, plain: bool) -> str:
    tag, more = "", 0
    if not plain and rng.random() < 0.3:
        tag, more = rng.choice((("Z", 1), ("M", 1), ("ZM", 2), ("", 1)))
    height = tuple(rng.randint(-9, 9) for _ in range(more))

    def named(word: str, content: str) -> str:
        space = " " if tag else ""
        return f"{cased(rng, word)}{space}{cased(rng, tag)}{blanks(rng)}{content}"

    def random_point() -> str:
        return point(rng, (rng.randint(-180, 180), rng.randint(-90, 90), *height))

    def random_line() -> str:
        return sequence(rng, [random_point() for _ in range(rng.randint(2, 5))])

    match kind:
        case "POINT":
            return named("POINT", sequence(rng, [random_point()]))
        case "POLYGON":
            return named("POLYGON", sequence(rng, [ring(rng, height)]))
        case "HOLES":
            return named("POLYGON", sequence(rng, [ring(rng, height) for _ in range(rng.randint(2, 3))]))
        case "LINESTRING":
            return named("LINESTRING", random_line())
        case "MULTIPOINT":
            bare = rng.random() < 0.5
            items = [random_point() for _ in range(rng.randint(1, 4))]
            return named("MULTIPOINT", sequence(rng, items if bare else [sequence(rng, [item]) for item in items]))
        case "MULTILINESTRING":
            return named("MULTILINESTRING", sequence(rng, [random_line() for _ in range(rng.randint(1, 3))]))
        case "MULTIPOLYGON":
            polygons = [sequence(rng, [ring(rng, height)]) for _ in range(rng.randint(1, 3))]
            return named("MULTIPOLYGON", sequence(rng, polygons))
        case "GEOMETRYCOLLECTION":
            kinds = ("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "GEOMETRYCOLLECTION", "EMPTY")
            parts = [geometry(rng, rng.choice(kinds), plain=True) for _ in range(rng.randint(1, 2))]
            return f"{cased(rng, 'GEOMETRYCOLLECTION')}{blanks(rng)}{sequence(rng, parts)}"
        case _:
            words = ("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTIPOLYGON", "GEOMETRYCOLLECTION")
            return f"{cased(rng, rng.choice(words))} {cased(rng, 'EMPTY')}"
