"""Reading what the nightly look counts, and the flags: for the procurer whose they are, and for the firm once asked."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, text
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import Page, page_of
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Organisation, Person, Role
from setori.watch import rules
from setori.watch.models import Flag
from setori.watch.rules import (
    Asked,
    Evidence,
    FlagKind,
    FlagOutcome,
    FlagStatus,
    Mix,
    Sessions,
    Shared,
    Waiting,
)


@dataclass(frozen=True, slots=True)
class FlagView:
    """A flag, with the names of those it concerns. The firm reads no owner and nothing before it was asked."""

    id: UUID
    kind: FlagKind
    status: FlagStatus
    provider_id: UUID
    provider_name: str
    procurer_name: str
    evidence: Evidence
    found_on: date
    latest: Evidence
    seen_on: date
    owner_id: UUID | None
    owner_name: str | None
    question: str
    asked_at: datetime | None
    answer_by: date | None
    answer: str
    answered_by: str | None
    answered_at: datetime | None
    outcome: FlagOutcome | None
    closing_words: str
    closed_by: str | None
    closed_at: datetime | None

    @property
    def is_closed(self) -> bool:
        """Whether it has its outcome."""
        return self.status is FlagStatus.CLOSED

    @property
    def awaits_answer(self) -> bool:
        """Whether the firm may answer: also after its time, until it is closed."""
        return self.status is FlagStatus.ASKED

    def is_overdue(self, on: date) -> bool:
        """Whether the firm was asked and its time to answer is over."""
        return self.status is FlagStatus.ASKED and self.answer_by is not None and on > self.answer_by


async def list_of_procurer(
    db: AsyncSession, *, by: Actor, is_open: bool, after: UUID | None = None, limit: int = 25
) -> Page[FlagView]:
    """The flags of one's procurer, the newest first. Raises Forbidden."""
    which = and_(_of_procurer(by), (col(Flag.status) != FlagStatus.CLOSED) == is_open)
    if after is not None:
        which = and_(which, col(Flag.id) < after)
    rows = await _views(db, which, limit=limit + 1)
    return page_of(rows, [row.id for row in rows], limit)


async def list_of_provider(
    db: AsyncSession, *, by: Actor, after: UUID | None = None, limit: int = 25
) -> Page[FlagView]:
    """What one's firm was asked, the newest first. Raises Forbidden."""
    which = _of_provider(by)
    if after is not None:
        which = and_(which, col(Flag.id) < after)
    rows = await _views(db, which, limit=limit + 1)
    return page_of(rows, [row.id for row in rows], limit)


async def find(db: AsyncSession, flag_id: UUID, *, by: Actor) -> FlagView:
    """One flag, for its procurer's registrars, and for its firm's owner once asked. Raises NotFound, Forbidden."""
    whose = _of_provider(by) if by.role is Role.PROVIDER_OWNER else _of_procurer(by)
    found = await _views(db, and_(whose, col(Flag.id) == flag_id), limit=1)
    if not found:
        raise NotFound
    return found[0]


async def list_due(db: AsyncSession, *, on: date) -> list[UUID]:
    """The procurers from whom somebody has chosen a provider, and who were not looked at on this day yet."""
    return [row[0] for row in await _rows(db, _DUE, today=on)]


async def list_open(db: AsyncSession, procurer_id: UUID, *, since: date) -> dict[tuple[UUID, FlagKind], Flag]:
    """The flags that stand in the way of a new one of the same kind: open, or closed on `since` or later."""
    wanted = (
        select(Flag)
        .where(
            Flag.procurer_id == procurer_id,
            (col(Flag.status) != FlagStatus.CLOSED) | (col(Flag.closed_at) >= since),
        )
        .order_by(col(Flag.id))
    )
    return {(flag.provider_id, flag.kind): flag for flag in (await db.exec(wanted)).all()}


async def list_answers(db: AsyncSession, procurer_id: UUID, *, at: datetime) -> dict[UUID, list[datetime]]:
    """When each provider was answered about, as far back as the usual number is counted."""
    since = at - rules.BURST_LOOKED_AT - rules.USUAL_OVER
    return {row[0]: row[1] for row in await _rows(db, _ANSWERS, procurer=procurer_id, since=since)}


async def list_shared(
    db: AsyncSession, procurer_id: UUID, mark: FlagKind, *, at: datetime
) -> dict[UUID, Shared]:
    """The device, or network, from which most people answered about each provider."""
    query = _SHARED.format(mark="device" if mark is FlagKind.SAME_DEVICE else "network")
    given = {"procurer": procurer_id, "since": at - rules.LOOKED_AT, "public": rules.SHARED_BY_FIRMS}
    return {row[0]: Shared(*row[1:]) for row in await _rows(db, query, **given)}


async def list_asked(db: AsyncSession, procurer_id: UUID, *, at: datetime) -> dict[UUID, Asked]:
    """How many people were asked about each provider, and answered."""
    until = at - rules.TIME_TO_ANSWER
    given = {"until": until, "since": until - rules.LOOKED_AT, "before": until - 2 * rules.LOOKED_AT}
    return {row[0]: Asked(*row[1:]) for row in await _rows(db, _ASKED, procurer=procurer_id, **given)}


async def list_sessions(db: AsyncSession, procurer_id: UUID, *, on: date) -> dict[UUID, Sessions]:
    """What each provider's confirmed sessions look like."""
    given = {"since": on - rules.LOOKED_AT, "begins": rules.DAY_BEGINS, "ends": rules.DAY_ENDS}
    return {row[0]: Sessions(*row[1:]) for row in await _rows(db, _SESSIONS, procurer=procurer_id, **given)}


async def list_mixes(db: AsyncSession, procurer_id: UUID, *, at: datetime) -> dict[UUID, Mix]:
    """Who came to each provider, and who saw it."""
    given = {"procurer": procurer_id, "since": at - rules.MIX_OVER}
    return {row[0]: Mix(*row[1:]) for row in await _rows(db, _MIXES, **given)}


async def list_waiting(db: AsyncSession, procurer_id: UUID, *, on: date) -> dict[UUID, Waiting]:
    """Which of each provider's clients wait."""
    given = {"procurer": procurer_id, "since": on - rules.WAITING_AFTER}
    return {row[0]: Waiting(*row[1:]) for row in await _rows(db, _WAITING, **given)}


async def count_open(db: AsyncSession, *, by: Actor, at: datetime) -> int:
    """How many flags nobody has taken up, or whose firm has answered or let its time pass. Raises Forbidden."""
    _of_procurer(by)
    rows = await _rows(db, _TO_DO, procurer=by.organisation_id, today=local_day(at), who=by.person_id)
    return int(rows[0][0])


def _of_procurer(by: Actor) -> ColumnElement[bool]:
    if by.role is not Role.REGISTRAR or by.organisation_id is None:
        raise Forbidden
    return col(Flag.procurer_id) == by.organisation_id


def _of_provider(by: Actor) -> ColumnElement[bool]:
    if by.role is not Role.PROVIDER_OWNER or by.organisation_id is None:
        raise Forbidden
    return and_(col(Flag.provider_id) == by.organisation_id, col(Flag.asked_at).is_not(None))


async def _views(db: AsyncSession, which: ColumnElement[bool], *, limit: int) -> list[FlagView]:
    firm, procurer = aliased(Organisation), aliased(Organisation)
    wanted = (
        select(Flag, firm.name, procurer.name)
        .join(firm, col(firm.id) == Flag.provider_id)
        .join(procurer, col(procurer.id) == Flag.procurer_id)
        .where(which)
        .order_by(col(Flag.id).desc())
        .limit(limit)
    )
    rows = (await db.exec(wanted)).all()
    who = {one for flag, _, _ in rows for one in (flag.owner_id, flag.answered_by, flag.closed_by) if one}
    named = select(Person.id, Person.name).where(col(Person.id).in_(who))
    names = dict((await db.exec(named)).all()) if who else {}
    return [
        FlagView(
            id=flag.id,
            kind=flag.kind,
            status=flag.status,
            provider_id=flag.provider_id,
            provider_name=firm_name,
            procurer_name=procurer_name,
            evidence=flag.evidence,
            found_on=flag.found_on,
            latest=flag.latest,
            seen_on=flag.seen_on,
            owner_id=flag.owner_id,
            owner_name=names.get(flag.owner_id) if flag.owner_id else None,
            question=flag.question,
            asked_at=flag.asked_at,
            answer_by=flag.answer_by,
            answer=flag.answer,
            answered_by=names.get(flag.answered_by) if flag.answered_by else None,
            answered_at=flag.answered_at,
            outcome=flag.outcome,
            closing_words=flag.closing_words,
            closed_by=names.get(flag.closed_by) if flag.closed_by else None,
            closed_at=flag.closed_at,
        )
        for flag, firm_name, procurer_name in rows
    ]


async def _rows(db: AsyncSession, query: str, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(query), given)).all())


_DUE = """
select o.id from organisation o
where exists (select from choice c where c.procurer_id = o.id)
  and not exists (select from nightly_look n where n.procurer_id = o.id and n.looked_on = :today)
order by o.id
"""

_ANSWERS = """
select provider_id, array_agg(answered_at) from pulse
where procurer_id = :procurer and answered_at > :since group by provider_id
"""

_SHARED = """
with traced as (
  select distinct p.procurer_id, r.provider_id, r.person_id, t.{mark} as mark
  from review_trace t join review r on r.id = t.review_id join pulse p on p.id = r.pulse_id
  where t.made_at > :since),
firms as (select mark, count(distinct provider_id)::int as firms from traced group by mark),
known as (
  select provider_id, count(distinct person_id)::int as known from traced where procurer_id = :procurer group by 1)
select distinct on (t.provider_id) t.provider_id, count(*)::int as people, k.known, f.firms
from traced t join known k on k.provider_id = t.provider_id join firms f on f.mark = t.mark
where t.procurer_id = :procurer
group by t.provider_id, t.mark, k.known, f.firms
order by t.provider_id, f.firms < :public desc, people desc
"""

_ASKED = """
select provider_id,
       count(distinct person_id) filter (where invited_at > :since)::int,
       count(distinct person_id) filter (where invited_at > :since and answered_at is not null)::int,
       count(distinct person_id) filter (where invited_at <= :since)::int,
       count(distinct person_id) filter (where invited_at <= :since and answered_at is not null)::int
from pulse where procurer_id = :procurer and invited_at > :before and invited_at <= :until
group by provider_id
"""

# A session that was booked lasts as long as it was booked for: only what the coach wrote tells anything.
_SESSIONS = """
with told as (
  select r.provider_id, r.service_id, r.is_silent, r.held_during,
         case when b.id is null then r.minutes end as minutes, r.units * c.unit_minutes as paid_minutes,
         extract(hour from lower(r.held_during) at time zone 'Europe/Helsinki') as hour
  from redemption r join choice c on c.id = r.choice_id left join booking b on b.redemption_id = r.id
  where r.procurer_id = :procurer and r.status = 'confirmed' and r.confirmed_on > :since),
own as (
  select provider_id, service_id, count(*) as confirmed, count(*) filter (where is_silent) as silent,
         count(minutes) as timed, count(*) filter (where minutes = paid_minutes) as exact,
         count(held_during) as clocked, count(*) filter (where hour < :begins or hour >= :ends) as odd
  from told group by 1, 2),
beside as (
  select *, sum(timed) over s - timed as timed_others, sum(exact) over s - exact as exact_others
  from own window s as (partition by service_id))
select provider_id, sum(confirmed)::int, sum(silent)::int, sum(timed)::int, sum(exact)::int,
       sum(timed_others)::int, sum(exact_others)::int, sum(clocked)::int, sum(odd)::int
from beside group by provider_id
"""

_MIXES = """
with chose as (
  select distinct c.provider_id, v.person_id, v.support_need = 'low' as is_low
  from choice c join voucher v on v.id = c.voucher_id
  where c.procurer_id = :procurer and c.chosen_at > :since and v.support_need is not null),
saw as (
  select distinct o.provider_id, v.person_id, v.support_need = 'low' as is_low
  from showing s cross join lateral jsonb_array_elements_text(s.pairs) as p (pair)
  join offering o on o.id = left(p.pair, 36)::uuid
  join voucher v on v.person_id = s.person_id and v.procurer_id = :procurer and v.service_id = o.service_id
  where s.shown_at > :since and v.support_need is not null),
came as (
  select provider_id, count(*)::int as n, count(*) filter (where is_low)::int as low from chose group by 1),
seen as (
  select provider_id, count(*)::int as n, count(*) filter (where is_low)::int as low from saw group by 1)
select came.provider_id, came.n, came.low, seen.n, seen.low from came join seen using (provider_id)
"""

_WAITING = """
with held as (
  select c.provider_id, v.support_need = 'high' as is_high,
         not exists (select from redemption r where r.voucher_id = v.id and r.provider_id = c.provider_id
                     and r.service_on >= :since)
         and not exists (select from booking b where b.voucher_id = v.id and b.status in ('offered', 'booked'))
         as waits
  from choice c join voucher v on v.id = c.voucher_id
  where c.procurer_id = :procurer and c.ended_at is null and c.chosen_on < :since and v.status = 'chosen'
    and v.units_used + v.units_held < v.units and v.support_need is not null)
select provider_id, count(*) filter (where is_high)::int, count(*) filter (where is_high and waits)::int,
       count(*) filter (where not is_high)::int, count(*) filter (where not is_high and waits)::int
from held group by provider_id
"""

_TO_DO = """
select count(*) from flag
where procurer_id = :procurer
  and (status = 'found'
       or owner_id = :who and (status in ('taken_up', 'answered') or status = 'asked' and answer_by < :today))
"""
