"""Reading personal budgets for whoever may: the person, and the procurer's case workers."""

from datetime import date
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import ledger
from setori.envelopes import rules
from setori.envelopes.models import Envelope, EnvelopeLimit
from setori.errors import NotFound
from setori.ledger import AccountKind
from setori.people import Actor, Role
from setori.vouchers import Gives, Programme, Terms


async def find(db: AsyncSession, envelope_id: UUID, *, by: Actor) -> Envelope:
    """One's own budget, or one that one's employment area gave. Raises NotFound."""
    found = await db.get(Envelope, envelope_id, populate_existing=True)
    if found is None or not _may_see(found, by):
        raise NotFound
    return found


async def lock(db: AsyncSession, envelope_id: UUID, *, by: Actor) -> Envelope:
    """The same, locked until the transaction ends. Whoever moves money locks the budget's account before."""
    wanted = select(Envelope).where(Envelope.id == envelope_id).with_for_update()
    found = (await db.exec(wanted.execution_options(populate_existing=True))).first()
    if found is None or not _may_see(found, by):
        raise NotFound
    return found


async def limits(db: AsyncSession, envelope_id: UUID) -> dict[UUID, int]:
    """What each service may take in all, in cents."""
    wanted = select(EnvelopeLimit.service_id, EnvelopeLimit.limit_cents)
    return dict((await db.exec(wanted.where(EnvelopeLimit.envelope_id == envelope_id))).all())


async def taken(db: AsyncSession, envelope_id: UUID, service_id: UUID) -> int:
    """What vouchers of a service have taken and not given back, in cents."""
    return int((await db.exec(select(func.taken_from_envelope(envelope_id, service_id)))).one())


async def lock_account(
    db: AsyncSession, procurer_id: UUID, kind: AccountKind, owner_id: UUID
) -> ledger.Account:
    """An account, its row locked until the transaction ends."""
    found = await ledger.find_account(db, procurer_id, kind, owner_id)
    assert found is not None, "opened with the programme or the envelope"
    await db.exec(select(func.lock_account(found.id)))
    await db.refresh(found)
    return found


async def programme_for(
    db: AsyncSession, envelope: Envelope, service_id: UUID, price_cents: int
) -> tuple[Programme, Terms] | None:
    """The open programme whose vouchers pay for a service at a price: the budget's own first, then the newest."""
    newest = (
        select(func.max(Terms.number))
        .where(Terms.programme_id == Programme.id)
        .correlate(Programme)
        .scalar_subquery()
    )
    wanted = (
        select(Programme, Terms)
        .join(Terms, col(Terms.programme_id) == Programme.id)
        .where(
            Programme.procurer_id == envelope.procurer_id,
            Programme.service_id == service_id,
            col(Programme.is_open),
            Terms.number == newest,
            Terms.price_cap_cents >= price_cents,
        )
        .order_by((col(Programme.id) == envelope.programme_id).desc(), col(Programme.id).desc())
    )
    return (await db.exec(wanted.limit(1))).first()


async def price(
    db: AsyncSession, envelope_id: UUID, service_id: UUID, price_cents: int, sessions: int
) -> int | None:
    """What so many sessions at a price set aside from a budget, in cents; None when no programme pays for them."""
    envelope = await db.get(Envelope, envelope_id)
    if envelope is None:
        raise NotFound
    found = await programme_for(db, envelope, service_id, price_cents)
    if found is None:
        return None
    _, terms = found
    is_money = terms.gives is Gives.VALUE
    return rules.set_aside(price_cents, sessions, cap_cents=terms.price_cap_cents, holds_money=is_money)[1]


async def has_live(db: AsyncSession, person_id: UUID, *, on: date) -> bool:
    """Whether somebody has a budget that runs on a day."""
    wanted = select(Envelope.id).where(
        Envelope.person_id == person_id, col(Envelope.ended_at).is_(None), Envelope.expires_on >= on
    )
    return (await db.exec(wanted.limit(1))).first() is not None


def _may_see(envelope: Envelope, by: Actor) -> bool:
    if by.role is Role.JOBSEEKER:
        return envelope.person_id == by.person_id
    return by.role is Role.CASE_WORKER and envelope.procurer_id == by.organisation_id
