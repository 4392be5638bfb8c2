"""What is wrong with a row of somebody else's register, said so that a person can put it right."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SHOWN = 60
"""At most so many characters of a wrong value are shown."""


class Weight(StrEnum):
    """An error refuses its row; a warning lets it in and says what was changed or looks strange."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place.

    `line` is the physical line of the file on which the record begins (1 is the header), as an editor counts it even
    when fields contain line breaks; 0 is the file as a whole. `kind` is a stable slug that problems are counted by,
    `reason` a sentence that says the way out.
    """

    line: int
    column: str
    value: str
    reason: str
    kind: str
    weight: Weight = Weight.ERROR

    def __str__(self) -> str:
        """As it is printed: where, what stood there, why not."""
        where = f"line {self.line}" if self.line else "the file"
        if self.column:
            where += f", column {self.column}"
        return f"{where}: {self.reason}" + (f" It says: {shown(self.value)}" if self.value else "")


def shown(value: str) -> str:
    """A value as it may be printed: short, on one line, without control characters."""
    flat = "".join(char if char.isprintable() else "·" for char in value)
    return flat if len(flat) <= SHOWN else flat[: SHOWN - 1] + "…"


def count_kinds(problems: Iterable[Problem]) -> list[tuple[str, int]]:
    """How many problems there are of each kind, the most frequent first."""
    counted = Counter(problem.kind for problem in problems)
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))
