"""People get their vouchers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from setori import ledger, people
from setori.days import local_day
from setori.db import new_id, record
from setori.errors import Forbidden, Invalid
from setori.ledger import AccountKind, PostingKind
from setori.people import Actor, Role
from setori.vouchers import codes, queries
from setori.vouchers.commands import LONGEST_DAYS, IssueVoucher
from setori.vouchers.models import Programme, Terms, Voucher
from setori.vouchers.refusals import ProgrammeClosed
from setori.vouchers.rules import MOST_TIMES, Gives, VoucherStatus


@dataclass(frozen=True, slots=True)
class Issued:
    """A voucher that was just issued; `code` and `claim_token` are told here and in the letter only."""

    voucher_id: UUID
    person_id: UUID
    code: str
    claim_token: str
    units: int
    value_cents: int
    expires_on: str


@dataclass(frozen=True, slots=True)
class Worth:
    """What a new voucher holds: sessions (none of one of a value), cents, and until when."""

    units: int
    value_cents: int
    expires_on: date


async def issue(db: AsyncSession, order: IssueVoucher, *, key: bytes, by: Actor, at: datetime) -> Issued:
    """Give a person a voucher on the programme's newest terms: its value leaves the budget, and a letter goes out.

    Whoever has a phone number only gets no e-mail: the letter is printed and handed over.

    `key` is the house's key for codes. Raises NotEnoughMoney when the budget does not cover it, ProgrammeClosed,
    Invalid when the last day is in the past or too far away, the programme is not for the municipality, or sessions
    are asked of a voucher that holds money (and the other way round), NotFound for another procurer's programme.
    """
    programme = await queries.find_programme(db, order.programme_id, _desk(by, Role.CASE_WORKER))
    if not programme.is_open:
        raise ProgrammeClosed
    terms = await queries.newest_terms(db, programme.id)
    today = local_day(at)
    expires_on = order.expires_on or today + timedelta(days=terms.validity_days)
    units, value = _worth(order, terms, today=today, expires_on=expires_on)
    person = people.AddPerson(name=order.name, email=order.email, phone=order.phone, language=order.language)
    person_id = await people.add_person(db, person, by=by, at=at)
    await people.add_member(db, person_id, None, Role.JOBSEEKER, by=by, at=at)

    stood: dict[str, Any] = {
        "support_need": order.support_need,
        "unemployed": order.unemployed,
        "age_band": order.age_band,
    }
    worth = Worth(units, value, expires_on)
    issued = await lay(db, programme, terms, person_id, worth, key=key, by=by.person_id, at=at, **stood)
    await pay(db, programme, issued, by=by, at=at)
    if order.email is not None:
        told = {"voucher_id": str(issued.voucher_id), "claim_token": issued.claim_token}
        await people.notify(db, person_id, "voucher_issued", told, at=at)
    return issued


async def lay(
    db: AsyncSession,
    programme: Programme,
    terms: Terms,
    person_id: UUID,
    worth: Worth,
    *,
    id: UUID | None = None,
    envelope_id: UUID | None = None,
    key: bytes,
    by: UUID,
    at: datetime,
    **stood: Any,
) -> Issued:
    """Write a voucher with its account, before it is paid for. `by` is whom its holder asks; `stood` how one stands."""
    voucher_id = id or new_id()
    code, token = codes.code_of(voucher_id, key), codes.claim_token_of(voucher_id, key)
    db.add(
        Voucher(
            id=voucher_id,
            procurer_id=programme.procurer_id,
            programme_id=programme.id,
            terms_id=terms.id,
            service_id=programme.service_id,
            person_id=person_id,
            envelope_id=envelope_id,
            status=VoucherStatus.ISSUED,
            code_hash=codes.hash_of(code, key),
            claim_hash=codes.claim_hash_of(token),
            units=worth.units,
            price_cap_cents=terms.price_cap_cents,
            value_cents=worth.value_cents,
            starts_on=local_day(at),
            expires_on=worth.expires_on,
            issued_by=by,
            issued_at=at,
            **stood,
        )
    )
    await db.flush()
    await ledger.open_accounts(db, programme.procurer_id, AccountKind.VOUCHER, [voucher_id])
    told = worth.expires_on.isoformat()
    return Issued(voucher_id, person_id, code, token, worth.units, worth.value_cents, told)


async def pay(db: AsyncSession, programme: Programme, issued: Issued, *, by: Actor, at: datetime) -> None:
    """Move a new voucher's value from its programme's budget onto it. Raises NotEnoughMoney."""
    budget = await ledger.open_account(db, programme.procurer_id, AccountKind.BUDGET, programme.id)
    await ledger.post(
        db,
        PostingKind.ISSUE,
        procurer_id=programme.procurer_id,
        debit=budget,
        credit=issued.voucher_id,
        amount=issued.value_cents,
        reference=issued.voucher_id,
        at=at,
        by_id=by.person_id,
    )
    record(
        db,
        "voucher.issue",
        issued.voucher_id,
        by_id=by.person_id,
        at=at,
        procurer_id=programme.procurer_id,
        units=issued.units,
    )


def _worth(order: IssueVoucher, terms: Terms, *, today: date, expires_on: date) -> tuple[int, int]:
    """(sessions, cents) of a new voucher. One of a value holds no sessions until a coach with a price is chosen."""
    errors: dict[str, str] = {}
    if expires_on < today:
        errors["expires_on"] = "The last day cannot be in the past."
    elif expires_on > today + timedelta(days=LONGEST_DAYS):
        errors["expires_on"] = "The last day can be at most 1,100 days away."
    if terms.gives is Gives.VALUE and order.units is not None:
        errors["units"] = "This programme's vouchers hold money, not a number of sessions."
    if terms.gives is Gives.UNITS and order.value_cents is not None:
        errors["value_cents"] = "This programme's vouchers hold a number of sessions, not money."
    if terms.gives is Gives.VALUE and (order.value_cents or terms.worth_cents) < terms.price_cap_cents:
        errors["value_cents"] = "The value must pay for at least one session at the highest price."
    if (order.units or 0) > MOST_TIMES * (terms.units or 0) and terms.gives is Gives.UNITS:
        errors["units"] = "One person can be given at most twice what the programme's terms give."
    if (order.value_cents or 0) > MOST_TIMES * terms.worth_cents and terms.gives is Gives.VALUE:
        errors["value_cents"] = "One person can be given at most twice what the programme's terms give."
    if terms.municipality_codes and order.municipality_code is None:
        errors["municipality_code"] = (
            "The programme is for some municipalities only. Say where the person lives."
        )
    elif terms.municipality_codes and order.municipality_code not in terms.municipality_codes:
        errors["municipality_code"] = "The programme is not for this municipality. Choose another programme."
    if errors:
        raise Invalid(errors=errors)
    if terms.gives is Gives.VALUE:
        return 0, order.value_cents or terms.worth_cents
    units = order.units or terms.units or 0
    return units, units * terms.price_cap_cents


def _desk(by: Actor, *roles: Role) -> UUID:
    if by.role not in roles or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id
