"""Reading vouchers, choices and redemptions, each for the eyes that may see them."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.orm import defer
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.catalogue import Coach
from setori.errors import NotFound
from setori.people import Role
from setori.vouchers import codes
from setori.vouchers.models import Batch, Choice, Dispute, OutcomeFee, Programme, Redemption, Terms, Voucher
from setori.vouchers.rules import LeftBecause, RedemptionStatus, VoucherStatus


async def find_programme(db: AsyncSession, programme_id: UUID, procurer_id: UUID | None) -> Programme:
    """A programme of the procurer. Raises NotFound."""
    found = await db.get(Programme, programme_id)
    if found is None or found.procurer_id != procurer_id:
        raise NotFound
    return found


async def lock_programme(db: AsyncSession, programme_id: UUID, procurer_id: UUID) -> Programme:
    """A programme of the procurer, locked until the transaction ends. Raises NotFound."""
    wanted = select(Programme).where(Programme.id == programme_id, Programme.procurer_id == procurer_id)
    found = (await db.exec(wanted.with_for_update().execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound
    return found


async def newest_terms(db: AsyncSession, programme_id: UUID) -> Terms:
    """The terms on which a programme's vouchers are issued now."""
    wanted = (
        select(Terms).where(Terms.programme_id == programme_id).order_by(col(Terms.number).desc()).limit(1)
    )
    return (await db.exec(wanted)).one()


async def find_terms(db: AsyncSession, voucher: Voucher) -> Terms:
    """The terms that a voucher was issued on."""
    return (await db.exec(select(Terms).where(Terms.id == voucher.terms_id))).one()


async def find_outcome_fees(db: AsyncSession, terms_id: UUID) -> list[OutcomeFee]:
    """What a version of terms pays for outcomes, by kind and months."""
    wanted = select(OutcomeFee).where(OutcomeFee.terms_id == terms_id)
    return list((await db.exec(wanted.order_by(col(OutcomeFee.kind), col(OutcomeFee.months)))).all())


async def list_delivered(db: AsyncSession, voucher_id: UUID) -> list[tuple[UUID, date]]:
    """(provider, day of its first confirmed session) on a voucher, whoever met the holder last first."""
    wanted = (
        select(Redemption.provider_id, func.min(Redemption.service_on))
        .where(Redemption.voucher_id == voucher_id, Redemption.status == RedemptionStatus.CONFIRMED)
        .group_by(col(Redemption.provider_id))
        .order_by(func.max(Redemption.service_on).desc())
    )
    return list((await db.exec(wanted)).all())


async def lock_voucher(
    db: AsyncSession, voucher_id: UUID, *, person_id: UUID | None = None, procurer_id: UUID | None = None
) -> Voucher:
    """A voucher of this person or this procurer, locked until the transaction ends. Raises NotFound."""
    wanted = select(Voucher).where(Voucher.id == voucher_id).with_for_update()
    found = (await db.exec(wanted.execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound
    if person_id is not None and found.person_id != person_id:
        raise NotFound
    if procurer_id is not None and found.procurer_id != procurer_id:
        raise NotFound
    return found


async def find_voucher(db: AsyncSession, voucher_id: UUID) -> Voucher | None:
    """A voucher, whoever's it is."""
    return await db.get(Voucher, voucher_id)


async def is_voucher_of(db: AsyncSession, voucher_id: UUID, envelope_id: UUID) -> bool:
    """Whether a voucher came out of an envelope: a form that is sent twice asks before it takes again."""
    found = await db.get(Voucher, voucher_id)
    return found is not None and found.envelope_id == envelope_id


async def find_claimant(db: AsyncSession, token: str) -> UUID:
    """Whose voucher a letter's link opens. Raises NotFound."""
    found = await find_by_claim(db, codes.claim_hash_of(token))
    if found is None:
        raise NotFound
    return found.person_id


async def holds_of_others(db: AsyncSession, token: str) -> bool:
    """Whether whoever a letter is for holds vouchers of other procurers: its issuer must not come to those by it."""
    found = await find_by_claim(db, codes.claim_hash_of(token))
    if found is None:
        raise NotFound
    wanted = select(Voucher.id).where(
        Voucher.person_id == found.person_id, Voucher.procurer_id != found.procurer_id
    )
    return (await db.exec(wanted.limit(1))).first() is not None


async def find_by_claim(db: AsyncSession, claim_hash: bytes) -> Voucher | None:
    """The voucher that a claim link opens."""
    return (await db.exec(select(Voucher).where(Voucher.claim_hash == claim_hash))).first()


async def find_unclaimed(db: AsyncSession, code: str, *, key: bytes) -> UUID | None:
    """The voucher with this code, when it waits for being taken into use."""
    wanted = select(Voucher.id).where(
        Voucher.code_hash == codes.hash_of(code, key), Voucher.status == VoucherStatus.ISSUED
    )
    return (await db.exec(wanted)).first()


async def current_choice(db: AsyncSession, voucher_id: UUID) -> Choice | None:
    """Whom the jobseeker has chosen now."""
    wanted = select(Choice).where(Choice.voucher_id == voucher_id, col(Choice.ended_at).is_(None))
    return (await db.exec(wanted)).first()


async def count_switches(db: AsyncSession, voucher_id: UUID) -> int:
    """How many times the provider has been changed, not counting those that could not go on."""
    wanted = select(func.count()).where(
        Choice.voucher_id == voucher_id,
        col(Choice.left_because).is_not(None),
        Choice.left_because != LeftBecause.PROVIDER_CANNOT,
    )
    return (await db.exec(wanted)).one()


async def people_of_choice(db: AsyncSession, choice: Choice) -> list[UUID]:
    """Who is told of a client: the coach, or the firm's owners when no coach was named or the coach has no way in."""
    if choice.coach_id is not None:
        coach = await db.get(Coach, choice.coach_id)
        if coach is not None and coach.person_id is not None:
            return [coach.person_id]
    members = await people.list_members(db, choice.provider_id)
    return [member.person_id for member in members if member.role is Role.PROVIDER_OWNER]


async def lock_dispute(db: AsyncSession, redemption_id: UUID) -> tuple[Redemption, Dispute]:
    """A session and what is disputed of it, the dispute locked until the transaction ends. Raises NotFound."""
    wanted = (
        select(Redemption, Dispute)
        .join(Dispute, col(Dispute.redemption_id) == Redemption.id)
        .where(Redemption.id == redemption_id)
        .with_for_update(of=Dispute)
    )
    found = (await db.exec(wanted.execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound
    return found


async def is_own_session(db: AsyncSession, redemption_id: UUID, person_id: UUID) -> bool:
    """Whether a session is a coach's own: recorded by that coach, with a client of that coach or of none by name."""
    wanted = (
        select(Redemption.id)
        .join(Coach, col(Coach.id) == Redemption.coach_id, isouter=True)
        .where(
            Redemption.id == redemption_id,
            or_(
                col(Redemption.coach_id).is_(None),
                col(Coach.person_id) == person_id,
                col(Redemption.recorded_by) == person_id,
            ),
        )
    )
    return (await db.exec(wanted)).first() is not None


async def find_sampled(db: AsyncSession, redemption_id: UUID, procurer_id: UUID) -> Redemption:
    """A session of the procurer that silence confirmed and chance picked. Raises NotFound."""
    found = await db.get(Redemption, redemption_id)
    if found is None or found.procurer_id != procurer_id or not found.is_sampled:
        raise NotFound
    return found


async def list_clients(
    db: AsyncSession, procurer_id: UUID, provider_id: UUID, service_id: UUID
) -> list[tuple[UUID, UUID]]:
    """(voucher, person) of everybody who has chosen a provider and has sessions left."""
    wanted = (
        select(Voucher.id, Voucher.person_id)
        .join(Choice, col(Choice.voucher_id) == Voucher.id)
        .where(
            Choice.provider_id == provider_id,
            col(Choice.ended_at).is_(None),
            Voucher.procurer_id == procurer_id,
            Voucher.service_id == service_id,
            Voucher.status == VoucherStatus.CHOSEN,
        )
        .order_by(col(Voucher.id))
    )
    return list((await db.exec(wanted)).all())


async def lock_batch(db: AsyncSession, batch_id: UUID, procurer_id: UUID | None = None) -> Batch:
    """A batch (of this procurer) without its file, locked until the transaction ends. Raises NotFound."""
    wanted = select(Batch).options(defer(col(Batch.file))).where(Batch.id == batch_id).with_for_update()  # type: ignore[arg-type]
    found = (await db.exec(wanted.execution_options(populate_existing=True))).first()
    if found is None or procurer_id not in (None, found.procurer_id):
        raise NotFound
    return found


async def list_with_live_voucher(
    db: AsyncSession, programme_id: UUID, people: Collection[UUID]
) -> dict[UUID, UUID]:
    """Who of these has a voucher of the programme that can still be used: person → the newest such voucher."""
    wanted = (
        select(Voucher.person_id, Voucher.id)
        .where(
            Voucher.programme_id == programme_id,
            col(Voucher.person_id).in_(people),
            col(Voucher.status).in_([VoucherStatus.ISSUED, VoucherStatus.CLAIMED, VoucherStatus.CHOSEN]),
        )
        .order_by(col(Voucher.id))
    )
    return dict((await db.exec(wanted)).all()) if people else {}
