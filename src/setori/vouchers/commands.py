"""What people may ask of vouchers, as forms, JSON and seeds alike spell it."""

from datetime import date, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from setori.catalogue import Way
from setori.people import Command, Empty, Language, Line, Name, OwnEmail, Phone, Reason, Words
from setori.vouchers.rules import (
    AgeBand,
    Decision,
    DisputeKind,
    Gives,
    LeftBecause,
    OutcomeKind,
    SupportNeed,
    Unemployed,
)

LARGEST_FILE = 5 * 1024 * 1024
"""A batch's file is at most this long, in bytes."""
LONGEST_DAYS = 1100
"""Three years: for how long a voucher can be valid at most."""


def _not_a_boolean(given: object) -> object:
    """`true` is not one session."""
    if isinstance(given, bool):
        raise PydanticCustomError("int_type", "Write a whole number.")
    return given


def _as_number(given: object) -> object:
    """Forms send what is chosen as text."""
    return int(given) if isinstance(given, str) and given.isascii() and given.isdigit() else given


Municipality = Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
"""A municipality by its code of three figures."""
Months = Annotated[Literal[3, 6, 12], BeforeValidator(_as_number)]
"""How long an outcome has lasted."""


class GiveOutcomeFee(Command):
    """What is paid for one outcome that has lasted so many months, and until how long after the voucher's last day."""

    kind: OutcomeKind
    months: Months
    fee_cents: int = Field(gt=0, le=100_000_00)
    claim_days: int = Field(ge=1, le=LONGEST_DAYS)


class GiveTerms(Command):
    """On what terms a programme's vouchers are issued: what one holds, at what price, how long, and how it is used.

    See `models.Terms` for what each figure means.
    """

    gives: Gives = Gives.UNITS
    price_cap_cents: int = Field(gt=0, le=10_000_00)
    units: Annotated[int | None, Empty] = Field(default=None, ge=1, le=100, validate_default=True)
    value_cents: Annotated[int | None, Empty] = Field(
        default=None, gt=0, le=100_000_00, validate_default=True
    )
    validity_days: int = Field(ge=1, le=LONGEST_DAYS)
    target_group: Words = Field(default_factory=dict)
    municipality_codes: tuple[Municipality, ...] = ()
    silent_days: int = Field(default=0, ge=0, le=60)
    notice_hours: int = Field(default=24, ge=0, le=168)
    late_cancel_uses: bool = False
    no_show_uses: bool = False
    switches: Annotated[int | None, Empty] = Field(default=None, ge=0, le=50)

    outcome_fees: tuple[GiveOutcomeFee, ...] = ()

    @field_validator("outcome_fees")
    @classmethod
    def each_step_once(cls, fees: tuple[GiveOutcomeFee, ...]) -> tuple[GiveOutcomeFee, ...]:
        """A kind of outcome has one fee for each number of months."""
        if len({(fee.kind, fee.months) for fee in fees}) < len(fees):
            raise PydanticCustomError("twice", "Each step has one fee.")
        return fees

    @field_validator("units")
    @classmethod
    def units_when_it_gives_units(cls, units: int | None, seen: ValidationInfo) -> int | None:
        """Sessions are needed when a voucher holds sessions, and not kept when it holds money."""
        if seen.data.get("gives") is not Gives.UNITS:
            return None
        if units is None:
            raise PydanticCustomError("missing", "Fill this in.")
        return units

    @field_validator("value_cents")
    @classmethod
    def value_when_it_gives_value(cls, value: int | None, seen: ValidationInfo) -> int | None:
        """Money is needed when a voucher holds money, enough for one session, and not kept when it holds sessions."""
        if seen.data.get("gives") is not Gives.VALUE:
            return None
        if value is None:
            raise PydanticCustomError("missing", "Fill this in.")
        if value < seen.data.get("price_cap_cents", 0):
            raise PydanticCustomError(
                "value_too_small", "The value must pay for at least one session at the highest price."
            )
        return value


class StartProgramme(GiveTerms):
    """A programme: for which service, its first terms, and the money to begin with."""

    service_id: UUID
    name: Name
    budget_cents: int = Field(default=0, ge=0, le=100_000_000_00)


class GrantBudget(Command):
    """More money for a programme, with the reason that the books keep."""

    amount_cents: int = Field(gt=0, le=100_000_000_00)
    reason: Reason
    posting_id: Annotated[UUID | None, Empty] = None
    """Made when the form is rendered: the same one twice is one posting."""


class CutBudget(GrantBudget):
    """Money that a programme has not promised to anybody is taken back, with the reason that the books keep."""


class IssueVoucher(Command):
    """A voucher for one person. What it holds, and for how long, comes from the programme unless said otherwise."""

    programme_id: UUID
    name: Line
    phone: Annotated[Phone | None, Empty] = None
    email: OwnEmail = Field(default=None, validate_default=True)
    language: Language = "fi"
    municipality_code: Annotated[Municipality | None, Empty] = None
    """Where the person lives: asked when the programme is for some municipalities only, and not kept."""
    support_need: Annotated[SupportNeed | None, Empty] = None
    unemployed: Annotated[Unemployed | None, Empty] = None
    age_band: Annotated[AgeBand | None, Empty] = None
    units: int | None = Field(default=None, ge=1, le=100)
    value_cents: int | None = Field(default=None, gt=0, le=100_000_00)
    expires_on: date | None = None


class HandInBatch(Command):
    """A file with a row for each person who is to get a voucher of a programme."""

    programme_id: UUID
    file_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    file: bytes = Field(min_length=1, max_length=LARGEST_FILE)


class StartBatch(Command):
    """Issue what is good, and to those who are warned of too when a second voucher is meant."""

    gives_seconds: bool = False


class EndBatch(Command):
    """Why the rest of a batch is not issued, and whether what nobody has taken into use is taken back."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
    takes_back: bool = False


class ChooseOffering(Command):
    """Whom the jobseeker chooses: an offering, and the coach in it when it has coaches.

    When it is another provider than before, why (nobody has to say), and whether the new one may read what earlier
    coaches wrote to the client.
    """

    offering_id: UUID
    coach_id: UUID | None = None
    reason: LeftBecause = LeftBecause.NOT_SAID
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
    shares_notes: bool = False


class ExtendVoucher(Command):
    """A later last day, with the reason that the trail keeps."""

    expires_on: date
    reason: Reason


class RedeemVoucher(Command):
    """A session that was held: the voucher's code as typed or scanned, how many units, on which day.

    How many minutes it took, in which way and from what time (in Finland) on are told when known. `note` is for the
    client, `private_note` for the firm alone.
    """

    voucher_code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    units: Annotated[int, BeforeValidator(_not_a_boolean)] = Field(default=1, ge=1, le=100)
    service_day: date
    minutes: Annotated[int | None, Empty] = Field(default=None, ge=1, le=1440)
    way: Annotated[Way | None, Empty] = None
    begins: Annotated[time | None, Empty] = None
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    private_note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""

    @field_validator("begins")
    @classmethod
    def a_time_needs_its_length(cls, begins: time | None, seen: ValidationInfo) -> time | None:
        """A session that begins at a time lasts some minutes."""
        if begins is not None and seen.data.get("minutes") is None:
            raise PydanticCustomError("needs_minutes", "Write also how many minutes it took.")
        return begins


class WriteNote(Command):
    """What the coach writes on a session whose day and client are known; the client reads it too."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class GiveReason(Command):
    """Why a session is refused or taken back."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class DisputeSession(Command):
    """What is not right with a recorded session, in the jobseeker's words; how long it was when it was shorter."""

    kind: DisputeKind = DisputeKind.OTHERWISE
    minutes: Annotated[int | None, Empty] = Field(default=None, ge=1, le=1440, validate_default=True)
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000)]

    @field_validator("minutes")
    @classmethod
    def shorter_is_how_long(cls, minutes: int | None, seen: ValidationInfo) -> int | None:
        """A shorter session lasted some minutes; of the others they are not kept."""
        if seen.data.get("kind") is not DisputeKind.SHORTER:
            return None
        if minutes is None:
            raise PydanticCustomError("missing", "Fill this in.")
        return minutes


class AnswerDispute(Command):
    """The provider's side of a dispute."""

    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000)]


class DecideDispute(Command):
    """The procurer's decision, with its reason for both sides; what is paid when it is corrected."""

    decision: Decision
    units: Annotated[int | None, Empty] = Field(default=None, ge=1, le=100, validate_default=True)
    minutes: Annotated[int | None, Empty] = Field(default=None, ge=1, le=1440)
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000)]

    @field_validator("units")
    @classmethod
    def corrected_to_some_units(cls, units: int | None, seen: ValidationInfo) -> int | None:
        """A correction says how many units are paid."""
        if seen.data.get("decision") is not Decision.CORRECTED:
            return None
        if units is None:
            raise PydanticCustomError("missing", "Fill this in.")
        return units


class LookAtSample(Command):
    """What was found when a silently confirmed session was looked at."""

    is_right: bool
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
