"""Programmes get their budget, and people their vouchers."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import ledger, people
from setori.days import local_day
from setori.db import new_id, record
from setori.errors import Forbidden, Invalid
from setori.ledger import AccountKind, PostingKind
from setori.people import Actor, Role
from setori.vouchers import codes, queries
from setori.vouchers.commands import LONGEST_DAYS, GrantBudget, IssueVoucher, StartProgramme
from setori.vouchers.models import Programme, Voucher
from setori.vouchers.refusals import ProgrammeClosed
from setori.vouchers.rules import VoucherStatus


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


async def start_programme(db: AsyncSession, order: StartProgramme, *, by: Actor, at: datetime) -> UUID:
    """Open a programme with its budget account; money is granted at once when the order says so."""
    procurer_id = _desk(by, Role.CASE_WORKER, Role.FINANCE, Role.REGISTRAR)
    programme = Programme(
        procurer_id=procurer_id,
        service_id=order.service_id,
        name=order.name,
        units=order.units,
        price_cap_cents=order.price_cap_cents,
        validity_days=order.validity_days,
        created_at=at,
    )
    db.add(programme)
    await db.flush()
    await ledger.open_account(db, procurer_id, AccountKind.BUDGET, programme.id)
    record(db, "programme.start", programme.id, by_id=by.person_id, at=at, procurer_id=procurer_id)
    if order.budget_cents:
        await _grant(db, programme, order.budget_cents, by=by, at=at)
    return programme.id


async def grant_budget(
    db: AsyncSession, programme_id: UUID, order: GrantBudget, *, by: Actor, at: datetime
) -> None:
    """Grant more money to a programme."""
    programme = await queries.find_programme(db, programme_id, _desk(by, Role.FINANCE))
    await _grant(db, programme, order.amount_cents, by=by, at=at)


async def _grant(db: AsyncSession, programme: Programme, cents: int, *, by: Actor, at: datetime) -> None:
    budget = await ledger.open_account(db, programme.procurer_id, AccountKind.BUDGET, programme.id)
    outside = await ledger.open_account(db, programme.procurer_id, AccountKind.APPROPRIATION)
    await ledger.post(
        db,
        PostingKind.APPROPRIATE,
        procurer_id=programme.procurer_id,
        debit=outside,
        credit=budget,
        amount=cents,
        reference=programme.id,
        at=at,
        by_id=by.person_id,
    )


async def issue(db: AsyncSession, order: IssueVoucher, *, key: bytes, by: Actor, at: datetime) -> Issued:
    """Give a person a voucher: its value leaves the budget, and a letter with the claim link goes out.

    `key` is the house's key for codes. Raises NotEnoughMoney when the budget does not cover it, ProgrammeClosed,
    Invalid when the last day is in the past or too far away, NotFound for another procurer's programme.
    """
    programme = await queries.find_programme(db, order.programme_id, _desk(by, Role.CASE_WORKER))
    if not programme.is_open:
        raise ProgrammeClosed
    today = local_day(at)
    expires_on = order.expires_on or today + timedelta(days=programme.validity_days)
    if expires_on < today:
        raise Invalid(errors={"expires_on": "The last day cannot be in the past."})
    if expires_on > today + timedelta(days=LONGEST_DAYS):
        raise Invalid(errors={"expires_on": "The last day can be at most 1,100 days away."})
    units = order.units or programme.units
    person = people.AddPerson(name=order.name, email=order.email, language=order.language)
    person_id = await people.add_person(db, person, by=by, at=at)
    await people.add_member(db, person_id, None, Role.JOBSEEKER, by=by, at=at)

    voucher_id, token = new_id(), secrets.token_urlsafe(32)
    code = codes.code_of(voucher_id, key)
    value = units * programme.price_cap_cents
    db.add(
        Voucher(
            id=voucher_id,
            procurer_id=programme.procurer_id,
            programme_id=programme.id,
            service_id=programme.service_id,
            person_id=person_id,
            status=VoucherStatus.ISSUED,
            code_hash=codes.hash_of(code, key),
            claim_hash=hashlib.sha256(token.encode()).digest(),
            units=units,
            price_cap_cents=programme.price_cap_cents,
            value_cents=value,
            starts_on=today,
            expires_on=expires_on,
            issued_by=by.person_id,
            issued_at=at,
        )
    )
    await db.flush()
    account = ledger.Account
    await db.exec(
        insert(account).values(
            id=voucher_id,
            procurer_id=programme.procurer_id,
            kind=AccountKind.VOUCHER,
            owner_id=voucher_id,
        )
    )
    budget = await ledger.open_account(db, programme.procurer_id, AccountKind.BUDGET, programme.id)
    await ledger.post(
        db,
        PostingKind.ISSUE,
        procurer_id=programme.procurer_id,
        debit=budget,
        credit=voucher_id,
        amount=value,
        reference=voucher_id,
        at=at,
        by_id=by.person_id,
    )
    record(
        db,
        "voucher.issue",
        voucher_id,
        by_id=by.person_id,
        at=at,
        procurer_id=programme.procurer_id,
        units=units,
    )
    await people.notify(
        db, person_id, "voucher_issued", {"voucher_id": str(voucher_id), "claim_token": token}, at=at
    )
    return Issued(voucher_id, person_id, code, token, units, value, expires_on.isoformat())


def _desk(by: Actor, *roles: Role) -> UUID:
    if by.role not in roles or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id
