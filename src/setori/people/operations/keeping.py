"""Keeping people: adding persons, organisations and roles, and telling people what has happened."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from setori.db import new_id, record
from setori.errors import Conflict, Invalid, NotFound
from setori.people.commands import AddOrganisation, AddPerson
from setori.people.models import Actor, Mail, Membership, Organisation, Person
from setori.people.rules import OrganisationKind, Role, role_fits


class AlreadyKnown(Conflict):
    """Two organisations never share a Business ID."""

    sentence = "An organisation with this Business ID is already here."


class AddressTaken(Conflict):
    """An e-mail address belongs to one person."""

    sentence = "This address cannot be used here. If it is yours, sign in with it, and ask your case worker for help."


class AlreadyReachable(Conflict):
    """The address is changed by asking, not by whoever holds the phone."""

    sentence = "We have an e-mail address of yours already. Ask your case worker to change it."


class RoleDoesNotFit(Invalid):
    """A jobseeker acts for oneself, a coach for a provider, a case worker for a procurer."""

    sentence = "This role cannot be held in an organisation of this kind."


async def add_person(db: AsyncSession, order: AddPerson, *, by: Actor | None = None, at: datetime) -> UUID:
    """The id of the person with this e-mail address, added when not yet known; a known one's name is left alone.

    Who has a phone number only is known by the number and the name together, for a number may be a family's.
    """
    if order.email is None:
        known = (await db.exec(_with_phone(order.phone, order.name))).first()
        if known is not None:
            return known
    added = (
        insert(Person)
        .values(id=new_id(), created_at=at, **order.model_dump())
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(col(Person.id))
    )
    person_id: UUID | None = (await db.exec(added)).scalar_one_or_none()
    if person_id is None:
        return (await db.exec(select(Person.id).where(Person.email == order.email))).one()
    record(db, "person.added", person_id, by_id=by.person_id if by else None, at=at)
    return person_id


def _with_phone(phone: str | None, name: str) -> SelectOfScalar[UUID]:
    wanted = select(Person.id).where(
        Person.phone == phone, col(Person.email).is_(None), func.lower(Person.name) == name.lower()
    )
    return wanted.order_by(col(Person.id)).limit(1)


async def give_email(db: AsyncSession, email: str, *, by: Actor, at: datetime) -> None:
    """Take down the e-mail address of somebody who had none.

    Raises AddressTaken when it is somebody else's, AlreadyReachable when there is one.
    """
    person = await db.get(Person, by.person_id, with_for_update=True)
    if person is None:
        raise NotFound
    if person.email == email:
        return
    if person.email is not None:
        raise AlreadyReachable
    if (await db.exec(select(Person.id).where(Person.email == email))).first() is not None:
        raise AddressTaken
    person.email = email
    record(db, "person.email", person.id, by_id=by.person_id, at=at)
    await db.flush()


async def add_organisation(
    db: AsyncSession, order: AddOrganisation, *, by: Actor | None = None, at: datetime
) -> UUID:
    """A new organisation. Raises AlreadyKnown, or Invalid when it says too little of itself."""
    errors = _lacks(order)
    if errors:
        raise Invalid(errors=errors)
    added = (
        insert(Organisation)
        .values(id=new_id(), created_at=at, **order.model_dump())
        .on_conflict_do_nothing()
        .returning(col(Organisation.id))
    )
    organisation_id: UUID | None = (await db.exec(added)).scalar_one_or_none()
    if organisation_id is None:
        raise AlreadyKnown
    record(db, "organisation.added", organisation_id, by_id=by.person_id if by else None, at=at)
    return organisation_id


async def import_organisation(
    db: AsyncSession, order: AddOrganisation, *, by: Actor | None = None, at: datetime
) -> UUID:
    """The organisation with this id in a foreign register: added, or renamed when it is called otherwise by now."""
    wanted = select(Organisation).where(
        Organisation.foreign_register == order.foreign_register, Organisation.foreign_id == order.foreign_id
    )
    known = (await db.exec(wanted)).first() if order.foreign_id else None
    if known is None:
        return await add_organisation(db, order, by=by, at=at)
    if known.name != order.name:
        known.name = order.name
        record(db, "organisation.renamed", known.id, by_id=by.person_id if by else None, at=at)
        await db.flush()
    return known.id


async def add_member(
    db: AsyncSession,
    person_id: UUID,
    organisation_id: UUID | None,
    role: Role,
    *,
    by: Actor | None = None,
    at: datetime,
) -> UUID:
    """The membership of a person in a role, begun (or begun again) when it is not held. Raises RoleDoesNotFit."""
    kind: OrganisationKind | None = None
    if organisation_id is not None:
        organisation = await db.get(Organisation, organisation_id)
        if organisation is None:
            raise NotFound
        kind = organisation.kind
    if not role_fits(role, kind):
        raise RoleDoesNotFit
    wanted = select(Membership).where(
        Membership.person_id == person_id,
        col(Membership.organisation_id).is_not_distinct_from(organisation_id),
        Membership.role == role,
    )
    held = (await db.exec(wanted)).first()
    if held is None:
        held = Membership(person_id=person_id, organisation_id=organisation_id, role=role, since_at=at)
        db.add(held)
    elif held.ended_at is not None:
        held.ended_at, held.since_at = None, at
    else:
        return held.id
    record(db, "membership.begun", held.id, by_id=by.person_id if by else None, at=at, role=role.value)
    await db.flush()
    return held.id


async def notify(
    db: AsyncSession, person_id: UUID, kind: str, params: dict[str, Any], *, at: datetime
) -> None:
    """Put a message into somebody's mail. Its words are made from kind and params when it is looked at."""
    db.add(Mail(person_id=person_id, kind=kind, params=params, created_at=at))


def _lacks(order: AddOrganisation) -> dict[str, str]:
    errors: dict[str, str] = {}
    if order.business_id is None and order.foreign_id is None:
        errors["business_id"] = "Give the Business ID."
    if (order.foreign_register is None) != (order.foreign_id is None):
        errors["foreign_id"] = "Name both the foreign register and the id in it."
    if order.kind is OrganisationKind.PROCURER and order.area_code is None:
        errors["area_code"] = "Choose the employment area."
    return errors
