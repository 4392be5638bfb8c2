"""Money: whole cents, never a float. `Money(30_00)` is thirty euros."""

import re
from dataclasses import dataclass

_TYPED = re.compile(r"^(-?)(\d{1,9})(?:[.,](\d{1,2}))?$")


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount of euros in whole cents; may be negative where a difference is meant."""

    cents: int

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + other.cents)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - other.cents)

    def __mul__(self, times: int) -> "Money":
        return Money(self.cents * times)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        """As Finns write it: `1 234,50 €` with no-break spaces."""
        sign = "−" if self.cents < 0 else ""
        euros, cents = divmod(abs(self.cents), 100)
        return f"{sign}{euros:,}".replace(",", "\u00a0") + f",{cents:02d}\u00a0€"


def parse_euros(typed: str) -> Money:
    """Read what a person types as an amount: `85`, `85,5`, `85,50`, `1 200,00 €`. Raises ValueError otherwise."""
    bare = re.sub(r"[\s\u00a0\u202f€]", "", typed).replace("−", "-")
    found = _TYPED.match(bare)
    if found is None:
        raise ValueError("not an amount in euros")
    sign, euros, cents = found.groups()
    whole = int(euros) * 100 + int((cents or "0").ljust(2, "0"))
    return Money(-whole if sign else whole)
