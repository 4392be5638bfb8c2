"""A mapping says, in a small text file, how the columns and words of somebody else's register are to be understood.

It is TOML, checked before a row is read: a key that nobody knows, a field that does not exist or a currency without a
rate is refused with a sentence, never passed over. The shipped examples in seed/mappings explain each key.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator
from pydantic import Field as Limits

from setori.errors import Invalid
from setori.importing.fields import CODES, FIELDS, Kind, Shape, Standing
from setori.importing.reasons import Reason, placed, say, together

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}$")]
Figure = Annotated[Decimal, Limits(gt=0, max_digits=14)]
Encoding = Literal["utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-15"]


class Faulty(ValueError):
    """What a part of a mapping finds wrong with itself, each thing a sentence without its full stop."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__("\n".join(reasons))


class MappingRefused(Invalid):
    """The mapping cannot be used; `problems` are all the reasons, each a sentence."""

    sentence = "The mapping cannot be used: {first}"

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(first=problems[0])


class Part(BaseModel):
    """A part of a mapping. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileForm(Part):
    """How the file is written."""

    encoding: Encoding = "utf-8"
    delimiter: Annotated[str, StringConstraints(pattern=r'^[^"\r\n]$')] = ","
    quoted_twice: bool = False


class Flags(Part):
    """How yes and no are written."""

    yes: list[str] = []
    no: list[str] = []


class Days(Part):
    """How days are written, and between which days they can be believed."""

    formats: list[str] = ["%Y-%m-%d"]
    earliest: date = date(1950, 1, 1)
    latest: date = date(2100, 1, 1)

    @model_validator(mode="after")
    def _write_whole_days(self) -> Self:
        sample = datetime(2011, 2, 3)
        for form in self.formats:
            try:
                whole = datetime.strptime(sample.strftime(form), form) == sample
            except (ValueError, re.error):
                whole = False
            if not whole:
                raise Faulty(
                    say("{form} does not write a whole day; write it as %d.%m.%Y or %Y-%m-%d", form=form)
                )
        return self


class Price(Part):
    """The currency of the prices, its rate for one euro and whose rate that is; what can be believed, in euros."""

    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = "EUR"
    units_per_euro: Figure = Decimal(1)
    rate_from: str = ""
    decimal: Literal[".", ","] = "."
    least: Figure = Decimal(1)
    most: Annotated[Decimal, Limits(gt=0, le=100_000)] = Decimal(100_000)
    parts: list[str] = []
    unit: Literal["course", "session"] = "course"

    @model_validator(mode="after")
    def _state_the_rate(self) -> Self:
        if self.currency != "EUR" and ("units_per_euro" not in self.model_fields_set or not self.rate_from):
            raise Faulty(
                say(
                    "prices are in {currency}: say how many make one euro (units_per_euro) and whose rate that is "
                    "(rate_from)",
                    currency=self.currency,
                )
            )
        if self.currency == "EUR" and self.units_per_euro != 1:
            raise Faulty(say("prices are in EUR, so units_per_euro must be left out"))
        if self.least > self.most:
            raise Faulty(say("least is more than most"))
        return self


class When(Part):
    """A column that is a flag: when it says yes, the code is added to the field."""

    column: str
    field: str
    add: str


class ServiceName(Part):
    """The name of a service that is added to the catalogue when it is not there yet."""

    fi: Line
    sv: Line
    en: Line


class ApprovalTerms(Part):
    """The employment area whose register takes providers over, for which services, and whether end days are kept."""

    area: AreaCode
    services: list[Slug] = Limits(min_length=1)
    reason: Line
    keep_end_days: bool = True


class Mapping(Part):
    """How one kind of file of one register is understood."""

    kind: Kind
    title: Line
    register_code: Slug = Limits(alias="register")
    source: Line
    language: Literal["fi", "sv", "en"]
    as_of: date | None = None
    file: FileForm = FileForm()
    columns: dict[str, str]
    missing: dict[str, list[str]] = {}
    values: dict[str, dict[str, str]] = {}
    separators: dict[str, str] = {}
    digits: dict[str, Annotated[int, Limits(ge=1, le=20)]] = {}
    always: dict[str, list[str]] = {}
    when: list[When] = []
    flags: Flags = Flags()
    days: Days = Days()
    price: Price = Price()
    services: dict[str, Slug] = {}
    service_names: dict[Slug, ServiceName] = {}
    areas: list[AreaCode] = []
    approval: ApprovalTerms | None = None

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        problems = list(_inconsistencies(self))
        if problems:
            raise Faulty(*problems)
        return self

    @property
    def columns_read(self) -> list[str]:
        """Every column that the file must have."""
        parts = self.price.parts if self.kind is Kind.OFFERINGS else []
        return list(dict.fromkeys([*self.columns, *(flag.column for flag in self.when), *parts]))

    def column_of(self, field: str) -> str:
        """The column that a field is read from, or an empty string."""
        return next((column for column, name in self.columns.items() if name == field), "")


def parse_mapping(text: str) -> Mapping:
    """Read a mapping. Raises MappingRefused with every reason at once."""
    try:
        return Mapping.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as wrong:
        raise MappingRefused([say("it is not valid TOML: {wrong}.", wrong=wrong)]) from wrong
    except RecursionError as wrong:
        raise MappingRefused([say("it is nested too deeply to be a mapping.")]) from wrong
    except ValidationError as wrong:
        raise MappingRefused(
            [line for error in wrong.errors() for line in _sentences(dict(error))]
        ) from wrong


def _sentences(error: dict[str, Any]) -> Iterator[Reason]:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][-1])
        near = get_close_matches(name, _KEYS, n=1)
        hint = (
            say("Did you mean {near}?", near=near[0])
            if near
            else say("Remove it, or see the examples in seed/mappings.")
        )
        yield together(say("the key {where} is not known.", where=where), hint)
    elif error["type"] == "missing":
        yield say("the key {where} is missing. Add it.", where=where)
    else:
        fault = error.get("ctx", {}).get("error")
        for line in fault.reasons if isinstance(fault, Faulty) else [Reason(error["msg"])]:
            yield placed(where, line)


def _inconsistencies(mapping: Mapping) -> Iterator[Reason]:
    known = FIELDS[mapping.kind]
    for column, field in mapping.columns.items():
        if field not in known:
            near = get_close_matches(field, known, n=1)
            place = f"columns.{column}"
            if near:
                yield say(
                    "{place}: {kind} have no field {field}; did you mean {near}?",
                    place=place,
                    kind=mapping.kind,
                    field=field,
                    near=near[0],
                )
            else:
                yield say(
                    "{place}: {kind} have no field {field}; there are {known}",
                    place=place,
                    kind=mapping.kind,
                    field=field,
                    known=", ".join(known),
                )
    mapped = list(mapping.columns.values())
    for field in sorted({field for field in mapped if mapped.count(field) > 1}):
        yield say("columns: two columns are mapped to {field}; keep one of them", field=field)
    for field, shape in known.items():
        if shape.required and field not in mapped and not mapping.always.get(field):
            yield say("columns: no column is mapped to {field}, and a row is nothing without it", field=field)
    yield from _unknown_fields(mapping)
    yield from _unknown_values(mapping)
    if mapping.kind is not Kind.PROVIDERS and not mapping.services:
        yield say('services: say which codes are which service, such as "51" = "health-training"')
    if mapping.kind is Kind.OFFERINGS:
        if not mapping.areas:
            yield say("areas: name the employment areas in whose catalogue the offerings are shown")
        for service in sorted(set(mapping.services.values()) - set(mapping.service_names)):
            yield say("service_names: give {service} its name in fi, sv and en", service=service)
    if (mapping.when or "flags" in mapping.model_fields_set) and not (mapping.flags.yes and mapping.flags.no):
        yield say("flags: say how yes and how no are written")


def _unknown_fields(mapping: Mapping) -> Iterator[Reason]:
    known = FIELDS[mapping.kind]
    for part, names in (
        ("missing", set(mapping.missing) - {"everywhere"}),
        ("values", set(mapping.values)),
        ("separators", set(mapping.separators)),
        ("digits", set(mapping.digits)),
        ("always", set(mapping.always)),
        ("when", {flag.field for flag in mapping.when}),
    ):
        for name in sorted(names - set(known)):
            yield say(
                "{place}: {kind} have no field {field}; there are {known}",
                place=part,
                kind=mapping.kind,
                field=name,
                known=", ".join(known),
            )
        if part in ("separators", "always", "when"):
            for name in sorted(name for name in names & set(known) if known[name].shape is not Shape.CODES):
                yield say(
                    "{place}: {field} does not hold several codes; only {known} do",
                    place=part,
                    field=name,
                    known=", ".join(CODES),
                )


def _unknown_values(mapping: Mapping) -> Iterator[Reason]:
    for field, words in mapping.values.items():
        if field == "status":
            for word, standing in words.items():
                if standing not in list(Standing):
                    yield say(
                        "values.status.{word}: {standing} is not a status; there are {known}",
                        word=word,
                        standing=standing,
                        known=", ".join(Standing),
                    )
    if "status" in FIELDS[mapping.kind] and not mapping.values.get("status"):
        yield say("values.status: say which word means in_force, suspended and pending")
    for field, allowed in CODES.items():
        given = [
            *mapping.values.get(field, {}).values(),
            *mapping.always.get(field, []),
            *(flag.add for flag in mapping.when if flag.field == field),
        ]
        for code in dict.fromkeys(filter(None, given)):
            if allowed is not None and code not in allowed:
                yield say(
                    "{field}: {code} is not known; there are {known}",
                    field=field,
                    code=code,
                    known=", ".join(sorted(allowed)),
                )
            if allowed is None and not (len(code) == 2 and code.isascii() and code.islower()):
                yield say(
                    "{field}: {code} is not a language code of two small letters", field=field, code=code
                )


_KEYS = sorted(
    {
        name
        for part in (Mapping, FileForm, Flags, Days, Price, When, ServiceName, ApprovalTerms)
        for name in (limits.alias or name for name, limits in part.model_fields.items())
    }
)
