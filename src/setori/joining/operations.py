"""Letting firms and people in: letters, what comes of them, and the end of a role."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people, registry
from setori.db import record
from setori.errors import Conflict, Forbidden, Invalid, NotFound
from setori.joining.commands import AskToRegister, InviteFirm, InviteMember, RegisterFirm
from setori.joining.models import Invitation
from setori.joining.queries import InvitationSpent, without_owner
from setori.joining.rules import INVITATION_LIVES
from setori.people import Actor, AddPerson, Membership, Organisation, Person, Role, hash_of
from setori.registry import AddProvider, RulebookStatus


class AlreadyMember(Conflict):
    """Nobody is asked to become what one is."""

    sentence = "This person has that role in your firm already."


class FirmIsHere(Invalid):
    """Two firms never share a Business ID: whoever is in lets others in."""

    sentence = "This firm is here already. Ask its owner to invite you."


class HasOwner(Conflict):
    """Who acts for a firm is its owner's to say."""

    sentence = "Somebody acts for this firm already: its owner invites whom it needs."


class OwnerIsHere(Conflict):
    """The letter has been answered: there is nothing to send or to take back."""

    sentence = "This invitation has been accepted already."


class InvitationOver(Conflict):
    """A letter that was taken back is not sent again; a new one is."""

    sentence = "This invitation was taken back. Write a new one."


class LastOwner(Conflict):
    """A firm without an owner could let nobody in again."""

    sentence = "A firm needs an owner. Invite another owner first."


class SignInFirst(Conflict):
    """A letter is good for two weeks: whoever has been in before comes in by an own link, and then says yes."""

    sentence = "You have been here before. Sign in first, then open the invitation again."


@dataclass(frozen=True, slots=True)
class _Sent:
    kind: str
    person_id: UUID
    role: Role
    organisation_id: UUID | None = None
    procurer_id: UUID | None = None
    firm_name: str = ""
    next_path: str = "/provider"
    invited_by: UUID | None = None


async def ask_to_register(db: AsyncSession, order: AskToRegister, *, at: datetime) -> None:
    """Send a letter to somebody who wants to register a firm. The answer is the same for every address.

    Whoever asks is counted before: see `people.count_request`.
    """
    person_id = await _person(db, order, by=None, at=at)
    await _send(db, _Sent("firm_registers", person_id, Role.PROVIDER_OWNER), {}, at=at)


async def invite_firm(db: AsyncSession, order: InviteFirm, *, by: Actor, at: datetime) -> UUID:
    """Ask a firm to come, to a rulebook of one's own if one is named. Only registrars do that.

    With `provider_id` it is a firm that came by an import and has nobody who acts for it yet. Raises Forbidden,
    NotFound, HasOwner, Invalid, TooOften.
    """
    if by.role is not Role.REGISTRAR or by.organisation_id is None:
        raise Forbidden
    await people.count_try(db, "invite_firm", str(by.organisation_id), at=at)
    if order.provider_id is not None:
        await _lock(db, order.provider_id)
        if (await db.exec(without_owner(order.provider_id, by))).first() is None:
            raise HasOwner
    title, next_path = {}, "/provider"
    if order.rulebook_id is not None:
        book = await registry.find_rulebook(db, order.rulebook_id)
        if book.procurer_id != by.organisation_id or book.status is not RulebookStatus.PUBLISHED:
            raise Invalid(errors={"rulebook_id": "Choose a rulebook of yours that takes applications."})
        title, next_path = book.title, f"/provider/rulebooks/{book.id}"
    procurer = await people.find_organisation(db, by.organisation_id)
    sent = _Sent(
        "firm_asked_to_apply" if title else "firm_invited",
        await _person(db, order, by=by, at=at),
        Role.PROVIDER_OWNER,
        organisation_id=order.provider_id,
        procurer_id=procurer.id,
        firm_name="" if order.provider_id else order.firm_name,
        next_path=next_path,
        invited_by=by.person_id,
    )
    told = {"procurer": procurer.name, "firm": order.firm_name, "title": title}
    return await _send(db, sent, told, at=at)


async def invite_member(db: AsyncSession, order: InviteMember, *, by: Actor, at: datetime) -> UUID:
    """Ask a colleague to act for one's own firm. Only owners do that. Raises Forbidden, AlreadyMember, TooOften."""
    if by.role is not Role.PROVIDER_OWNER or by.organisation_id is None:
        raise Forbidden
    await people.count_try(db, "invite_member", str(by.organisation_id), at=at)
    person_id = await _person(db, order, by=by, at=at)
    for member in await people.list_members(db, by.organisation_id):
        if (member.person_id, member.role) == (person_id, order.role):
            raise AlreadyMember
    firm = await people.find_organisation(db, by.organisation_id)
    sent = _Sent("member_invited", person_id, order.role, firm.id, invited_by=by.person_id)
    return await _send(db, sent, {"firm": firm.name, "by": by.name}, at=at)


async def send_again(db: AsyncSession, invitation_id: UUID, *, by: Actor, at: datetime) -> None:
    """Send a letter once more, good for two weeks from now; the former one is good no longer.

    Raises NotFound, OwnerIsHere, InvitationOver, TooOften.
    """
    row = await _own(db, invitation_id, by)
    if row.accepted_at is not None:
        raise OwnerIsHere
    if row.taken_back_at is not None:
        raise InvitationOver
    await people.count_try(db, "send_invitation", str(row.id), at=at)
    told = await _last_told(db, row)
    await _renew(db, row, told[0], told[1], by_id=by.person_id, at=at)


async def take_back(db: AsyncSession, invitation_id: UUID, *, by: Actor, at: datetime) -> None:
    """Let a letter be good no longer. Again, it is the same. Raises NotFound, OwnerIsHere."""
    row = await _own(db, invitation_id, by)
    if row.accepted_at is not None:
        raise OwnerIsHere
    if row.taken_back_at is None:
        row.taken_back_at = at
        record(db, "invitation.taken_back", row.id, by_id=by.person_id, at=at)
        await db.flush()


async def enter(db: AsyncSession, token: str, *, by: Actor | None, at: datetime) -> tuple[str, Actor]:
    """Begin to act for a firm that is here: the new cookie's secret, and who it is.

    Raises InvitationSpent, SignInFirst.
    """
    row = await _accepted(db, token, by, at=at)
    if row.organisation_id is None:
        raise InvitationSpent
    return await _come_in(db, row, row.organisation_id, at=at)


async def register_firm(
    db: AsyncSession, token: str, order: RegisterFirm, *, by: Actor | None, at: datetime
) -> tuple[str, Actor]:
    """Register a firm and begin to act for it as its owner: the new cookie's secret, and who it is.

    Raises InvitationSpent, SignInFirst, and FirmIsHere at the Business ID of a firm that is here.
    """
    row = await _accepted(db, token, by, at=at)
    if row.organisation_id is not None:
        raise InvitationSpent
    person = await db.get_one(Person, row.person_id)
    if not await people.is_known(db, person.id):
        person.name = order.own_name
    asked = AddProvider(name=order.name, business_id=order.business_id)
    try:
        provider_id = await registry.add_provider(db, asked, by=_as(person), at=at)
    except people.AlreadyKnown as known:
        raise FirmIsHere(errors={"business_id": FirmIsHere.sentence}) from known
    return await _come_in(db, row, provider_id, at=at)


async def let_go(db: AsyncSession, membership_id: UUID, *, by: Actor, at: datetime) -> None:
    """End somebody's role in one's own firm; their sign-ins in it and their tokens end with it.

    Raises NotFound, Forbidden, LastOwner.
    """
    if by.role is not Role.PROVIDER_OWNER or by.organisation_id is None:
        raise Forbidden
    await _lock(db, by.organisation_id)
    wanted = select(Membership).where(
        Membership.organisation_id == by.organisation_id, col(Membership.ended_at).is_(None)
    )
    members = {one.id: one for one in (await db.exec(wanted)).all()}
    one = members.get(membership_id)
    if one is None:
        raise NotFound
    owners = [other for other in members.values() if other.role is Role.PROVIDER_OWNER]
    if one.role is Role.PROVIDER_OWNER and len(owners) == 1:
        raise LastOwner
    one.ended_at = at
    record(db, "membership.ended", one.id, by_id=by.person_id, at=at, role=one.role.value)
    await db.flush()


def _as(person: Person) -> Actor:
    return Actor(person.id, Role.PROVIDER_OWNER, None, person.name, person.language)


async def _person(db: AsyncSession, order: AskToRegister, *, by: Actor | None, at: datetime) -> UUID:
    told = AddPerson(name=order.name, email=order.email, language=order.language)
    return await people.add_person(db, told, by=by, at=at)


async def _send(db: AsyncSession, sent: _Sent, told: dict[str, Any], *, at: datetime) -> UUID:
    """A letter: a new one, or the one that waits already, sent once more."""
    # Two who write to the same person at the same time wait for each other here.
    await db.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(str(sent.person_id), 0))))
    wanted = select(Invitation).where(
        Invitation.person_id == sent.person_id,
        Invitation.role == sent.role,
        col(Invitation.organisation_id).is_not_distinct_from(sent.organisation_id),
        col(Invitation.procurer_id).is_not_distinct_from(sent.procurer_id),
        func.lower(Invitation.firm_name) == sent.firm_name.lower(),
        col(Invitation.accepted_at).is_(None),
        col(Invitation.taken_back_at).is_(None),
    )
    row = (await db.exec(wanted)).first()
    if row is None:
        row = Invitation(
            person_id=sent.person_id,
            role=sent.role,
            organisation_id=sent.organisation_id,
            procurer_id=sent.procurer_id,
            firm_name=sent.firm_name,
            invited_by=sent.invited_by,
            created_at=at,
            token_hash=b"",
            sent_at=at,
            expires_at=at,
        )
        db.add(row)
    row.next_path = sent.next_path
    await _renew(db, row, sent.kind, told, by_id=sent.invited_by, at=at)
    return row.id


async def _renew(
    db: AsyncSession, row: Invitation, kind: str, told: dict[str, Any], *, by_id: UUID | None, at: datetime
) -> None:
    token = secrets.token_urlsafe(32)
    row.token_hash, row.sent_at, row.expires_at = hash_of(token), at, at + INVITATION_LIVES
    record(db, "invitation.sent", row.id, by_id=by_id, at=at)
    await people.notify(db, row.person_id, kind, {**told, "token": token}, at=at)
    await db.flush()


async def _last_told(db: AsyncSession, row: Invitation) -> tuple[str, dict[str, Any]]:
    """The kind and the words of a letter, made anew from what it is about."""
    if row.procurer_id is None:
        firm = await people.find_organisation(db, row.organisation_id) if row.organisation_id else None
        by = await people.find_person(db, row.invited_by) if row.invited_by else None
        return "member_invited", {"firm": firm.name if firm else "", "by": by.name if by else ""}
    procurer = await people.find_organisation(db, row.procurer_id)
    names = await people.names_of_organisations(db, [row.organisation_id] if row.organisation_id else [])
    told: dict[str, Any] = {
        "procurer": procurer.name,
        "firm": row.firm_name or next(iter(names.values()), ""),
    }
    if not row.next_path.startswith("/provider/rulebooks/"):
        return "firm_invited", told
    book = await registry.find_rulebook(db, UUID(row.next_path.rpartition("/")[2]))
    return "firm_asked_to_apply", {**told, "title": book.title}


async def _own(db: AsyncSession, invitation_id: UUID, by: Actor) -> Invitation:
    """A letter that one's own house has written. Raises NotFound."""
    row = await db.get(Invitation, invitation_id, with_for_update=True)
    is_ours = row is not None and (
        (
            by.role is Role.PROVIDER_OWNER
            and row.procurer_id is None
            and row.organisation_id == by.organisation_id
        )
        or (by.role is Role.REGISTRAR and row.procurer_id == by.organisation_id)
    )
    if row is None or not is_ours:
        raise NotFound
    return row


async def _accepted(db: AsyncSession, token: str, by: Actor | None, *, at: datetime) -> Invitation:
    """Use a letter up, so that of two who send the form at once one comes in. Raises InvitationSpent, SignInFirst."""
    wanted = (
        select(Invitation)
        .where(
            Invitation.token_hash == hash_of(token),
            col(Invitation.expires_at) > at,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.taken_back_at).is_(None),
        )
        .with_for_update()
    )
    row = (await db.exec(wanted)).first()
    if row is None:
        raise InvitationSpent
    is_self = by is not None and by.person_id == row.person_id and by.through is None
    if not is_self and await people.is_known(db, row.person_id):
        raise SignInFirst
    return row


async def _come_in(
    db: AsyncSession, row: Invitation, organisation_id: UUID, *, at: datetime
) -> tuple[str, Actor]:
    row.organisation_id, row.accepted_at = organisation_id, at
    person = await db.get_one(Person, row.person_id)
    membership_id = await people.add_member(db, person.id, organisation_id, row.role, by=_as(person), at=at)
    record(db, "invitation.accepted", row.id, by_id=person.id, at=at)
    await db.flush()
    return await people.begin_sign_in(db, membership_id, at=at)


async def _lock(db: AsyncSession, organisation_id: UUID) -> None:
    """Let those who change who acts for a firm wait for each other."""
    await db.exec(
        select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    )
