"""Programmes are started, their terms rewritten for those who come, and their budget granted and cut."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from setori import ledger
from setori.db import record
from setori.errors import Forbidden
from setori.ledger import AccountKind, PostingKind
from setori.people import Actor, Role
from setori.vouchers import queries
from setori.vouchers.commands import CutBudget, GiveTerms, GrantBudget, StartProgramme
from setori.vouchers.models import OutcomeFee, Programme, Terms
from setori.vouchers.refusals import PostedAlready

PLANNERS = (Role.CASE_WORKER, Role.FINANCE, Role.REGISTRAR)


async def start_programme(db: AsyncSession, order: StartProgramme, *, by: Actor, at: datetime) -> UUID:
    """Open a programme with its first terms and its budget account; money is granted at once when the order says so."""
    procurer_id = _desk(by, *PLANNERS)
    programme = Programme(
        procurer_id=procurer_id, service_id=order.service_id, name=order.name, created_at=at
    )
    db.add(programme)
    await db.flush()
    await _write_terms(db, programme, order, number=1, by=by, at=at)
    await ledger.open_account(db, procurer_id, AccountKind.BUDGET, programme.id)
    record(db, "programme.start", programme.id, by_id=by.person_id, at=at, procurer_id=procurer_id)
    if order.budget_cents:
        await _move(db, programme, order.budget_cents, "", by=by, at=at)
    return programme.id


async def change_terms(
    db: AsyncSession, programme_id: UUID, order: GiveTerms, *, by: Actor, at: datetime
) -> int:
    """Write a programme's next terms. Vouchers issued before keep theirs. Returns the version's number.

    The programme is locked, so that two who write at once make two versions. Raises Forbidden, NotFound.
    """
    programme = await queries.lock_programme(db, programme_id, _desk(by, *PLANNERS))
    newest = await queries.newest_terms(db, programme.id)
    terms = await _write_terms(db, programme, order, number=newest.number + 1, by=by, at=at)
    return terms.number


async def open_programme(
    db: AsyncSession, programme_id: UUID, *, is_open: bool, by: Actor, at: datetime
) -> None:
    """Open a programme for new vouchers, or close it; vouchers that were issued are not touched."""
    programme = await queries.lock_programme(db, programme_id, _desk(by, *PLANNERS))
    if programme.is_open == is_open:
        return
    programme.is_open = is_open
    action = "programme.open" if is_open else "programme.close"
    record(db, action, programme.id, by_id=by.person_id, at=at, procurer_id=programme.procurer_id)
    await db.flush()


async def grant_budget(
    db: AsyncSession, programme_id: UUID, order: GrantBudget, *, by: Actor, at: datetime
) -> None:
    """More money for a programme's vouchers. Finance only."""
    programme = await queries.lock_programme(db, programme_id, _desk(by, Role.FINANCE))
    await _move(db, programme, order.amount_cents, order.reason, id=order.posting_id, by=by, at=at)


async def cut_budget(
    db: AsyncSession, programme_id: UUID, order: CutBudget, *, by: Actor, at: datetime
) -> None:
    """Take money back that the programme has promised to nobody. Finance only.

    Raises NotEnoughMoney when less is free, also when a voucher is issued in the same moment.
    """
    programme = await queries.lock_programme(db, programme_id, _desk(by, Role.FINANCE))
    await _move(db, programme, -order.amount_cents, order.reason, id=order.posting_id, by=by, at=at)


async def _move(
    db: AsyncSession,
    programme: Programme,
    cents: int,
    reason: str,
    *,
    id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Money comes to the budget from outside, or goes back there (fewer than no cents); the trail keeps the reason.

    With an id that has been posted already nothing is done: the programme is locked, so whoever comes second sees it.
    Raises PostedAlready when that was something else.
    """
    if id is not None and (posted := await db.get(ledger.Posting, id)) is not None:
        kind = PostingKind.APPROPRIATE if cents > 0 else PostingKind.DEAPPROPRIATE
        if (posted.kind, posted.reference_id, posted.amount) != (kind, programme.id, abs(cents)):
            raise PostedAlready
        return
    budget = await ledger.open_account(db, programme.procurer_id, AccountKind.BUDGET, programme.id)
    outside = await ledger.open_account(db, programme.procurer_id, AccountKind.APPROPRIATION)
    posting_id = await ledger.post(
        db,
        PostingKind.APPROPRIATE if cents > 0 else PostingKind.DEAPPROPRIATE,
        procurer_id=programme.procurer_id,
        debit=outside if cents > 0 else budget,
        credit=budget if cents > 0 else outside,
        amount=abs(cents),
        reference=programme.id,
        at=at,
        by_id=by.person_id,
        id=id,
    )
    record(
        db,
        "budget.grant" if cents > 0 else "budget.cut",
        posting_id,
        by_id=by.person_id,
        at=at,
        procurer_id=programme.procurer_id,
        reason=reason,
    )


async def _write_terms(
    db: AsyncSession, programme: Programme, order: GiveTerms, *, number: int, by: Actor, at: datetime
) -> Terms:
    terms = Terms(
        procurer_id=programme.procurer_id,
        programme_id=programme.id,
        number=number,
        gives=order.gives,
        units=order.units,
        value_cents=order.value_cents,
        price_cap_cents=order.price_cap_cents,
        validity_days=order.validity_days,
        target_group=order.target_group,
        municipality_codes=list(order.municipality_codes),
        silent_days=order.silent_days,
        notice_hours=order.notice_hours,
        late_cancel_uses=order.late_cancel_uses,
        no_show_uses=order.no_show_uses,
        switches=order.switches,
        written_by=by.person_id,
        written_at=at,
    )
    db.add(terms)
    record(
        db,
        "programme.terms",
        programme.id,
        by_id=by.person_id,
        at=at,
        procurer_id=programme.procurer_id,
        number=number,
    )
    await db.flush()
    db.add_all(OutcomeFee(terms_id=terms.id, **fee.model_dump()) for fee in order.outcome_fees)
    await db.flush()
    return terms


def _desk(by: Actor, *roles: Role) -> UUID:
    if by.role not in roles or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id
