"""Reading people: who somebody is, what they act as, and the mail that waits for them."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import Page, page_of
from setori.errors import Conflict, NotFound
from setori.people.models import Actor, Mail, Membership, Organisation, Person, SignIn, SignInLink
from setori.people.rules import SIGN_IN_IDLES, OrganisationKind, Role


class LinkSpent(Conflict):
    """A sign-in link that is unknown, used or too old; the three are told apart by nobody."""

    sentence = "This link has been used or is too old. Ask for a new one."


@dataclass(frozen=True, slots=True)
class LinkView:
    """Whom a sign-in link would let in, for the page that asks before it does."""

    person_id: UUID
    name: str
    language: str
    next_path: str
    for_demo: bool


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person, as pages know one; whoever has no e-mail address has an empty one."""

    id: UUID
    name: str
    email: str
    language: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """An organisation, as pages know one."""

    id: UUID
    kind: OrganisationKind
    name: str
    business_id: str | None
    area_code: str | None
    is_sample: bool


@dataclass(frozen=True, slots=True)
class MembershipView:
    """A role that somebody can act in."""

    id: UUID
    person_id: UUID
    person_name: str
    role: Role
    organisation_id: UUID | None
    organisation_name: str


@dataclass(frozen=True, slots=True)
class MailView:
    """A message of the outbox, with whom it goes to."""

    id: UUID
    person_id: UUID
    name: str
    email: str
    language: str
    kind: str
    params: dict[str, Any]
    created_at: datetime


def hash_of(secret: str) -> bytes:
    """What is kept of a secret of 256 random bits: SHA-256 is enough, for there is nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()


async def look_at_link(db: AsyncSession, token: str, *, at: datetime) -> LinkView:
    """Whom a link would let in; looking does not use it up. Raises LinkSpent."""
    wanted = (
        select(Person, SignInLink)
        .join(SignInLink, col(SignInLink.person_id) == Person.id)
        .where(
            SignInLink.token_hash == hash_of(token),
            col(SignInLink.expires_at) > at,
            col(SignInLink.used_at).is_(None),
        )
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise LinkSpent
    person, link = found
    return LinkView(person.id, person.name, person.language, link.next_path, link.for_demo)


async def live_sign_in(
    db: AsyncSession, secret: str, *, at: datetime, lock: bool = False
) -> tuple[SignIn, Actor] | None:
    """The sign-in that a cookie's secret opens, if it is neither ended, too old nor idle for too long."""
    wanted = (
        select(SignIn, Person, Membership)
        .join(Person, col(Person.id) == SignIn.person_id)
        .join(Membership, col(Membership.id) == SignIn.membership_id)
        .where(
            SignIn.secret_hash == hash_of(secret),
            col(SignIn.ended_at).is_(None),
            col(SignIn.expires_at) > at,
            col(SignIn.seen_at) > at - SIGN_IN_IDLES,
            col(Membership.ended_at).is_(None),
        )
    )
    if lock:
        wanted = wanted.with_for_update(of=SignIn)
    found = (await db.exec(wanted)).first()
    if found is None:
        return None
    sign_in, person, held = found
    return sign_in, Actor(person.id, held.role, held.organisation_id, person.name, person.language)


async def live_membership(
    db: AsyncSession, person_id: UUID, membership_id: UUID | None = None
) -> Membership | None:
    """A membership of a person that has not ended: the named one, or the oldest."""
    wanted = select(Membership).where(Membership.person_id == person_id, col(Membership.ended_at).is_(None))
    if membership_id is not None:
        wanted = wanted.where(Membership.id == membership_id)
    return (await db.exec(wanted.order_by(col(Membership.since_at), col(Membership.id)).limit(1))).first()


async def list_memberships(db: AsyncSession, person_id: UUID) -> list[MembershipView]:
    """The roles that a person can act in, the oldest first."""
    return await _memberships(db, Membership.person_id == person_id)


async def list_members(db: AsyncSession, organisation_id: UUID) -> list[MembershipView]:
    """Who acts for an organisation, and as what, the oldest first."""
    return await _memberships(db, Membership.organisation_id == organisation_id)


async def is_known(db: AsyncSession, person_id: UUID) -> bool:
    """Whether somebody has ever come in, or acts for an organisation: a letter's link alone is then no way in.

    Whoever issues a voucher knows the letter, and anybody's address can be written on one.
    """
    came_in = select(SignIn.person_id).where(SignIn.person_id == person_id).limit(1)
    acts = (
        select(Membership.id)
        .where(Membership.person_id == person_id, Membership.role != Role.JOBSEEKER)
        .limit(1)
    )
    return (await db.exec(came_in)).first() is not None or (await db.exec(acts)).first() is not None


async def find_person(db: AsyncSession, person_id: UUID) -> PersonView:
    """A person by id. Raises NotFound."""
    person = await db.get(Person, person_id)
    if person is None:
        raise NotFound
    return PersonView(person.id, person.name, person.email or "", person.language, person.phone or "")


async def find_by_email(db: AsyncSession, email: str) -> UUID | None:
    """The id of the person with this e-mail address, or None."""
    return (await db.exec(select(Person.id).where(Person.email == email.strip().lower()))).first()


async def find_organisation(db: AsyncSession, organisation_id: UUID) -> OrganisationView:
    """An organisation by id. Raises NotFound."""
    found = (await _organisations(db, Organisation.id == organisation_id))[:1]
    if not found:
        raise NotFound
    return found[0]


async def list_organisations(db: AsyncSession, kind: OrganisationKind) -> list[OrganisationView]:
    """All organisations of a kind by name. Meant for procurers, of which there are at most 45."""
    return await _organisations(db, Organisation.kind == kind)


async def area_of(db: AsyncSession, procurer_id: UUID) -> str | None:
    """The code of the employment area that a procurer is; None for other organisations."""
    return (await db.exec(select(Organisation.area_code).where(Organisation.id == procurer_id))).first()


async def list_outbox(
    db: AsyncSession, *, person_id: UUID | None = None, after: UUID | None = None, limit: int = 50
) -> Page[MailView]:
    """The outbox, the newest first, of everybody or of one person."""
    wanted = select(Mail, Person).join(Person, col(Person.id) == Mail.person_id)
    if person_id is not None:
        wanted = wanted.where(Mail.person_id == person_id)
    if after is not None:
        last = select(Mail.created_at, Mail.id).where(Mail.id == after).scalar_subquery()
        wanted = wanted.where(tuple_(col(Mail.created_at), col(Mail.id)) < last)
    wanted = wanted.order_by(col(Mail.created_at).desc(), col(Mail.id).desc()).limit(limit + 1)
    rows = [
        MailView(
            mail.id, who.id, who.name, who.email or "", who.language, mail.kind, mail.params, mail.created_at
        )
        for mail, who in (await db.exec(wanted)).all()
    ]
    return page_of(rows, [row.id for row in rows], limit)


async def names_of(db: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of people and organisations by their ids; unknown ids are left out."""
    if not ids:
        return {}
    people = (await db.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids)))).all()
    return dict(people) | await names_of_organisations(db, ids)


async def names_of_organisations(db: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of organisations by their ids; unknown ids are left out."""
    wanted = select(Organisation.id, Organisation.name).where(col(Organisation.id).in_(ids))
    return dict((await db.exec(wanted)).all()) if ids else {}


async def _memberships(db: AsyncSession, which: ColumnElement[bool] | bool) -> list[MembershipView]:
    wanted = (
        select(Membership, Person.name, Organisation.name)
        .join(Person, col(Person.id) == Membership.person_id)
        .outerjoin(Organisation, col(Organisation.id) == Membership.organisation_id)
        .where(which, col(Membership.ended_at).is_(None))
        .order_by(col(Membership.since_at), col(Membership.id))
    )
    return [
        MembershipView(held.id, held.person_id, name, held.role, held.organisation_id, firm or "")
        for held, name, firm in (await db.exec(wanted)).all()
    ]


async def _organisations(db: AsyncSession, which: ColumnElement[bool] | bool) -> list[OrganisationView]:
    wanted = select(Organisation).where(which).order_by(col(Organisation.name), col(Organisation.id))
    return [
        OrganisationView(row.id, row.kind, row.name, row.business_id, row.area_code, row.is_sample)
        for row in (await db.exec(wanted)).all()
    ]
