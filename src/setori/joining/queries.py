"""Reading letters: what one leads to, what became of them, and how a firm came in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from setori import people
from setori.db import Page, page_of
from setori.errors import Conflict, Forbidden, NotFound
from setori.joining.models import Invitation
from setori.joining.rules import InvitationState, state_of
from setori.people import Actor, Membership, MembershipView, Organisation, Person, Role, hash_of
from setori.registry import Approval


class InvitationSpent(Conflict):
    """A letter that is unknown, used, taken back or too old; they are told apart by nobody."""

    sentence = "This invitation has been used, taken back, or is too old. Ask for a new one."


@dataclass(frozen=True, slots=True)
class InvitationView:
    """A letter, as pages know one. `firm_name` is the firm's name here once it is registered."""

    id: UUID
    person_id: UUID
    name: str
    email: str
    role: Role
    organisation_id: UUID | None
    firm_name: str
    procurer_name: str
    invited_by: str
    next_path: str
    sent_at: datetime
    expires_at: datetime
    state: InvitationState


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """How a firm came in: who registered it and when, and which procurer had asked it to ("" when none had)."""

    name: str
    at: datetime
    procurer_name: str


async def look_at_invitation(db: AsyncSession, token: str, *, at: datetime) -> InvitationView:
    """What a letter leads to; looking does not use it up. Raises InvitationSpent."""
    found = await _views(db, Invitation.token_hash == hash_of(token), at=at, limit=1)
    if not found or found[0].state is not InvitationState.WAITING:
        raise InvitationSpent
    return found[0]


async def list_open(db: AsyncSession, *, by: Actor, at: datetime) -> list[InvitationView]:
    """Letters to colleagues that nobody has answered yet, also those that are too old. Raises Forbidden."""
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    which = (col(Invitation.organisation_id) == by.organisation_id) & _is_open()
    return await _views(db, which, at=at, limit=200)


async def list_invitations(
    db: AsyncSession, *, by: Actor, at: datetime, after: UUID | None = None, limit: int = 20
) -> Page[InvitationView]:
    """Firms that this procurer has asked to come, the newest first. Raises Forbidden."""
    if by.role is not Role.REGISTRAR:
        raise Forbidden
    which: ColumnElement[bool] = col(Invitation.procurer_id) == by.organisation_id
    if after is not None:
        which = which & (col(Invitation.id) < after)
    rows = await _views(db, which, at=at, limit=limit + 1)
    return page_of(rows, [row.id for row in rows], limit)


async def find_registration(db: AsyncSession, provider_id: UUID) -> RegistrationView | None:
    """How a firm came in, or None when it did not come by a letter."""
    procurer = aliased(Organisation)
    wanted = (
        select(Person.name, Invitation.accepted_at, procurer.name)
        .join(Person, col(Person.id) == Invitation.person_id)
        .outerjoin(procurer, col(procurer.id) == Invitation.procurer_id)
        .where(
            Invitation.organisation_id == provider_id,
            Invitation.role == Role.PROVIDER_OWNER,
            col(Invitation.accepted_at).is_not(None),
        )
        .order_by(col(Invitation.accepted_at), col(Invitation.id))
        .limit(1)
    )
    found = (await db.exec(wanted)).first()
    return RegistrationView(found[0], found[1], found[2] or "") if found and found[1] else None


async def find_invitable(db: AsyncSession, provider_id: UUID, *, by: Actor) -> str:
    """The name of a firm that is approved here and has nobody who acts for it. Raises NotFound."""
    name = (await db.exec(without_owner(provider_id, by))).first()
    if name is None:
        raise NotFound
    return name


async def has_nobody(db: AsyncSession, provider_id: UUID, *, by: Actor) -> bool:
    """Whether a registrar can invite somebody to act for a firm that is approved here: nobody does yet."""
    return by.role is Role.REGISTRAR and (await db.exec(without_owner(provider_id, by))).first() is not None


async def find_member(db: AsyncSession, membership_id: UUID, *, by: Actor) -> MembershipView:
    """Somebody who acts for one's own firm. Raises NotFound, Forbidden."""
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    wanted = (
        select(Membership, Person.name)
        .join(Person, col(Person.id) == Membership.person_id)
        .where(
            Membership.id == membership_id,
            Membership.organisation_id == by.organisation_id,
            col(Membership.ended_at).is_(None),
        )
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    held, name = found
    return MembershipView(held.id, held.person_id, name, held.role, held.organisation_id, "")


def without_owner(provider_id: UUID, by: Actor) -> SelectOfScalar[str]:
    """The name of a firm with an approval of one's own procurer, as long as it has no owner."""
    held = select(Approval.id).where(
        Approval.provider_id == Organisation.id, Approval.procurer_id == by.organisation_id
    )
    owner = select(Membership.id).where(
        Membership.organisation_id == Organisation.id,
        Membership.role == Role.PROVIDER_OWNER,
        col(Membership.ended_at).is_(None),
    )
    return select(Organisation.name).where(Organisation.id == provider_id, held.exists(), ~owner.exists())


def _is_open() -> ColumnElement[bool]:
    return col(Invitation.accepted_at).is_(None) & col(Invitation.taken_back_at).is_(None)


async def _views(
    db: AsyncSession, which: ColumnElement[bool] | bool, *, at: datetime, limit: int
) -> list[InvitationView]:
    wanted = (
        select(Invitation, Person)
        .join(Person, col(Person.id) == Invitation.person_id)
        .where(which)
        .order_by(col(Invitation.id).desc())
        .limit(limit)
    )
    rows = (await db.exec(wanted)).all()
    ids = {id for row, _ in rows for id in (row.organisation_id, row.procurer_id, row.invited_by) if id}
    names = await people.names_of(db, ids)
    return [
        InvitationView(
            id=row.id,
            person_id=who.id,
            name=who.name,
            email=who.email or "",
            role=row.role,
            organisation_id=row.organisation_id,
            firm_name=names[row.organisation_id] if row.organisation_id else row.firm_name,
            procurer_name=names[row.procurer_id] if row.procurer_id else "",
            invited_by=names[row.invited_by] if row.invited_by else "",
            next_path=row.next_path,
            sent_at=row.sent_at,
            expires_at=row.expires_at,
            state=state_of(row.accepted_at, row.taken_back_at, row.expires_at, at=at),
        )
        for row, who in rows
    ]
