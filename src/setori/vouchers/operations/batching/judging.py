"""Judges each row of a list by itself: what it asks for, or what is wrong with it and in which column."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from setori.money import parse_euros
from setori.people import Email, Phone
from setori.vouchers.models import Terms
from setori.vouchers.operations.batching.reading import Line, Sheet
from setori.vouchers.rules import MOST_TIMES, AgeBand, Gives, SupportNeed, Unemployed

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)
_PHONE: TypeAdapter[str] = TypeAdapter(Phone)
_LANGUAGES = {
    **dict.fromkeys(("fi", "fin", "suomi", "finska", "finnish"), "fi"),
    **dict.fromkeys(("sv", "swe", "ruotsi", "svenska", "swedish"), "sv"),
    **dict.fromkeys(("en", "eng", "englanti", "engelska", "english"), "en"),
}
_NEEDS = {
    **dict.fromkeys(("low", "matala", "pieni", "vähäinen", "lågt", "låg", "liten", "1"), SupportNeed.LOW),
    **dict.fromkeys(
        ("medium", "keskisuuri", "kohtalainen", "medel", "medelstort", "måttligt", "2"), SupportNeed.MEDIUM
    ),
    **dict.fromkeys(
        ("high", "korkea", "suuri", "vahva", "högt", "hög", "stort", "stor", "3"), SupportNeed.HIGH
    ),
}
_MONTHS = re.compile(
    r"(<|alle|under|yli|over|över|>)?(\d{1,3})(?:-(\d{1,3}))?(?:kk|kuukautta|mån|månader|months?|mo)?"
)
_YEARS = re.compile(r"(<|alle|under|yli|over|över|>)?(\d{1,3})(?:-(\d{1,3}))?(\+)?(?:v|vuotta|år|years?|y)?")
_UNDER, _OVER = ("<", "alle", "under"), (">", "yli", "over", "över")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong or strange: of which kind, in which column, what stood there, and what else the words need."""

    kind: str
    column: str = ""
    value: str = ""
    more: str = ""
    is_warning: bool = False

    def as_kept(self) -> dict[str, Any]:
        """The same for the database; kinds become words where they are shown."""
        kept: dict[str, Any] = {"kind": self.kind, "column": self.column, "value": self.value[:200]}
        return kept | {"more": self.more, "is_warning": self.is_warning}


@dataclass(frozen=True, slots=True)
class Asked:
    """A row as it was understood."""

    line: Line
    name: str = ""
    email: str | None = None
    phone: str | None = None
    municipality_code: str | None = None
    language: str = "fi"
    support_need: SupportNeed | None = None
    unemployed: Unemployed | None = None
    age_band: AgeBand | None = None
    units: int = 0
    value_cents: int = 0
    problems: tuple[Problem, ...] = field(default=())

    @property
    def key(self) -> tuple[str, str]:
        """By what it is known who somebody is: the address, or the number with the name."""
        return (self.email, "") if self.email else (self.phone or "", self.name.lower())

    @property
    def is_refused(self) -> bool:
        """Whether no voucher can be issued for it."""
        return any(not problem.is_warning for problem in self.problems)

    def with_problem(self, problem: Problem) -> "Asked":
        """The same with one thing more to say of it."""
        return replace(self, problems=(*self.problems, problem))


@dataclass(frozen=True, slots=True)
class Ground:
    """What rows are judged by: the terms, each municipality's code by its names, and which of them are served."""

    terms: Terms
    municipalities: Mapping[str, str]
    own: frozenset[str]


def judge(sheet: Sheet, ground: Ground) -> list[Asked]:
    """Each row by itself, and then against those above it: the same person twice is a warning."""
    first: dict[tuple[str, str], int] = {}
    asked = []
    for line in sheet.lines:
        row = _judge(line, ground)
        if not row.is_refused:
            before = first.setdefault(row.key, line.number)
            if before != line.number:
                column = "email" if row.email else "phone"
                told = row.email or row.phone or ""
                row = row.with_problem(Problem("twice", column, told, str(before), is_warning=True))
        asked.append(row)
    return asked


def _judge(line: Line, ground: Ground) -> Asked:
    told = {column: value for column, value in line.told.items() if value}
    problems: list[Problem] = []
    if not line.is_whole:
        problems.append(Problem("field_count", "", str(len(line.cells))))
    name = told.get("name", "")
    if not name:
        problems.append(Problem("no_name", "name"))
    elif len(name) > 120:
        problems.append(Problem("long_name", "name", name))
    email = _checked(_EMAIL, "email", told, problems)
    phone = _checked(_PHONE, "phone", told, problems)
    if "email" not in told and "phone" not in told:
        problems.append(Problem("no_contact", "email"))
    units, cents = _worth(told, ground.terms, problems)
    return Asked(
        line,
        name[:120],
        email,
        phone,
        _municipality(told.get("municipality", ""), ground, problems),
        _word(_LANGUAGES, "language", told, problems) or "fi",
        _word(_NEEDS, "support_need", told, problems),
        _unemployed(told.get("unemployed", ""), problems),
        _age(told.get("age", ""), problems),
        units,
        cents,
        tuple(problems),
    )


def _checked(
    kind: TypeAdapter[str], column: str, told: Mapping[str, str], problems: list[Problem]
) -> str | None:
    if column not in told:
        return None
    try:
        return kind.validate_python(told[column])
    except ValidationError:
        problems.append(Problem(f"bad_{column}", column, told[column]))
        return None


def _word(known: Mapping[str, Any], column: str, told: Mapping[str, str], problems: list[Problem]) -> Any:
    if column not in told:
        return None
    found = known.get(told[column].casefold())
    if found is None:
        problems.append(Problem(f"bad_{column}", column, told[column]))
    return found


def _municipality(typed: str, ground: Ground, problems: list[Problem]) -> str | None:
    served = frozenset(ground.terms.municipality_codes) & ground.own or (
        frozenset() if ground.terms.municipality_codes else ground.own
    )
    if not typed:
        if ground.terms.municipality_codes:
            problems.append(Problem("no_municipality", "municipality"))
        return None
    code = ground.municipalities.get(typed.casefold()) or ground.municipalities.get(typed.zfill(3))
    if code is None:
        problems.append(Problem("bad_municipality", "municipality", typed))
    elif code not in served:
        kind = "not_in_terms" if code in ground.own else "other_area"
        problems.append(Problem(kind, "municipality", typed))
    return code


def _unemployed(typed: str, problems: list[Problem]) -> Unemployed | None:
    if not typed:
        return None
    found = _MONTHS.fullmatch(_squeezed(typed))
    if found is None:
        problems.append(Problem("bad_unemployed", "unemployed", typed))
        return None
    sign, low, high = found[1], int(found[2]), int(found[3] or found[2])
    if sign in _UNDER:
        low, high = 0, max(low - 1, 0)
    if sign in _OVER:
        low, high = low + 1, low + 1
    if high < 6 or (low == 0 and high == 6):
        return Unemployed.UNDER_6
    if low >= 6 and high <= 24:
        return Unemployed.FROM_6_TO_24
    if low >= 24:
        return Unemployed.OVER_24
    problems.append(Problem("bad_unemployed", "unemployed", typed))
    return None


def _age(typed: str, problems: list[Problem]) -> AgeBand | None:
    if not typed:
        return None
    found = _YEARS.fullmatch(_squeezed(typed))
    if found is not None:
        sign, low, high = found[1], int(found[2]), int(found[3] or found[2])
        if sign in _UNDER:
            low, high = low - 1, low - 1
        if sign in _OVER:
            low, high = low + 1, low + 1
        for band, (least, most) in _BANDS.items():
            if least <= low <= high <= most:
                return band
    problems.append(Problem("bad_age", "age", typed))
    return None


_BANDS = {
    AgeBand.UNDER_20: (10, 19),
    AgeBand.FROM_20_TO_24: (20, 24),
    AgeBand.FROM_25_TO_29: (25, 29),
    AgeBand.FROM_30: (30, 110),
}


def _squeezed(typed: str) -> str:
    return re.sub(r"\s|\.$", "", typed.casefold()).replace("–", "-").replace("—", "-")


def _worth(told: Mapping[str, str], terms: Terms, problems: list[Problem]) -> tuple[int, int]:
    """(sessions, cents) of the voucher: the programme's, or what the row says instead."""
    units, cents = terms.units or 0, terms.worth_cents
    if "sessions" in told:
        if terms.gives is Gives.VALUE:
            problems.append(Problem("holds_money", "sessions", told["sessions"]))
        elif not re.fullmatch(r"[0-9]{1,3}", told["sessions"]) or not 1 <= int(told["sessions"]) <= 100:
            problems.append(Problem("bad_sessions", "sessions", told["sessions"]))
        elif int(told["sessions"]) > MOST_TIMES * units:
            problems.append(Problem("too_much", "sessions", told["sessions"]))
        else:
            units = int(told["sessions"])
            cents = units * terms.price_cap_cents
    if "value" in told:
        if terms.gives is Gives.UNITS:
            problems.append(Problem("holds_sessions", "value", told["value"]))
        else:
            cents = _euros(told["value"], terms, problems)
    return units, cents


def _euros(typed: str, terms: Terms, problems: list[Problem]) -> int:
    try:
        cents = parse_euros(typed).cents
    except ValueError:
        cents = 0
    if not 0 < cents <= 100_000_00:
        problems.append(Problem("bad_value", "value", typed))
    elif cents < terms.price_cap_cents:
        problems.append(Problem("small_value", "value", typed))
    elif cents > MOST_TIMES * terms.worth_cents:
        problems.append(Problem("too_much", "value", typed))
    return cents
