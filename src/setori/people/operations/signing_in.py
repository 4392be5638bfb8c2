"""Ways in: links by e-mail, sign-ins of browsers, tokens of machines. Secrets are made here and kept as hashes only."""

import secrets
from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import bindparam, case, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import record
from setori.errors import NotFound, SetoriError
from setori.people.models import (
    Actor,
    ApiToken,
    Mail,
    Membership,
    Person,
    RateBucket,
    SignIn,
    SignInLink,
)
from setori.people.queries import LinkSpent, hash_of, live_membership, live_sign_in
from setori.people.rules import (
    DEMO_LINK_LIVES,
    LINK_LIVES,
    LINKS_IN_ALL,
    SEEN_EVERY,
    SIGN_IN_LIVES,
    TOKEN_LIVES,
    TRIES_PER_WINDOW,
    WINDOW,
    Role,
    network_of,
)


class TooOften(SetoriError):
    """The same thing was tried too many times within a window of time; it can be tried again `after_s` later."""

    status = 429
    sentence = "This was tried too many times. Wait five minutes and try again."

    def __init__(self, after_s: int = int(WINDOW.total_seconds())) -> None:
        super().__init__()
        self.after_s = after_s


class TooManyFromHere(TooOften):
    """Too many links were asked for from one network, which many people may share."""

    sentence = (
        "Many sign-in links have been asked for from your network just now. Wait five minutes and try again. "
        "A link that you have been sent already still lets you in."
    )


class TooManyInAll(TooOften):
    """Too many links were asked for by everybody together."""

    sentence = (
        "Very many people are signing in just now. Wait five minutes and try again. "
        "A link that you have been sent already still lets you in."
    )


async def request_sign_in(
    db: AsyncSession, email: str, *, at: datetime, next_path: str = "/", membership_id: UUID | None = None
) -> None:
    """Send a link to somebody who wants in and whose address is no secret here. Raises TooOften."""
    await count_request(db, email, at=at)
    await send_link(db, email, at=at, next_path=next_path, membership_id=membership_id)


async def count_request(db: AsyncSession, email: str, *, at: datetime, visitor: str | None = None) -> None:
    """Count that a link was asked for: by the visitor's address, when a stranger asks, for whom, and in all.

    The visitor comes first, so that nobody alone uses up what all have together. Raises TooOften.
    """
    if visitor is not None:
        await _count(db, "sign_in_visitor", network_of(visitor), at=at, refusal=TooManyFromHere)
    await _count(db, "sign_in_link", _address(email), at=at)
    await _count(db, "sign_in_all", "", at=at, most=LINKS_IN_ALL, refusal=TooManyInAll)


async def send_link(
    db: AsyncSession, email: str, *, at: datetime, next_path: str = "/", membership_id: UUID | None = None
) -> None:
    """Send a link to somebody, as whatever one is or as one thing of it. An unknown address gets nothing.

    It takes longer for somebody who is known: where strangers ask, this comes after their answer.
    """
    person = (await db.exec(select(Person).where(Person.email == _address(email)))).first()
    if person is None:
        return
    token = await mint_link(db, person.id, membership_id, at=at, next_path=next_path)
    db.add(Mail(person_id=person.id, kind="sign_in_link", params={"token": token}, created_at=at))
    await db.flush()


async def count_try(db: AsyncSession, rule: str, subject: str, *, at: datetime) -> None:
    """Count a try at something that must not be guessed, by one subject. Raises TooOften beyond ten in five minutes."""
    await _count(db, rule, network_of(subject), at=at)


async def mint_link(
    db: AsyncSession,
    person_id: UUID,
    membership_id: UUID | None,
    *,
    at: datetime,
    for_demo: bool = False,
    next_path: str = "/",
) -> str:
    """A secret that lets a person in once, within ten minutes; a demo's link is good for a year, many times."""
    token = secrets.token_urlsafe(32)
    db.add(
        SignInLink(
            token_hash=hash_of(token),
            person_id=person_id,
            membership_id=membership_id,
            next_path=_own_path(next_path),
            created_at=at,
            expires_at=at + (DEMO_LINK_LIVES if for_demo else LINK_LIVES),
            for_demo=for_demo,
        )
    )
    record(db, "link.minted", person_id, by_id=None, at=at, for_demo=for_demo)
    await db.flush()
    return token


async def sign_in(db: AsyncSession, token: str, *, at: datetime, demo: bool) -> tuple[str, Actor]:
    """Let somebody in by a link: the new cookie's secret, and who it is. Raises LinkSpent."""
    use_up = (
        update(SignInLink)
        .where(
            col(SignInLink.token_hash) == hash_of(token),
            col(SignInLink.expires_at) > at,
            col(SignInLink.used_at).is_(None),
            col(SignInLink.for_demo).is_(False) | bindparam("demo", demo),
        )
        .values(used_at=case((col(SignInLink.for_demo), None), else_=at))
        .returning(col(SignInLink.person_id), col(SignInLink.membership_id))
    )
    link = (await db.exec(use_up)).first()
    if link is None:
        raise LinkSpent
    membership = await live_membership(db, link.person_id, link.membership_id)
    if membership is None:
        raise LinkSpent
    return await begin_sign_in(db, membership.id, at=at)


async def begin_sign_in(db: AsyncSession, membership_id: UUID, *, at: datetime) -> tuple[str, Actor]:
    """Let somebody in whom another door has proved to be who it is. Raises NotFound."""
    membership = await db.get(Membership, membership_id)
    if membership is None or membership.ended_at is not None:
        raise NotFound
    secret = _begin(db, membership, at=at, expires_at=at + SIGN_IN_LIVES)
    record(db, "sign_in.begun", membership.person_id, by_id=membership.person_id, at=at)
    await db.flush()
    person = await db.get_one(Person, membership.person_id)
    return secret, Actor(person.id, membership.role, membership.organisation_id, person.name, person.language)


async def find_sign_in(db: AsyncSession, secret: str, *, at: datetime) -> Actor | None:
    """Who is behind a cookie, or None. That it was seen is written down at most once a minute."""
    found = await live_sign_in(db, secret, at=at)
    if found is None:
        return None
    signed_in, actor = found
    if signed_in.seen_at <= at - SEEN_EVERY:
        signed_in.seen_at = at
        await db.flush()
    return actor


async def switch_role(db: AsyncSession, secret: str, membership_id: UUID, *, at: datetime) -> str:
    """Act as something else that one is. The old cookie ends and the new one's secret is returned. Raises NotFound."""
    found = await live_sign_in(db, secret, at=at, lock=True)
    if found is None:
        raise NotFound
    signed_in, actor = found
    membership = await live_membership(db, actor.person_id, membership_id)
    if membership is None:
        raise NotFound
    signed_in.ended_at = at
    new_secret = _begin(db, membership, at=at, expires_at=signed_in.expires_at)
    record(db, "sign_in.switched", actor.person_id, by_id=actor.person_id, at=at, role=membership.role.value)
    await db.flush()
    return new_secret


async def sign_out(db: AsyncSession, secret: str, *, at: datetime) -> None:
    """End a sign-in. Ending one that has ended is no error."""
    found = await live_sign_in(db, secret, at=at, lock=True)
    if found is None:
        return
    signed_in, actor = found
    signed_in.ended_at = at
    record(db, "sign_in.ended", actor.person_id, by_id=actor.person_id, at=at)
    await db.flush()


async def mint_api_token(db: AsyncSession, membership_id: UUID, label: str, *, at: datetime) -> str:
    """A bearer token with which a machine acts as a membership, for a year. Shown once. Raises NotFound."""
    membership = await db.get(Membership, membership_id)
    if membership is None or membership.ended_at is not None:
        raise NotFound
    token = "setori_" + secrets.token_urlsafe(32)
    db.add(
        ApiToken(
            token_hash=hash_of(token),
            membership_id=membership_id,
            label=label[:80],
            created_at=at,
            expires_at=at + TOKEN_LIVES,
        )
    )
    record(db, "api_token.minted", membership_id, by_id=membership.person_id, at=at)
    await db.flush()
    return token


_FIND_TOKEN = """
    select p.id, m.role, m.organisation_id, p.name, p.language
      from api_token t join membership m on m.id = t.membership_id join person p on p.id = m.person_id
     where t.token_hash = $1 and t.revoked_at is null and t.expires_at > $2 and m.ended_at is null
"""


async def find_api_token(wire: "asyncpg.Connection[Any]", token: str, *, at: datetime) -> Actor | None:
    """Who is behind a bearer token, or None. One statement on the bare driver: every call of a machine begins here."""
    row = await wire.fetchrow(_FIND_TOKEN, hash_of(token), at)
    return Actor(row[0], Role(row[1]), row[2], row[3], row[4]) if row else None


async def _count(
    db: AsyncSession,
    rule: str,
    subject: str,
    *,
    at: datetime,
    most: int = TRIES_PER_WINDOW,
    refusal: type[TooOften] = TooOften,
) -> None:
    """Count a try in one statement, so that two at the same time are two. Raises TooOften beyond the limit."""
    over = col(RateBucket.window_at) <= at - WINDOW
    counted = (
        insert(RateBucket)
        .values(rule=rule, subject=subject, window_at=at, count=1)
        .on_conflict_do_update(
            index_elements=["rule", "subject"],
            set_={
                "window_at": case((over, at), else_=col(RateBucket.window_at)),
                "count": case((over, 1), else_=func.least(col(RateBucket.count) + 1, most + 1)),
            },
        )
        .returning(col(RateBucket.count), col(RateBucket.window_at))
    )
    count, window_at = (await db.exec(counted)).one()
    if count > most:
        raise refusal(after_s=max(1, ceil((window_at + WINDOW - at).total_seconds())))


def _address(email: str) -> str:
    return email.strip().lower()[:254]


def _begin(db: AsyncSession, membership: Membership, *, at: datetime, expires_at: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    db.add(
        SignIn(
            secret_hash=hash_of(secret),
            person_id=membership.person_id,
            membership_id=membership.id,
            created_at=at,
            seen_at=at,
            expires_at=expires_at,
        )
    )
    return secret


def _own_path(path: str) -> str:
    """A path of this site only: a link never leads elsewhere."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own and len(path) <= 200 else "/"
