"""What the registers know: firms that are not in order, and the knobs; one JSON file, written whole."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)


class Status(StrEnum):
    """How a firm stands in the business register."""

    ACTIVE = "active"
    CEASED = "ceased"
    BANKRUPT = "bankrupt"
    MISSING = "missing"


class Firm(BaseModel):
    """One firm; at rest everything is in order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Status = Field(default=Status.ACTIVE, description="`missing`: no register knows it.")
    prepayment_registered: bool = True
    tax_debt: bool = False
    pension_debt: bool = False


class Knobs(BaseModel):
    """How the registers shall fail, set as one whole: what a `PUT /knobs` does not name goes back to rest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay_s: float = Field(default=0, ge=0, description="Seconds every answer waits.")
    down: bool = Field(default=False, description="Both offices answer 503.")
    obligations_down: bool = Field(default=False, description="Only taxes and pensions answer 503.")
    garbage: bool = Field(default=False, description="Answers are no JSON.")
    wrong_firm: bool = Field(default=False, description="Another firm is answered than was asked for.")
    cut: bool = Field(default=False, description="Answers break off in the middle.")


class Book:
    """The firms and the knobs. `file` keeps them over a restart; `firms` is what a new book begins with."""

    def __init__(self, file: Path, firms: Path | None = None) -> None:
        self._file = file
        self.firms: dict[str, Firm] = {}
        self.knobs = Knobs()
        self.asked: dict[str, int] = {}
        known: dict[str, Any] = {}
        if file.exists():
            known = json.loads(file.read_text(encoding="utf-8"))
        elif firms is not None:
            known = {"firms": json.loads(firms.read_text(encoding="utf-8"))}
        self.firms = {id: Firm.model_validate(told) for id, told in known.get("firms", {}).items()}
        self.knobs = Knobs.model_validate(known.get("knobs", {}))

    def find(self, business_id: str) -> Firm:
        """How a firm stands; one that nobody spoke of is in order."""
        return self.firms.get(business_id, Firm())

    def say(self, business_id: str, firm: Firm) -> None:
        """From now on, this is how the firm stands."""
        self.firms[business_id] = firm
        self._write()

    def turn(self, knobs: Knobs) -> None:
        """Set all knobs."""
        self.knobs = knobs
        self._write()

    def count(self, business_id: str) -> None:
        """Somebody has asked about a firm."""
        self.asked[business_id] = self.asked.get(business_id, 0) + 1

    def _write(self) -> None:
        firms = {id: firm.model_dump(mode="json") for id, firm in self.firms.items()}
        draft = self._file.with_name(f"{self._file.name}.draft")
        draft.write_text(json.dumps({"firms": firms, "knobs": self.knobs.model_dump()}), encoding="utf-8")
        draft.replace(self._file)


def is_business_id(text: str) -> bool:
    """Whether a Business ID can exist: seven figures, a hyphen, and the check figure that they lead to."""
    stem, hyphen, check = text[:7], text[7:8], text[8:]
    if not (stem.isascii() and stem.isdigit() and hyphen == "-" and len(check) == 1 and check.isdigit()):
        return False
    rest = sum(int(figure) * weight for figure, weight in zip(stem, _WEIGHTS, strict=True)) % 11
    return rest != 1 and int(check) == (0 if rest == 0 else 11 - rest)
