"""The author's second thoughts: what was said is mended or withdrawn while the dialogue is open."""

from datetime import datetime
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import record
from setori.dialogue.commands import MendRemark
from setori.dialogue.models import Dialogue, Remark
from setori.dialogue.operations.speaking import open_for_comments
from setori.dialogue.queries.reading import look_at_remark, may_change
from setori.dialogue.rules import AnsweredAlready, LinkTooOld, OthersWords, WithdrawnAlready
from setori.errors import NotFound
from setori.people import Actor


async def mend_remark(
    db: AsyncSession, remark_id: UUID, order: MendRemark, *, by: Actor, at: datetime
) -> UUID:
    """Say it in other words. Returns the dialogue.

    Raises NotFound for anybody else's, DialogueClosed, AnsweredAlready, WithdrawnAlready, OthersWords.
    """
    return await _mend(db, await _own(db, remark_id, by), order, by_id=by.person_id, at=at)


async def withdraw_remark(db: AsyncSession, remark_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """Take it back; its words are shown to nobody from now on. Again, it is the same. Returns the dialogue.

    Raises NotFound for anybody else's, DialogueClosed.
    """
    return await _withdraw(db, await _own(db, remark_id, by), by_id=by.person_id, at=at)


async def mend_linked_remark(db: AsyncSession, token: str, order: MendRemark, *, at: datetime) -> UUID:
    """The same by the link of the mail. Raises LinkTooOld also for what has not been sent in by it yet."""
    said = await _linked(db, token)
    return await _mend(db, said, order, by_id=said.author_id, at=at)


async def withdraw_linked_remark(db: AsyncSession, token: str, *, at: datetime) -> UUID:
    """The same by the link of the mail."""
    said = await _linked(db, token)
    return await _withdraw(db, said, by_id=said.author_id, at=at)


async def _mend(db: AsyncSession, known: Remark, order: MendRemark, *, by_id: UUID, at: datetime) -> UUID:
    dialogue, said = await _hold(db, known, at)
    if said.withdrawn_at is not None:
        raise WithdrawnAlready
    if said.text == order.text:
        return dialogue.id
    if said.reply_id is not None:
        raise AnsweredAlready
    if order.over and said.text != order.over:
        raise OthersWords
    _record(db, "dialogue.mended", said, dialogue, by_id, at)
    said.text, said.mended_at = order.text, at
    await db.flush()
    return dialogue.id


async def _withdraw(db: AsyncSession, known: Remark, *, by_id: UUID, at: datetime) -> UUID:
    dialogue, said = await _hold(db, known, at)
    if said.withdrawn_at is None:
        _record(db, "dialogue.withdrawn", said, dialogue, by_id, at)
        said.withdrawn_at = at
        await db.flush()
    return dialogue.id


async def _own(db: AsyncSession, remark_id: UUID, by: Actor) -> Remark:
    said = await db.get(Remark, remark_id)
    if said is None or not may_change(said, by):
        raise NotFound
    return said


async def _linked(db: AsyncSession, token: str) -> Remark:
    said, _ = await look_at_remark(db, token)
    if said.verified_at is None:
        raise LinkTooOld
    return said


async def _hold(db: AsyncSession, known: Remark, at: datetime) -> tuple[Dialogue, Remark]:
    """The dialogue, open until the transaction ends, and the remark as it is now, held.

    Whoever answers holds the rulebook alone, so an answer comes wholly before this or wholly after it.
    """
    dialogue = await open_for_comments(db, known.dialogue_id, at=at)
    held = select(Remark).where(Remark.id == known.id).with_for_update()
    return dialogue, (await db.exec(held, execution_options={"populate_existing": True})).one()


def _record(
    db: AsyncSession, action: str, said: Remark, dialogue: Dialogue, by_id: UUID, at: datetime
) -> None:
    """With the words as they were: the trail is where nothing is lost."""
    record(
        db,
        action,
        said.id,
        by_id=by_id,
        at=at,
        procurer_id=dialogue.procurer_id,
        kind=said.kind.value,
        former=said.text,
    )
