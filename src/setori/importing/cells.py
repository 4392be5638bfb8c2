"""Understands one cell of a register at a time: a day, a price, a status, a web address; or says why it cannot."""

import re
import unicodedata
from collections.abc import Callable
from collections.abc import Mapping as Table
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from setori.importing.fields import CODES, FIELDS, Field, Shape, Standing
from setori.importing.mapping import Mapping
from setori.importing.problems import Problem, Weight
from setori.importing.reasons import say, together

_ADDRESS = re.compile(
    r"(?:https?://)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?(?:[/?#]\S*)?", re.ASCII | re.IGNORECASE
)
_GARBLED = re.compile("[\u00c2\u00c3][\u0080-\u00bf]|\ufffd|\u00bf(?=\\S)|(?<=\\S)\u00bf")
_FIGURE = {
    ".": re.compile(r"-?(?:\d{1,12}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,6})?", re.ASCII),
    ",": re.compile(r"-?(?:\d{1,12}|\d{1,3}(?:\.\d{3}){1,4})(?:,\d{1,6})?", re.ASCII),
}
_LEAST_HOURS = Decimal("0.25")
_MOST_HOURS = 10_000


class Cells:
    """The cells of one record. What is wrong with them gathers in `problems`."""

    def __init__(self, line: int, cells: Table[str, str], mapping: Mapping) -> None:
        self.line = line
        self.problems: list[Problem] = []
        self._cells = cells
        self._mapping = mapping
        self._fields = FIELDS[mapping.kind]

    @property
    def refused(self) -> bool:
        """Whether anything here is an error."""
        return any(problem.weight is Weight.ERROR for problem in self.problems)

    def text(self, field: str) -> str:
        """A key, a line, a place or a longer text; empty when there is none or it cannot be used."""
        value = self._value(field)
        if not value:
            return ""
        shape = self._fields[field].shape
        if shape in (Shape.LINE, Shape.TEXT) and _GARBLED.search(self._raw(field)):
            self._warn(
                field,
                value,
                "garbled",
                say("Some characters were garbled before they came here. Correct them."),
            )
        if shape is Shape.PLACE and any(char.isdigit() for char in value):
            self._warn(field, value, "not_a_place", say("This looks like a street. It was left out."))
            return ""
        return self._within(field, value)

    def digits(self, field: str) -> str:
        """A code of digits, with the zeros at its front put back."""
        value = self._padded(field, self._value(field))
        if value and not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z -]*", value):
            self._warn(field, value, "not_a_code", say("This is not a postal code. It was left out."))
            return ""
        return self._within(field, value)

    def address(self, field: str) -> str:
        """A web address with its scheme; what is no address is left out."""
        value = self._value(field)
        if not value:
            return ""
        if not _ADDRESS.fullmatch(value):
            self._warn(field, value, "not_an_address", say("This is not one web address. It was left out."))
            return ""
        return self._within(field, value if "://" in value else f"https://{value}")

    def day(self, field: str) -> date | None:
        """A day in one of the mapping's formats and between its bounds."""
        value = self._value(field)
        if not value:
            return None
        days = self._mapping.days
        for form in days.formats:
            try:
                found = datetime.strptime(value, form).date()
            except ValueError:
                continue
            if days.earliest <= found <= days.latest:
                return found
            self._doubt(
                field,
                value,
                "day_out_of_bounds",
                say(
                    "A day between {earliest} and {latest} is meant.",
                    earliest=days.earliest,
                    latest=days.latest,
                ),
            )
            return None
        forms = " or ".join(days.formats)
        self._doubt(
            field,
            value,
            "not_a_day",
            say("This is not a day as the mapping writes it ({forms}). Correct it.", forms=forms),
        )
        return None

    def standing(self, field: str) -> Standing:
        """What the register's word for a status means. An unknown word refuses the row."""
        value = self._value(field)
        meaning = _folded(self._mapping.values.get(field, {})).get(value.casefold())
        if value and meaning is None:
            self._refuse(
                field,
                value,
                "unknown_status",
                say("The mapping does not know this word. Add it to values.{field}.", field=field),
            )
        return Standing(meaning) if meaning else Standing.PENDING

    def stated(self, field: str) -> str:
        """A word as it stands in the file, short enough to be told on."""
        return self._value(field)[:120]

    def codes(self, field: str) -> tuple[str, ...]:
        """Several codes: those the mapping always gives, those of the column's words, those of its flags."""
        mapping = self._mapping
        found = list(mapping.always.get(field, []))
        words = _folded(mapping.values.get(field, {}))
        value = self._present(field)
        separator = mapping.separators.get(field)
        for word in value.split(separator) if separator else [value]:
            bare = _bare(word).strip('"').strip()
            code = words.get(bare.casefold(), bare if _is_code(field, bare) else None)
            if bare and code is None:
                self._warn(
                    field,
                    bare,
                    "unknown_word",
                    say("The mapping does not know this word. Add it to values.{field}.", field=field),
                )
            found.append(code or "")
        found += [flag.add for flag in mapping.when if flag.field == field and self._is_flagged(flag.column)]
        codes = tuple(dict.fromkeys(code for code in found if code))
        if self._fields[field].required and not codes:
            self._refuse(
                field,
                value,
                f"no_{field}",
                say("No {field} are known. Give one in the file or under always.", field=field),
            )
        return codes

    def service(self, field: str) -> str:
        """The service that the longest matching prefix of a code stands for."""
        value = self._padded(field, self._value(field))
        if not value:
            return ""
        for length in range(len(value), 0, -1):
            if value[:length] in self._mapping.services:
                return self._mapping.services[value[:length]]
        self._refuse(
            field,
            value,
            "unknown_service",
            say("No service is mapped to this code. Add its start to services."),
        )
        return ""

    def price(self, field: str) -> tuple[Decimal, int]:
        """A price as it is stated, and in cents of euro at the mapping's rate. Absurd ones refuse the row."""
        terms = self._mapping.price
        value = self._value(field)
        stated = self._figure(value)
        if stated is None:
            if value:
                self._refuse(
                    field,
                    value,
                    "not_a_figure",
                    say("Write the price as a figure, such as 1200{decimal}50.", decimal=terms.decimal),
                )
            return Decimal(0), 0
        euros = (stated / terms.units_per_euro).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if not terms.least <= euros <= terms.most:
            self._refuse(
                field,
                value,
                "absurd_price",
                together(
                    say(
                        "That is {euros} EUR, and the mapping believes prices from {least} to {most} EUR.",
                        euros=f"{euros:,}",
                        least=f"{terms.least:,}",
                        most=f"{terms.most:,}",
                    ),
                    self._parts_hint(stated),
                    say("Correct the price, or the bounds in the mapping."),
                ),
            )
        elif terms.parts and abs(stated - self._sum_of_parts()) >= 1:
            self._warn(
                field,
                value,
                "sum_differs",
                say(
                    "Its parts add up to {sum}. The stated price was taken; check which one is right.",
                    sum=f"{self._sum_of_parts():,}",
                ),
            )
        return stated, int(euros * 100)

    def minutes(self, field: str) -> int:
        """Hours, perhaps with decimals, as minutes."""
        value = self._value(field)
        hours = self._figure(value)
        if hours is not None and _LEAST_HOURS <= hours <= _MOST_HOURS:
            return int(hours * 60)
        if value:
            reason = say(
                "Write hours as a figure from {least} to {most}.", least=_LEAST_HOURS, most=f"{_MOST_HOURS:,}"
            )
            self._refuse(field, value, "not_hours", reason)
        return 0

    def refuse(self, field: str, kind: str, reason: str) -> None:
        """Note an error that only the whole file shows, such as a key that is used twice."""
        self._refuse(field, self._raw(field), kind, reason)

    def warn(self, field: str, kind: str, reason: str) -> None:
        """Note a warning that only the whole file shows."""
        self._warn(field, self._raw(field), kind, reason)

    def _raw(self, field: str) -> str:
        return self._cells.get(self._mapping.column_of(field), "")

    def _value(self, field: str) -> str:
        """What a field says. A row is refused when it must say something and says nothing."""
        before = len(self.problems)
        value = self._present(field)
        if not value and self._fields[field].required:
            del self.problems[before:]
            name = field.removeprefix("foreign_").replace("_", " ")
            reason = together(
                say("A row is nothing without its {name}.", name=name),
                say("What stands there means nothing by the mapping.") if self._raw(field).strip() else "",
                say("Fill it in at the source, or leave the row out."),
            )
            self._refuse(field, self._raw(field), f"no_{field}", reason)
        return value

    def _present(self, field: str) -> str:
        """What a field says once quotes are taken off and words for nothing are understood as nothing."""
        raw = self._raw(field)
        value = self._unwrapped(field, raw)
        value = _paragraphs(value) if self._fields[field].shape is Shape.TEXT else _bare(value)
        missing = self._mapping.missing
        nothing = [*missing.get("everywhere", []), *missing.get(field, [])]
        if value and value.casefold() in {word.casefold() for word in nothing}:
            self._warn(
                field, value, "nothing_in_words", say("This stands for nothing and was read as empty.")
            )
            return ""
        return value

    def _unwrapped(self, field: str, raw: str) -> str:
        value = raw.strip()
        if len(value) >= 2 and value.startswith('"') and value.endswith('"'):
            if self._mapping.file.quoted_twice:
                return value[1:-1].replace('""', '"')
            self._warn(
                field,
                raw,
                "wrapped_in_quotes",
                say("The quotes are part of the value. If not so, set file.quoted_twice."),
            )
        return value

    def _padded(self, field: str, value: str) -> str:
        wanted = self._mapping.digits.get(field, 0)
        if value.isascii() and value.isdigit() and len(value) < wanted:
            self._warn(
                field,
                value,
                "zeros_restored",
                say("It should have {wanted} digits. Zeros were put at its front.", wanted=wanted),
            )
            return value.zfill(wanted)
        return value

    def _within(self, field: str, value: str) -> str:
        limits = self._fields[field]
        if len(value) <= limits.longest:
            return value
        if limits.shape is Shape.TEXT:
            self._warn(
                field,
                value,
                "shortened",
                say("It is longer than {longest} characters and was cut.", longest=f"{limits.longest:,}"),
            )
            return value[: limits.longest - 1].rstrip() + "…"
        self._doubt(
            field,
            value,
            "too_long",
            say("At most {longest} characters fit. Shorten it.", longest=limits.longest),
        )
        return ""

    def _is_flagged(self, column: str) -> bool:
        value = _bare(self._cells.get(column, "")).casefold()
        flags = self._mapping.flags
        if value in {word.casefold() for word in flags.yes}:
            return True
        if value and value not in {word.casefold() for word in flags.no}:
            reason = say(
                "The mapping knows this neither as yes nor as no, so it was read as no. Add it to flags."
            )
            self.problems.append(Problem(self.line, column, value, reason, "not_yes_or_no", Weight.WARNING))
        return False

    def _figure(self, value: str) -> Decimal | None:
        terms = self._mapping.price
        bare = re.sub(rf"[\s$€£]|{terms.currency}", "", value)
        if not _FIGURE[terms.decimal].fullmatch(bare):
            return None
        thousands = "," if terms.decimal == "." else "."
        return Decimal(bare.replace(thousands, "").replace(terms.decimal, "."))

    def _sum_of_parts(self) -> Decimal:
        columns = self._mapping.price.parts
        return sum(
            (self._figure(_bare(self._cells.get(column, ""))) or Decimal(0) for column in columns), Decimal(0)
        )

    def _parts_hint(self, stated: Decimal) -> str:
        if not self._mapping.price.parts or abs(stated - self._sum_of_parts()) < 1:
            return ""
        return say("Its parts add up to {sum}.", sum=f"{self._sum_of_parts():,}")

    def _refuse(self, field: str, value: str, kind: str, reason: str) -> None:
        self.problems.append(Problem(self.line, self._mapping.column_of(field), value, reason, kind))

    def _warn(self, field: str, value: str, kind: str, reason: str) -> None:
        column = self._mapping.column_of(field)
        self.problems.append(Problem(self.line, column, value, reason, kind, Weight.WARNING))

    def _doubt(self, field: str, value: str, kind: str, reason: str) -> None:
        """An error where the row depends on the field, else a warning, and the value is left out."""
        limits: Field = self._fields[field]
        note: Callable[[str, str, str, str], None] = (
            self._refuse if limits.required or limits.vital else self._warn
        )
        note(
            field, value, kind, reason if note == self._refuse else together(reason, say("It was left out."))
        )


def _bare(value: str) -> str:
    """A value on one line: composed characters, single spaces, no control characters."""
    composed = unicodedata.normalize("NFC", value)
    return " ".join("".join(char if char.isprintable() else " " for char in composed).split())


def _paragraphs(value: str) -> str:
    """A longer text: its paragraphs kept, spaces and control characters tidied."""
    lines = [_bare(line) for line in value.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _folded(words: Table[str, str]) -> dict[str, str]:
    return {word.casefold(): meaning for word, meaning in words.items()}


def _is_code(field: str, word: str) -> bool:
    allowed = CODES[field]
    return word in allowed if allowed is not None else len(word) == 2 and word.isascii() and word.islower()
