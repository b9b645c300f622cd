"""Compares rows with the model."""

import dataclasses
import json
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from property_model import Key, Model, Row
from property_schema import META, Field, Stored


@dataclass
class Comparison:
    model: Model
    values: int = 0
    differences: list[str] = dataclasses.field(default_factory=list)

    def compare(self, name: str, rows: list[dict[str, Stored]], *, twin: bool = False) -> None:
        """Compares all rows of a collection with the model."""
        key_name = self.model.schema.key.name
        found: dict[Key, dict[str, Stored]] = {row[key_name]: row for row in rows}
        for key, count in Counter(row[key_name] for row in rows).items():
            if count > 1:
                self.differences.append(f"{name}: key {key!r} is there {count} times")
            if key not in self.model.rows:
                self.differences.append(f"{name}: key {key!r} is in no record")
        for key, row in self.model.rows.items():
            if key not in found:
                self.differences.append(f"{name}: key {key!r} is missing")
                continue
            self.compare_row(f"{name}: key {key!r}", row, found[key], twin)

    def compare_row(self, place: str, row: Row, found: dict[str, Stored], twin: bool) -> None:
        for column in self.model.schema.columns:
            self.values += 1
            if not self.is_equal(column, row.values[column.name], found[column.name], twin):
                self.differences.append(
                    f"{place}, field {column.name} ({described(column)})\n"
                    f"    expected {shown(row.values[column.name])}\n"
                    f"    found    {shown(found[column.name])}\n"
                    f"    record   {row.texts.get(column.name, 'has no such member')}"
                )

    def is_equal(self, column: Field, expected: Stored, found: Stored, twin: bool) -> bool:
        target = self.model.target
        if column.name == META:
            return members_equal(expected, found, numbers_of_dynamic_field(target.server, target.rest, twin))
        if target.server == "lite":
            if expected is None and column.type == "FloatVector":
                # It answers null with zeros, which nothing tells from a vector of zeros.
                return found is None or not any(found)
            if column.type == "JSON" and expected is not None and found is not None:
                # It writes documents anew.
                return same(canonical(expected, EXACT), canonical(found, EXACT))
        return same(expected, found)


def described(column: Field) -> str:
    absence = ["nullable"] * column.nullable + [f"default {shown(column.default)}"] * (column.default is not None)
    return ", ".join([column.type + (f" of {column.element}" if column.element else ""), *absence])


def shown(value: Stored) -> str:
    return value.hex(" ") + f" {value!r}" if isinstance(value, bytes) else repr(value)


def same(expected: Any, found: Any) -> bool:
    """Whether two values are equal in all bits; 1, 1.0 and true are not equal here."""
    if type(expected) is not type(found):
        return False
    if isinstance(expected, float):
        return struct.pack("<d", expected) == struct.pack("<d", found)
    if isinstance(expected, (list, tuple)):
        return len(expected) == len(found) and all(map(same, expected, found))
    if isinstance(expected, dict):
        return expected.keys() == found.keys() and all(same(value, found[name]) for name, value in expected.items())
    return expected == found


# JSON whose text need not be the record's.


class Written(str):
    """A number as it is written."""

    __slots__ = ()


def nearest(text: str) -> float:
    # Adding zero makes -0.0 to 0.0: servers and clients that write numbers anew drop the sign.
    return float(text) + 0.0


@dataclass(frozen=True)
class Numbers:
    """How numbers are compared, by the functions that take their texts."""

    integer: Callable[[str], Any]
    other: Callable[[str], Any]
    # The same inside of arrays and objects.
    nested_integer: Callable[[str], Any]


EXACT = Numbers(int, float, int)
AS_TEXT = Numbers(Written, Written, Written)
AS_FLOAT64 = Numbers(nearest, nearest, nearest)
# Milvus' REST keeps integers only where they are members of the record itself.
OF_REST = Numbers(int, nearest, nearest)


def numbers_of_dynamic_field(server: str, rest: bool, twin: bool) -> Numbers:
    if twin:
        return AS_FLOAT64
    if rest:
        return OF_REST
    return EXACT if server == "lite" else AS_TEXT


def canonical(text: str | bytes, numbers: Numbers) -> Any:
    """The value of a document, with members in order and numbers as `numbers` takes them."""
    value = json.loads(text, parse_int=numbers.nested_integer, parse_float=numbers.other)
    if isinstance(value, (int, float, Written)) and numbers.integer is not numbers.nested_integer:
        return json.loads(text, parse_int=numbers.integer, parse_float=numbers.other)
    return value


def members_equal(expected: dict[str, str], found: bytes | None, numbers: Numbers) -> bool:
    members = split(found or b"{}")
    # Whether a number has a point may change where numbers are written anew.
    if numbers is OF_REST:
        members = {name: with_point(text, expected.get(name, "")) for name, text in members.items()}
    return expected.keys() == members.keys() and all(
        same(canonical(text, numbers), canonical(members[name], numbers)) for name, text in expected.items()
    )


def with_point(found: str, expected: str) -> str:
    """A number that lost its point, with one again."""
    is_number = found.lstrip("-").isdigit() and expected[:1] in "-0123456789"
    return f"{found}.0" if is_number and "." in expected else found


def split(document: bytes) -> dict[str, str]:
    """The texts of an object's members."""
    decoder = json.JSONDecoder()
    text = document.decode()
    members: dict[str, str] = {}
    at = skip(text, skip(text, 0) + 1)
    while text[at] != "}":
        name, at = decoder.raw_decode(text, at)
        at = skip(text, skip(text, at) + 1)
        _, end = decoder.raw_decode(text, at)
        if name in members:
            raise ValueError(f"{text} has the member {name} twice")
        members[name] = text[at:end]
        at = skip(text, end)
        if text[at] == ",":
            at = skip(text, at + 1)
    return members


def skip(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\r", "\n"):
        at += 1
    return at
