"""Everybody else's side: registered firms comment and ask at once, others after opening a link in their mail."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.days import local_day
from setori.db import new_id, record
from setori.dialogue.commands import WriteFromOutside, WriteRemark
from setori.dialogue.models import Dialogue, Remark
from setori.dialogue.queries.reading import hash_of, look_at_remark
from setori.dialogue.rules import (
    CONFIRM_WITHIN,
    LINKS_PER_WINDOW,
    REMARKS_PER_WINDOW,
    WINDOW,
    DialogueClosed,
    DialogueOver,
    DialogueStatus,
    LinkTooOld,
    TooMuch,
    place_of,
    status_of,
)
from setori.errors import Forbidden, NotFound
from setori.people import PROVIDER_ROLES, Actor, AddPerson
from setori.registry import Rulebook


async def remark(db: AsyncSession, dialogue_id: UUID, order: WriteRemark, *, by: Actor, at: datetime) -> UUID:
    """Comment or ask in the name of a registered firm. Raises NotFound, DialogueClosed, TooMuch, Forbidden."""
    if by.role not in PROVIDER_ROLES or by.organisation_id is None:
        raise Forbidden
    dialogue = await open_for_comments(db, dialogue_id, at=at)
    id, is_again = await _id_of(db, dialogue, order, by.person_id)
    if is_again:
        return id
    await _count(db, by.person_id, REMARKS_PER_WINDOW, at=at)
    firm = await people.find_organisation(db, by.organisation_id)
    said = _said(id, dialogue, order, by.person_id, at)
    said.provider_id, said.author_name, said.verified_at = firm.id, firm.name, at
    db.add(said)
    _record(db, "dialogue.remarked", said, dialogue, at)
    await db.flush()
    return said.id


async def remark_from_outside(
    db: AsyncSession, dialogue_id: UUID, order: WriteFromOutside, *, at: datetime
) -> None:
    """Keep what somebody wrote, and send a link to the address: opened, it counts. Raises as `remark` does."""
    dialogue = await open_for_comments(db, dialogue_id, at=at)
    told = AddPerson(name=order.name, email=order.email, language=order.language)
    person_id = await people.add_person(db, told, at=at)
    id, is_again = await _id_of(db, dialogue, order, person_id)
    if is_again:
        return
    await _count(db, person_id, LINKS_PER_WINDOW, at=at)
    token = secrets.token_urlsafe(32)
    said = _said(id, dialogue, order, person_id, at)
    said.author_name = f"{order.name}, {order.organisation}" if order.organisation else order.name
    said.token_hash = hash_of(token)
    db.add(said)
    params = {"token": token, "title": dialogue.title}
    await people.notify(db, person_id, "dialogue_confirm", params, at=at)
    _record(db, "dialogue.remarked", said, dialogue, at)
    await db.flush()


async def confirm_remark(db: AsyncSession, token: str, *, at: datetime) -> UUID:
    """Count what an outsider wrote in time. Again, it is the same. Returns the dialogue.

    Raises LinkTooOld, and DialogueOver once the rulebook has been published.
    """
    said, dialogue = await look_at_remark(db, token)
    if said.verified_at is not None:
        return dialogue.id
    if at > said.written_at + CONFIRM_WITHIN:
        raise LinkTooOld
    held = select(Rulebook.published_at).where(Rulebook.id == dialogue.rulebook_id)
    if (await db.exec(held.with_for_update(read=True))).one() is not None:
        raise DialogueOver
    said.verified_at = at
    _record(db, "dialogue.verified", said, dialogue, at)
    await db.flush()
    return dialogue.id


async def open_for_comments(db: AsyncSession, dialogue_id: UUID, *, at: datetime) -> Dialogue:
    """A dialogue that takes comments, which it goes on doing until the transaction ends. Raises as `remark` does."""
    wanted = (
        select(Dialogue, Rulebook.published_at)
        .join(Rulebook, col(Rulebook.id) == Dialogue.rulebook_id)
        .where(Dialogue.id == dialogue_id)
        .with_for_update(read=True, of=Rulebook)
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    dialogue, published_at = found
    if status_of(dialogue.closes_on, published_at, on=local_day(at)) is not DialogueStatus.OPEN:
        raise DialogueClosed
    return dialogue


async def _id_of(
    db: AsyncSession, dialogue: Dialogue, order: WriteRemark, author_id: UUID
) -> tuple[UUID, bool]:
    """The id that a remark gets, and whether this form has been sent before. Another's id is none.

    Who goes back in the browser and writes something else sends the same id with other words: that is a new remark.
    Of two that are sent at once the second waits for the first.
    """
    if order.remark_id is None:
        return new_id(), False
    await db.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(f"remark {order.remark_id}", 0))))
    found = await db.get(Remark, order.remark_id, populate_existing=True)
    if found is None:
        return order.remark_id, False
    said = (found.dialogue_id, found.author_id, found.kind, found.code, found.text)
    is_same = said == (dialogue.id, author_id, order.kind, order.code, order.text)
    return (found.id, True) if is_same else (new_id(), False)


def _said(id: UUID, dialogue: Dialogue, order: WriteRemark, author_id: UUID, at: datetime) -> Remark:
    return Remark(
        id=id,
        dialogue_id=dialogue.id,
        kind=order.kind,
        code=order.code,
        position=place_of(order.code, (term["code"] for term in dialogue.terms)),
        author_id=author_id,
        author_name="",
        text=order.text,
        written_at=at,
    )


async def _count(db: AsyncSession, person_id: UUID, most: int, *, at: datetime) -> None:
    recent = (
        select(func.count())
        .select_from(Remark)
        .where(Remark.author_id == person_id, col(Remark.written_at) > at - WINDOW)
    )
    if (await db.exec(recent)).one() >= most:
        raise TooMuch


def _record(db: AsyncSession, action: str, said: Remark, dialogue: Dialogue, at: datetime) -> None:
    record(
        db,
        action,
        said.id,
        by_id=said.author_id,
        at=at,
        procurer_id=dialogue.procurer_id,
        kind=said.kind.value,
    )
