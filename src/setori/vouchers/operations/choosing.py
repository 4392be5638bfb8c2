"""A voucher is taken into use, and its holder chooses whom to meet."""

from datetime import datetime
from uuid import UUID

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import booking, catalogue, ledger, people, registry
from setori.days import local_day
from setori.db import record
from setori.errors import Forbidden, NotFound
from setori.ledger import AccountKind
from setori.money import Money
from setori.people import Actor, Role
from setori.vouchers import codes, queries
from setori.vouchers.commands import ChooseOffering
from setori.vouchers.models import Choice, Voucher
from setori.vouchers.refusals import NotChoosable, NotClaimable, SwitchesUsed, TooDear, VoucherClosed
from setori.vouchers.rules import LeftBecause, VoucherStatus


async def claim(db: AsyncSession, token: str, *, at: datetime) -> tuple[UUID, UUID]:
    """Take a voucher into use by the link in its letter. Returns (voucher id, person id); the face signs them in.

    The link works once. Raises NotFound for an unknown link, NotClaimable for a used one or a closed voucher.
    """
    found = await queries.find_by_claim(db, codes.claim_hash_of(token))
    if found is None:
        raise NotFound
    voucher = await queries.lock_voucher(db, found.id)
    if voucher.status is not VoucherStatus.ISSUED:
        raise NotClaimable
    voucher.status = VoucherStatus.CLAIMED
    voucher.claimed_at = at
    record(db, "voucher.claim", voucher.id, by_id=voucher.person_id, at=at, procurer_id=voucher.procurer_id)
    await db.flush()
    return voucher.id, voucher.person_id


async def choose(
    db: AsyncSession, voucher_id: UUID, order: ChooseOffering, *, by: Actor, at: datetime
) -> UUID:
    """Choose an offering and a coach for one's own voucher, or change one's mind: the value follows the client.

    The price of the day is frozen for this choice. Choosing the same again changes nothing. Returns the choice's id.
    Another provider than before is a switch: what is left goes along, and the former one is told.
    Raises Forbidden, NotFound, VoucherClosed, NotChoosable, TooDear, SwitchesUsed.
    """
    if by.role is not Role.JOBSEEKER:
        raise Forbidden
    voucher = await queries.lock_voucher(db, voucher_id, person_id=by.person_id)
    today = local_day(at)
    if voucher.status not in (VoucherStatus.CLAIMED, VoucherStatus.CHOSEN) or voucher.expires_on < today:
        raise VoucherClosed
    terms = await catalogue.find_terms(db, order.offering_id, order.coach_id)
    if terms is None or terms.service_id != voucher.service_id:
        raise NotChoosable
    former = await queries.current_choice(db, voucher_id)
    rulebook_id = await registry.approved_under(
        db,
        voucher.procurer_id,
        terms.provider_id,
        voucher.service_id,
        on=today,
        for_new_client=former is None or former.provider_id != terms.provider_id,
    )
    area = (await people.find_organisation(db, voucher.procurer_id)).area_code
    if rulebook_id is None or area not in terms.area_codes:
        raise NotChoosable
    if not await registry.may_deliver(
        db, terms.provider_id, terms.deliverer_id, voucher.service_id, voucher.procurer_id, on=today
    ):
        raise NotChoosable
    if terms.price_cents > voucher.price_cap_cents:
        raise TooDear(price=Money(terms.price_cents), cap=Money(voucher.price_cap_cents))

    if former is not None:
        if (former.offering_id, former.coach_id) == (order.offering_id, order.coach_id):
            return former.id
        is_switch = former.provider_id != terms.provider_id
        if is_switch:
            await _leave(db, voucher, former, order, at=at)
        former.ended_at = at
        await db.flush()
        if former.coach_id != order.coach_id:
            await booking.release(db, [voucher.id], by=by, at=at)
    choice = Choice(
        procurer_id=voucher.procurer_id,
        voucher_id=voucher.id,
        provider_id=terms.provider_id,
        offering_id=order.offering_id,
        coach_id=order.coach_id,
        rulebook_id=rulebook_id,
        unit_price_cents=terms.price_cents,
        unit_minutes=terms.minutes,
        chosen_on=today,
        chosen_at=at,
        shares_notes=order.shares_notes,
    )
    db.add(choice)
    voucher.status = VoucherStatus.CHOSEN
    await ledger.open_account(db, voucher.procurer_id, AccountKind.PROVIDER_ACCRUED, terms.provider_id)
    record(db, "voucher.choose", voucher.id, by_id=by.person_id, at=at, procurer_id=voucher.procurer_id)
    await db.flush()
    # A voucher of a value holds from now on as many sessions as its money pays at this price.
    await db.exec(select(func.fit_units(voucher.id)))
    return choice.id


async def _leave(
    db: AsyncSession, voucher: Voucher, former: Choice, order: ChooseOffering, *, at: datetime
) -> None:
    """Part with a provider: sessions that were held stay its own, and its people are told kindly, without the words.

    One that may not go on is left without counting. Raises SwitchesUsed.
    """
    terms = await queries.find_terms(db, voucher)
    stands = await registry.approved_under(
        db, voucher.procurer_id, former.provider_id, voucher.service_id, on=local_day(at)
    )
    is_limited = stands is not None and terms.switches is not None
    if is_limited and await queries.count_switches(db, voucher.id) >= (terms.switches or 0):
        raise SwitchesUsed
    former.left_because = order.reason if stands is not None else LeftBecause.PROVIDER_CANNOT
    former.left_words = order.words
    told = await queries.people_of_choice(db, former)
    for person_id in told:
        await people.notify(db, person_id, "client_moved_on", {"choice_id": str(former.id)}, at=at)


async def tell_clients_lost(
    db: AsyncSession, procurer_id: UUID, provider_id: UUID, service_id: UUID, *, at: datetime
) -> int:
    """Write to everybody who has chosen a provider that may not go on: what is left is theirs, and who else there is.

    Their vouchers keep their value, and sessions that wait for an answer can still be confirmed. Returns how many.
    """
    clients = await queries.list_clients(db, procurer_id, provider_id, service_id)
    await booking.release(db, [voucher_id for voucher_id, _ in clients], at=at)
    for voucher_id, person_id in clients:
        await people.notify(db, person_id, "provider_lost", {"voucher_id": str(voucher_id)}, at=at)
    await db.flush()
    return len(clients)
