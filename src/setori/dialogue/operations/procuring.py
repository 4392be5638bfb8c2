"""The procurer's side: a draft is put up for comments, each is answered, and the rulebook is published with all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people, registry
from setori.days import local_day
from setori.db import record
from setori.dialogue.commands import OpenDialogue, Prolong, ReplyToRemarks
from setori.dialogue.models import Dialogue, Remark, Reply
from setori.dialogue.queries.reading import find_of_rulebook
from setori.dialogue.rules import (
    DialogueOver,
    NotAnswered,
    RemarkKind,
    StillOpen,
    WithdrawnAlready,
    check_last_day,
)
from setori.errors import Invalid, NotFound
from setori.people import Actor
from setori.registry import RulebookStatus


async def open_dialogue(
    db: AsyncSession,
    rulebook_id: UUID,
    order: OpenDialogue,
    *,
    by: Actor,
    at: datetime,
    without_finnish: bool = False,
) -> UUID:
    """Put a draft up for comments as it is now. Raises NotFound, NotDraft, InConsultation, BadLastDay, NoFinnish."""
    check_last_day(order.closes_on, today=local_day(at))
    await registry.begin_consultation(db, rulebook_id, by=by, at=at, without_finnish=without_finnish)
    book = await registry.find_rulebook(db, rulebook_id, by=by)
    dialogue = Dialogue(
        rulebook_id=rulebook_id,
        procurer_id=book.procurer_id,
        service_id=book.service_id,
        title=book.title,
        terms=[term.as_json() for term in registry.terms_of(book)],
        intro=order.intro,
        shows=order.shows,
        closes_on=order.closes_on,
        opened_at=at,
        opened_by=by.person_id,
    )
    db.add(dialogue)
    _record(db, "dialogue.opened", dialogue, by, at)
    await db.flush()
    return dialogue.id


async def prolong(db: AsyncSession, dialogue_id: UUID, order: Prolong, *, by: Actor, at: datetime) -> None:
    """Give people more time, also after the close. Raises NotFound, DialogueOver, BadLastDay."""
    dialogue = await _own(db, dialogue_id, by)
    check_last_day(order.closes_on, today=local_day(at), former=dialogue.closes_on)
    dialogue.closes_on = order.closes_on
    _record(db, "dialogue.prolonged", dialogue, by, at)
    await db.flush()


async def reply(
    db: AsyncSession, dialogue_id: UUID, order: ReplyToRemarks, *, by: Actor, at: datetime
) -> UUID:
    """Answer one or several with the same words; a later answer takes the place of a former one until publication.

    Raises NotFound for what was not said in this dialogue, DialogueOver, WithdrawnAlready for what its author took
    back, Invalid when a comment gets no verdict.
    """
    dialogue = await _own(db, dialogue_id, by)
    wanted = set(order.remark_ids)
    said = select(Remark.id, Remark.kind, Remark.withdrawn_at).where(
        Remark.dialogue_id == dialogue_id,
        col(Remark.id).in_(wanted),
        col(Remark.verified_at).is_not(None),
    )
    found = (await db.exec(said)).all()
    kinds = {id: kind for id, kind, _ in found}
    if set(kinds) != wanted:
        raise NotFound
    if any(withdrawn_at is not None for _, _, withdrawn_at in found):
        raise WithdrawnAlready
    if len(set(kinds.values())) > 1:
        raise Invalid(errors={"remark_ids": "Answer comments and questions apart from each other."})
    is_comment = RemarkKind.COMMENT in kinds.values()
    if is_comment and order.verdict is None:
        raise Invalid(errors={"verdict": "Choose one of these."})
    answer = Reply(
        dialogue_id=dialogue_id,
        verdict=order.verdict if is_comment else None,
        text=order.text,
        replied_by=by.person_id,
        replied_at=at,
    )
    db.add(answer)
    await db.flush()
    await db.exec(update(Remark).where(col(Remark.id).in_(wanted)).values(reply_id=answer.id))
    _record(db, "dialogue.replied", dialogue, by, at, reply_id=str(answer.id), count=len(wanted))
    await db.flush()
    return answer.id


async def publish(
    db: AsyncSession, rulebook_id: UUID, *, by: Actor, at: datetime, without_finnish: bool = False
) -> None:
    """Publish a rulebook: straight from a draft, or after its dialogue, and then tell all who spoke.

    Raises NotFound, NotDraft, StillOpen before the close, NotAnswered while somebody waits for an answer, NoFinnish.
    """
    book = await registry.lock_rulebook(db, rulebook_id, by=by)
    dialogue_id = await find_of_rulebook(db, rulebook_id)
    if book.status is not RulebookStatus.CONSULTATION or dialogue_id is None:
        await registry.publish_rulebook(db, rulebook_id, by=by, at=at, without_finnish=without_finnish)
        return
    dialogue = await db.get_one(Dialogue, dialogue_id)
    if local_day(at) <= dialogue.closes_on:
        raise StillOpen(day=dialogue.closes_on)
    said = (Remark.dialogue_id == dialogue_id, col(Remark.verified_at).is_not(None))
    waiting = (
        await db.exec(
            select(func.count())
            .select_from(Remark)
            .where(*said, col(Remark.reply_id).is_(None), col(Remark.withdrawn_at).is_(None))
        )
    ).one()
    if waiting:
        raise NotAnswered(count=waiting)
    await registry.publish_rulebook(
        db, rulebook_id, by=by, at=at, after_dialogue=True, without_finnish=without_finnish
    )
    authors = (await db.exec(select(Remark.author_id).where(*said).distinct())).all()
    params = {"dialogue_id": str(dialogue_id), "title": book.title}
    for author in sorted(authors):
        await people.notify(db, author, "dialogue_answered", params, at=at)
    _record(db, "dialogue.published", dialogue, by, at)
    await db.flush()


async def _own(db: AsyncSession, dialogue_id: UUID, by: Actor) -> Dialogue:
    """A dialogue of one's own register that is not over, its rulebook held until the transaction ends."""
    dialogue = await db.get(Dialogue, dialogue_id)
    if dialogue is None:
        raise NotFound
    book = await registry.lock_rulebook(db, dialogue.rulebook_id, by=by)
    if book.status is not RulebookStatus.CONSULTATION:
        raise DialogueOver
    await db.refresh(dialogue)
    return dialogue


def _record(
    db: AsyncSession, action: str, dialogue: Dialogue, by: Actor, at: datetime, **detail: str | int
) -> None:
    record(db, action, dialogue.id, by_id=by.person_id, at=at, procurer_id=dialogue.procurer_id, **detail)
