"""Random text, and its many forms in JSON."""

import base64
import json
import random

SPACES = ("", "", "", "", " ", "\t", "  ", " \t ")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.,:;/+='[]{}()$%&#@!?"
SPECIALS = "\"\\/'`\x7f"
CONTROLS = "\x00\x01\x08\t\n\x0b\x0c\r\x1b\x1f"
WIDE = "éßñ\u0080\u00a0\u07ff\u0800名前\u2028\u2029\ufeff\ufffd\uffff\ue000"
ASTRAL = "😀𝄞\U00010000\U0010ffff👩"
SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

# None of these is a word of an expression language, nor a member by which another kind of record is known.
FIELD_NAMES = (
    *("alpha", "Alpha", "beta_2", "x", "X", "_y", "Z9", "title", "price", "city", "emb", "vec_1", "flag", "note", "w"),
    *("a_rather_long_name_of_a_field_that_goes_on_for_a_while", "_", "__v", "doc", "tags", "geo", "seen", "rank", "m0"),
    *("q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9", "q10", "q11", "q12", "q13", "q14"),
)
DYNAMIC_NAMES = ("extra", "EXTRA", "n", "名前", "é", "😀", "with space", 'quo"te', "a.b", "back\\slash", "1", "tab\t")


def field_names(rng: random.Random, count: int) -> list[str]:
    return rng.sample(FIELD_NAMES, count)


def spaces(rng: random.Random) -> str:
    return rng.choice(SPACES)


def text(rng: random.Random, limit: int, *, controls: bool = True) -> str:
    """Text of at most so many bytes of UTF-8, often of exactly as many."""
    kind = rng.randrange(6)
    if kind == 0:
        return ""
    room = limit if kind <= 2 else rng.randint(0, min(limit, 20))
    alphabets = (LETTERS, LETTERS, SPECIALS, WIDE, ASTRAL, CONTROLS if controls else LETTERS)
    alphabet = rng.choice((LETTERS, WIDE, ASTRAL, "".join(alphabets)))
    characters: list[str] = []
    while room > 0:
        character = rng.choice(alphabet)
        size = len(character.encode())
        if size > room:
            # What remains is filled, so that the limit is met exactly.
            character, size = "e", 1
        characters.append(character)
        room -= size
    return "".join(characters)


def quoted(rng: random.Random, value: str) -> str:
    """One of the ways to write a text in JSON."""
    escaped = rng.choice((0.0, 0.0, 0.1, 1.0))
    parts: list[str] = []
    for character in value:
        must = character in '"\\' or character < " "
        if not must and rng.random() >= escaped:
            parts.append(character)
        elif character in SHORT_ESCAPES and rng.random() < 0.7:
            parts.append(SHORT_ESCAPES[character])
        else:
            units = character.encode("utf-16-be")
            pairs = (units[at : at + 2].hex() for at in range(0, len(units), 2))
            parts.append("".join("\\u" + rng.choice((pair, pair.upper())) for pair in pairs))
    return '"' + "".join(parts) + '"'


def encoded(rng: random.Random, data: bytes) -> str:
    """Bytes as base64 in one of the two alphabets, with or without padding, in JSON."""
    encode = rng.choice((base64.standard_b64encode, base64.urlsafe_b64encode))
    result = encode(data).decode()
    return '"' + (result if rng.random() < 0.5 else result.rstrip("=")) + '"'


def listed(rng: random.Random, elements: list[str]) -> str:
    """A JSON array."""
    airy = rng.random() < 0.3
    gap = (lambda: spaces(rng)) if airy else (lambda: "")
    if not elements:
        return f"[{gap()}]"
    return "[" + ",".join(f"{gap()}{element}{gap()}" for element in elements) + "]"


def assembled(rng: random.Random, members: list[tuple[str, str]], *, escaped: float = 0.1) -> str:
    """A JSON object.

    - members: names as they are, and the texts of values.
    - escaped: the share of names that may be written with escapes.
    """
    airy = rng.random() < 0.4
    gap = (lambda: spaces(rng)) if airy else (lambda: "")
    if not members:
        return f"{{{gap()}}}"
    parts = []
    for name, value in members:
        spelling = quoted(rng, name) if rng.random() < escaped else plainly_quoted(name)
        parts.append(f"{gap()}{spelling}{gap()}:{gap()}{value}{gap()}")
    return "{" + ",".join(parts) + "}"


def plainly_quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
