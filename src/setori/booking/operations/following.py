"""Calendars follow along: an address that a person gives to a calendar program, and can end at any time."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.booking.models import CalendarFeed
from setori.booking.operations import reserving
from setori.db import record
from setori.people import Actor


def feed_hash_of(token: str) -> bytes:
    """What is kept of a feed's secret: it has 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(token.encode()).digest()


async def make_feed(db: AsyncSession, *, by: Actor, at: datetime) -> str:
    """A new address for one's calendar; one that was in use ends. Returns its secret, which is told only here."""
    await reserving.lock(db, [], by.person_id)
    await _end(db, by, at)
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed(person_id=by.person_id, token_hash=feed_hash_of(token), made_at=at)
    db.add(feed)
    record(db, "feed.made", feed.id, by_id=by.person_id, at=at)
    await db.flush()
    return token


async def end_feed(db: AsyncSession, *, by: Actor, at: datetime) -> bool:
    """Let the address find nothing any more. Returns whether there was one."""
    return await _end(db, by, at)


async def _end(db: AsyncSession, by: Actor, at: datetime) -> bool:
    ended = (
        update(CalendarFeed)
        .where(col(CalendarFeed.person_id) == by.person_id, col(CalendarFeed.ended_at).is_(None))
        .values(ended_at=at)
        .returning(col(CalendarFeed.id))
    )
    feed_id = (await db.exec(ended)).scalar_one_or_none()
    if feed_id is not None:
        record(db, "feed.ended", feed_id, by_id=by.person_id, at=at)
    return feed_id is not None
