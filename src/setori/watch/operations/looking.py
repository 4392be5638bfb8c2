"""The nightly look at a procurer's providers, and the traces of answers that it counts with."""

import hmac
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_address, ip_network
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.days import local_day
from setori.db import new_id, record
from setori.people import Role
from setori.watch import queries, rules
from setori.watch.models import Flag, NightlyLook, ReviewTrace
from setori.watch.rules import Evidence, FlagKind, FlagStatus


async def trace(
    db: AsyncSession, review_id: UUID, *, visitor: str, browser: str, key: bytes, at: datetime
) -> None:
    """Keep from where an answer came, so that answers from one place can be told from many people's.

    `visitor` is the address of the connection and `browser` what the browser says of itself; only keyed hashes of them
    are kept, for `TRACES_KEPT`. An address that tells nothing (this machine's, or none) leaves no trace.
    """
    network = network_of(visitor)
    if not network:
        return
    added = insert(ReviewTrace).values(
        review_id=review_id,
        device=_hashed(key, f"{visitor}|{browser}"),
        network=_hashed(key, network),
        made_at=at,
    )
    await db.exec(added.on_conflict_do_nothing())


def network_of(visitor: str) -> str:
    """The network that an address belongs to: itself, or the /64 of an IPv6 address. Empty when it tells nothing."""
    try:
        address = ip_address(visitor)
    except ValueError:
        return ""
    if address.is_loopback or address.is_unspecified:
        return ""
    return str(ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)


async def erase_traces(db: AsyncSession, *, at: datetime) -> int:
    """Erase the traces that are too old to count. Returns how many."""
    old = delete(ReviewTrace).where(col(ReviewTrace.made_at) <= at - rules.TRACES_KEPT)
    return (await db.exec(old)).rowcount


async def look(db: AsyncSession, procurer_id: UUID, *, at: datetime) -> int:
    """Look once a day at what a procurer's providers do, and raise a flag for what is worth a question.

    What is open and found again is only marked as seen; what was closed is left alone for `QUIET`. The registrars are
    told once of all that is new. Returns how many flags were raised; 0 when this day was looked at before.
    """
    on = local_day(at)
    begun = insert(NightlyLook).values(procurer_id=procurer_id, looked_on=on, raised=0, looked_at=at)
    row = await db.exec(begun.on_conflict_do_nothing().returning(col(NightlyLook.looked_on)))
    if row.first() is None:
        return 0
    standing = await queries.list_open(db, procurer_id, since=on - rules.QUIET)
    raised = 0
    for (provider_id, kind), evidence in (await _found(db, procurer_id, at=at)).items():
        flag = standing.get((provider_id, kind))
        if flag is None:
            flag = Flag(
                id=new_id(),
                procurer_id=procurer_id,
                provider_id=provider_id,
                kind=kind,
                status=FlagStatus.FOUND,
                evidence=evidence,
                found_on=on,
                latest=evidence,
                seen_on=on,
            )
            db.add(flag)
            record(db, "flag.raised", flag.id, by_id=None, at=at, procurer_id=procurer_id, kind=kind.value)
            raised += 1
        elif flag.status is not FlagStatus.CLOSED:
            flag.latest, flag.seen_on = evidence, on
    await db.flush()
    if raised:
        looked = await db.get_one(NightlyLook, (procurer_id, on))
        looked.raised = raised
        for member in await people.list_members(db, procurer_id):
            if member.role is Role.REGISTRAR:
                await people.notify(db, member.person_id, "flags_raised", {}, at=at)
    return raised


async def _found(
    db: AsyncSession, procurer_id: UUID, *, at: datetime
) -> dict[tuple[UUID, FlagKind], Evidence]:
    """Everything that is worth a question today. A fixed number of queries, however many providers there are."""
    found: dict[tuple[UUID, FlagKind], Evidence | None] = {}
    on = local_day(at)
    for provider, moments in (await queries.list_answers(db, procurer_id, at=at)).items():
        found[provider, FlagKind.BURST] = rules.burst(moments, at=at)
    for provider, told in (await queries.list_shared(db, procurer_id, FlagKind.SAME_DEVICE, at=at)).items():
        found[provider, FlagKind.SAME_DEVICE] = rules.same_device(told)
    for provider, told in (await queries.list_shared(db, procurer_id, FlagKind.SAME_NETWORK, at=at)).items():
        network = rules.same_network(told)
        # Those of one device are in one network too: that is one question, not two.
        is_told = network is not None and network == found.get((provider, FlagKind.SAME_DEVICE))
        found[provider, FlagKind.SAME_NETWORK] = None if is_told else network
    for provider, asked in (await queries.list_asked(db, procurer_id, at=at)).items():
        found[provider, FlagKind.FEW_ANSWERS] = rules.few_answers(asked)
        found[provider, FlagKind.FALLING_ANSWERS] = rules.falling_answers(asked)
    for provider, held in (await queries.list_sessions(db, procurer_id, on=on)).items():
        found[provider, FlagKind.SILENCE] = rules.silence(held)
        found[provider, FlagKind.SAME_LENGTH] = rules.same_length(held)
        found[provider, FlagKind.ODD_HOURS] = rules.odd_hours(held)
    for provider, mix in (await queries.list_mixes(db, procurer_id, at=at)).items():
        found[provider, FlagKind.CREAMING] = rules.creaming(mix)
    for provider, waiting in (await queries.list_waiting(db, procurer_id, on=on)).items():
        found[provider, FlagKind.PARKING] = rules.parking(waiting)
    return {what: evidence for what, evidence in found.items() if evidence is not None}


def _hashed(key: bytes, what: str) -> bytes:
    return hmac.new(key, b"review-trace|" + what.encode(), sha256).digest()
