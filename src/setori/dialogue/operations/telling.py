"""The interest register: who wants to hear of rulebooks, and the mail that tells them, each thing once."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, literal, or_
from sqlalchemy import select as sa_select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.days import local_day
from setori.db import new_id, record
from setori.dialogue.commands import Subscribe
from setori.dialogue.models import Dialogue, NewsSent, Subscription
from setori.dialogue.queries.reading import hash_of
from setori.dialogue.rules import (
    ASKED_AGAIN_AFTER,
    CLOSING_DAYS,
    CONFIRM_WITHIN,
    LINKS_PER_WINDOW,
    NEWS_STAYS_NEW,
    WINDOW,
    LinkTooOld,
    News,
    TooMuch,
    UnknownLink,
)
from setori.people import AddPerson, Organisation
from setori.registry import Rulebook, RulebookStatus

AT_ONCE = 1000
"""How many letters are put into the outbox in one go."""


async def subscribe(db: AsyncSession, order: Subscribe, *, at: datetime) -> None:
    """Send a link that begins, or begins anew, to follow an area and a service. Raises TooMuch.

    Whether the address follows them already is told to nobody.
    """
    told = AddPerson(name=order.email.partition("@")[0][:120], email=order.email, language=order.language)
    person_id = await people.add_person(db, told, at=at)
    asked = select(Subscription).where(
        Subscription.person_id == person_id, col(Subscription.asked_at) > at - WINDOW
    )
    recent = (await db.exec(asked)).all()
    if len(recent) >= LINKS_PER_WINDOW:
        raise TooMuch
    same = [one for one in recent if (one.area_code, one.service_id) == (order.area_code, order.service_id)]
    if any(one.asked_at > at - ASKED_AGAIN_AFTER for one in same):
        return
    token = secrets.token_urlsafe(32)
    wished = insert(Subscription).values(
        id=new_id(),
        person_id=person_id,
        area_code=order.area_code,
        service_id=order.service_id,
        token_hash=hash_of(token),
        leave_token=secrets.token_urlsafe(32),
        asked_at=at,
    )
    await db.exec(
        wished.on_conflict_do_update(
            index_elements=["person_id", "area_code", "service_id"],
            set_={"token_hash": wished.excluded.token_hash, "asked_at": at},
        )
    )
    await people.notify(db, person_id, "news_confirm", {"token": token}, at=at)
    await db.flush()


async def confirm_subscription(db: AsyncSession, token: str, *, at: datetime) -> None:
    """Begin to follow. Again, it is the same. Raises LinkTooOld."""
    wanted = select(Subscription).where(Subscription.token_hash == hash_of(token)).with_for_update()
    one = (await db.exec(wanted)).first()
    if one is None or (one.verified_at is None and at > one.asked_at + CONFIRM_WITHIN):
        raise LinkTooOld
    if one.verified_at is None or one.ended_at is not None:
        one.verified_at, one.ended_at = at, None
        record(db, "news.followed", one.id, by_id=one.person_id, at=at)
        await db.flush()


async def leave(db: AsyncSession, leave_token: str, *, at: datetime) -> None:
    """Follow no more. Again, it is the same. Raises UnknownLink."""
    wanted = select(Subscription).where(Subscription.leave_token == leave_token[:60]).with_for_update()
    one = (await db.exec(wanted)).first()
    if one is None:
        raise UnknownLink
    if one.ended_at is None:
        one.ended_at = at
        record(db, "news.left", one.id, by_id=one.person_id, at=at)
        await db.flush()


async def send_news(db: AsyncSession, *, at: datetime) -> int:
    """Tell those who follow what is new, AT_ONCE at most; nobody hears one thing twice. Returns how many were told."""
    told = 0
    for news in News:
        told += await _tell(db, news, limit=AT_ONCE - told, at=at)
    return told


async def _tell(db: AsyncSession, news: News, *, limit: int, at: datetime) -> int:
    if limit <= 0:
        return 0
    due = (
        sa_select(col(Subscription.id), col(Rulebook.id), literal(news.value), literal(at))
        .select_from(Subscription)
        .join(Rulebook, _is_due(news, at))
        .outerjoin(Dialogue, col(Dialogue.rulebook_id) == Rulebook.id)
        .join(Organisation, col(Organisation.id) == Rulebook.procurer_id)
        .where(
            col(Subscription.verified_at).is_not(None),
            col(Subscription.ended_at).is_(None),
            or_(col(Subscription.area_code).is_(None), col(Subscription.area_code) == Organisation.area_code),
            or_(col(Subscription.service_id).is_(None), col(Subscription.service_id) == Rulebook.service_id),
            _dialogue_is_due(news, at),
            ~sa_select(literal(1))
            .where(
                col(NewsSent.subscription_id) == Subscription.id,
                col(NewsSent.rulebook_id) == Rulebook.id,
                col(NewsSent.news) == news,
            )
            .exists(),
        )
        .order_by(col(Subscription.id), col(Rulebook.id))
        .limit(limit)
    )
    noted = (
        insert(NewsSent)
        .from_select(["subscription_id", "rulebook_id", "news", "sent_at"], due)
        .on_conflict_do_nothing()
        .returning(col(NewsSent.subscription_id), col(NewsSent.rulebook_id))
    )
    pairs = [(one, book) for one, book in (await db.exec(noted)).all()]
    if not pairs:
        return 0
    followers = await _by_id(db, {one for one, _ in pairs})
    books = await _books(db, {book for _, book in pairs})
    written: set[tuple[UUID, UUID]] = set()
    for one, book in pairs:
        person_id, leave_token = followers[one]
        if (person_id, book) in written:
            continue
        written.add((person_id, book))
        params = books[book] | {"leave_token": leave_token}
        await people.notify(db, person_id, f"news_{news.value}", params, at=at)
    await db.flush()
    return len(pairs)


def _is_due(news: News, at: datetime) -> Any:
    """Which rulebooks there is news of. What was published before somebody began to follow is no news."""
    if news is News.PUBLISHED:
        return (
            col(Rulebook.status).in_([RulebookStatus.PUBLISHED, RulebookStatus.SUPERSEDED])
            & (col(Rulebook.published_at) > at - NEWS_STAYS_NEW)
            & (col(Rulebook.published_at) >= col(Subscription.verified_at))
        )
    return col(Rulebook.status) == RulebookStatus.CONSULTATION


def _dialogue_is_due(news: News, at: datetime) -> Any:
    today = local_day(at)
    if news is News.PUBLISHED:
        return literal(True)
    latest = today + timedelta(days=CLOSING_DAYS)
    if news is News.CLOSING:
        return col(Dialogue.closes_on).between(today, latest)
    return col(Dialogue.closes_on) > latest


async def _by_id(db: AsyncSession, ids: set[UUID]) -> dict[UUID, tuple[UUID, str]]:
    wanted = select(Subscription.id, Subscription.person_id, Subscription.leave_token)
    rows = (await db.exec(wanted.where(col(Subscription.id).in_(ids)))).all()
    return {id: (person_id, leave_token) for id, person_id, leave_token in rows}


async def _books(db: AsyncSession, ids: set[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the letters say of each rulebook, and where they lead: to the dialogue, or to the rulebook itself."""
    path = case(
        (col(Dialogue.id).is_(None), func.concat("/rulebooks/", col(Rulebook.id))),
        else_=func.concat("/dialogue/", col(Dialogue.id)),
    )
    wanted = (
        sa_select(
            col(Rulebook.id), col(Rulebook.title), col(Organisation.name), col(Dialogue.closes_on), path
        )
        .join(Organisation, col(Organisation.id) == Rulebook.procurer_id)
        .outerjoin(Dialogue, col(Dialogue.rulebook_id) == Rulebook.id)
        .where(col(Rulebook.id).in_(ids))
    )
    connection = await db.connection()
    return {
        id: {
            "title": title,
            "procurer": name,
            "closes_on": closes_on.isoformat() if closes_on else "",
            "path": where,
        }
        for id, title, name, closes_on, where in (await connection.execute(wanted)).all()
    }
