"""Decimal texts of many shapes, and the number of a binary format that each one stands for.

The expected number comes from exact fractions: nothing here goes through the floating point that is tested.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Format:
    """A binary format of IEEE 754, or one that is made likewise."""

    precision: int
    """Bits of the significand, the leading one included."""
    minimum_exponent: int
    """Of the smallest normal number."""
    size: int
    """Bytes."""

    @property
    def infinity(self) -> int:
        """The bits of infinity, which are one more than those of the largest finite number."""
        return ((1 << (self.size * 8 - self.precision)) - 1) << (self.precision - 1)

    def magnitude(self, bits: int) -> Fraction:
        """The number of which these are the bits; the next power of two for those of infinity."""
        exponent, significand = divmod(bits, 1 << (self.precision - 1))
        if exponent > 0:
            significand += 1 << (self.precision - 1)
            exponent -= 1
        return significand * power(2, exponent + self.minimum_exponent - self.precision + 1)

    def bits(self, magnitude: Fraction) -> int:
        """The bits of the nearest number, of the even one of two that are equally near."""
        if magnitude == 0:
            return 0
        exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
        if power(2, exponent) > magnitude:
            exponent -= 1
        exponent = max(exponent, self.minimum_exponent)
        # Python rounds fractions half to even. A significand that reaches the next power of two carries into the
        # exponent by itself, as one that has the leading bit does: subnormal numbers have the exponent 0.
        significand = round(magnitude / power(2, exponent - self.precision + 1))
        return ((exponent - self.minimum_exponent) << (self.precision - 1)) + significand


FLOAT16 = Format(precision=11, minimum_exponent=-14, size=2)
BFLOAT16 = Format(precision=8, minimum_exponent=-126, size=2)
FLOAT32 = Format(precision=24, minimum_exponent=-126, size=4)
FLOAT64 = Format(precision=53, minimum_exponent=-1022, size=8)


def power(base: int, exponent: int) -> Fraction:
    return Fraction(base**exponent) if exponent >= 0 else Fraction(1, base**-exponent)


def decimal(text: str) -> Fraction:
    """The exact magnitude of a JSON number."""
    mantissa, _, exponent = text.lower().lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    return int(whole + fraction) * power(10, int(exponent or 0) - len(fraction))


def stored(text: str, form: Format) -> bytes:
    """The little-endian bytes of the number that is nearest to a JSON number."""
    bits = form.bits(decimal(text))
    if bits >= form.infinity:
        raise ValueError(f"{text} is too large")
    if text.startswith("-"):
        bits |= 1 << (form.size * 8 - 1)
    return bits.to_bytes(form.size, "little")


def spelled(rng: random.Random, digits: int, exponent: int) -> str:
    """One of the ways to write `digits` times ten to the power of `exponent`."""
    text = str(digits)
    zeros = rng.choice((0, 0, 0, 1, 3))
    if digits == 0:
        exponent = 0
    match rng.randrange(4):
        case 0 if -400 <= exponent <= 40:
            # Without an exponent.
            if exponent >= 0:
                return text + "0" * exponent + ("." + "0" * zeros if zeros else "")
            text = text.rjust(1 - exponent, "0")
            return f"{text[:exponent]}.{text[exponent:]}{'0' * zeros}"
        case 1:
            # A digit before the point.
            exponent += len(text) - 1
            text = text[0] + ("." + text[1:] + "0" * zeros if text[1:] or zeros else "")
        case 2:
            # Nothing before the point.
            exponent += len(text)
            text = f"0.{'0' * zeros}{text}"
            exponent += zeros
        case _:
            text += "." + "0" * zeros if zeros else ""
    if exponent == 0 and rng.random() < 0.7:
        return text
    sign = "-" if exponent < 0 else rng.choice(("", "+"))
    return f"{text}{rng.choice('eE')}{sign}{rng.choice(('', '', '0'))}{abs(exponent)}"


def spelled_fraction(rng: random.Random, value: Fraction) -> str:
    """A fraction that has finitely many decimals, with all of them."""
    twos = (value.denominator & -value.denominator).bit_length() - 1
    fives, rest = 0, value.denominator >> twos
    while rest > 1:
        rest //= 5
        fives += 1
    places = max(twos, fives)
    return spelled(rng, int(value * 10**places), -places)


def simple(rng: random.Random) -> str:
    """A number as people write them."""
    return rng.choice(
        (
            str(rng.randint(-9, 9)),
            f"{rng.uniform(-1, 1):.{rng.randint(1, 8)}f}",
            f"{rng.uniform(-100, 100):.2f}",
            f"{rng.uniform(-10, 10):.3e}",
        )
    )


def edge(rng: random.Random, form: Format, *, longest: int = 800) -> str:
    """A number at which a reader may go wrong, of at most about so many characters."""
    while True:
        text = unsigned_edge(rng, form)
        if len(text) <= longest and form.bits(decimal(text)) < form.infinity:
            return text if rng.random() < 0.6 else "-" + text


def unsigned_edge(rng: random.Random, form: Format) -> str:
    subnormals = 1 << (form.precision - 1)
    one = form.bits(Fraction(1))
    # Most numbers are near 1, where their exact decimals are short.
    bits = rng.choice(
        (
            one + rng.randint(-8 * subnormals, 8 * subnormals),
            one + rng.randint(-8 * subnormals, 8 * subnormals),
            rng.randrange(form.infinity),
            rng.randrange(subnormals),
            rng.choice((0, 1, 2, subnormals - 1, subnormals, form.infinity - 2, form.infinity - 1)),
        )
    )
    bits = max(bits, 0)
    value, following = form.magnitude(bits), form.magnitude(bits + 1)
    middle = (value + following) / 2
    match rng.randrange(9):
        case 0:
            return spelled_fraction(rng, value)
        case 1:
            return spelled_fraction(rng, middle)
        case 2 | 3:
            # Just beside the middle: the digits that decide are the last ones.
            distance = rng.choice((1, -1)) * (following - value) * power(10, -rng.choice((3, 12, 20, 30)))
            return spelled_fraction(rng, middle + distance)
        case 4:
            # As many digits as tell the number from its neighbours, and a few more or less.
            digits = max(1, round(form.precision * 0.302) + rng.randint(-2, 4))
            return shortened(rng, value, digits)
        case 5:
            return shortened(rng, middle, rng.randint(17, 40))
        case 6:
            return rng.choice(("0", "0.0", "0e10", "0.000", "0E-5", "0e+0"))
        case 7:
            # Too small for any number but zero.
            return spelled(rng, rng.randint(1, 999), -rng.choice((60, 360, 400, 5000)))
        case _:
            return spelled(rng, rng.randint(1, 10 ** rng.randint(1, 25)), rng.randint(-30, 4))


def shortened(rng: random.Random, value: Fraction, digits: int) -> str:
    """The number's first digits."""
    if value == 0:
        return "0"
    exponent = len(str(value.numerator)) - len(str(value.denominator)) - digits
    return spelled(rng, int(value / power(10, exponent)), exponent)


def integer(rng: random.Random, value: int) -> str:
    """One of the ways to write an integer as a JSON number."""
    text = str(value)
    sign, digits = ("-", text[1:]) if value < 0 else ("", text)
    match rng.randrange(12):
        case 0:
            return f"{text}.{'0' * rng.randint(1, 4)}"
        case 1:
            zeros = len(digits) - len(digits.rstrip("0")) if value else 0
            cut = rng.randint(0, zeros)
            return f"{sign}{digits[: len(digits) - cut]}{rng.choice(('e', 'E', 'e+'))}{cut}"
        case 2 if value:
            return f"{text}0e-1"
        case 3 if len(digits) > 1:
            return f"{sign}{digits[0]}.{digits[1:]}e{len(digits) - 1}"
        case 4 if value == 0:
            return rng.choice(("-0", "0e3", "-0.0"))
        case _:
            return text


def bounded_integer(rng: random.Random, bits: int) -> int:
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    edges: Sequence[int] = (low, low + 1, -1, 0, 1, high - 1, high, max(low, -(1 << 53) - 1), min(high, (1 << 53) + 1))
    return rng.choice((rng.choice(edges), rng.randint(low, high), rng.randint(-100, 100), 10 ** rng.randint(0, 2)))
