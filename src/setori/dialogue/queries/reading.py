"""Reading dialogues: lists, one with its counts, and what was said as far as the reader may see it."""

import hashlib
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import Page, page_of
from setori.dialogue.models import Dialogue, Remark, Reply, Subscription
from setori.dialogue.queries.views import (
    DialogueRow,
    DialogueView,
    OwnRemark,
    RemarkView,
    ReplyView,
    SubscriptionView,
)
from setori.dialogue.rules import DialogueStatus, LinkTooOld, RemarkKind, Shows, UnknownLink, status_of
from setori.errors import NotFound
from setori.people import PROCURER_ROLES, PROVIDER_ROLES, Actor, Organisation, Person, Role
from setori.registry import Rulebook, term_of


def hash_of(secret: str) -> bytes:
    """What is kept of a link's secret of 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


async def list_dialogues(
    db: AsyncSession,
    *,
    on: date,
    procurer_id: UUID | None = None,
    area_code: str | None = None,
    service_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 25,
) -> Page[DialogueRow]:
    """Dialogues, the last to close first; those that are open stand on top by themselves."""
    wanted: list[ColumnElement[bool] | bool] = [
        Dialogue.procurer_id == procurer_id if procurer_id else True,
        Dialogue.service_id == service_id if service_id else True,
        Organisation.area_code == area_code if area_code else True,
    ]
    if after is not None:
        last = select(col(Dialogue.closes_on), col(Dialogue.id)).where(Dialogue.id == after).scalar_subquery()
        wanted.append(tuple_(col(Dialogue.closes_on), col(Dialogue.id)) < last)
    rows = await _rows(db, and_(*wanted), on=on, limit=limit + 1)  # type: ignore[arg-type]
    listed = [row for row, _ in rows]
    return page_of(listed, [row.id for row in listed], limit)


async def find_dialogue(db: AsyncSession, dialogue_id: UUID, *, on: date) -> DialogueView:
    """A dialogue, which is for everybody. Raises NotFound."""
    found = await _rows(db, Dialogue.id == dialogue_id, on=on, limit=1)
    if not found:
        raise NotFound
    row, dialogue = found[0]
    counted = (
        select(Remark.kind, Remark.code, func.count(), func.count().filter(col(Remark.reply_id).is_(None)))
        .where(
            Remark.dialogue_id == dialogue_id,
            col(Remark.verified_at).is_not(None),
            col(Remark.withdrawn_at).is_(None),
        )
        .group_by(col(Remark.kind), col(Remark.code))
    )
    comments = questions = unanswered = 0
    by_code: dict[str | None, int] = {}
    for kind, code, count, without in (await db.exec(counted)).all():
        unanswered += without
        if kind is RemarkKind.QUESTION:
            questions += count
        else:
            comments += count
            by_code[code] = count
    terms = [term_of(one) for one in dialogue.terms]
    return DialogueView(row, dialogue.intro, terms, comments, questions, unanswered, by_code)


async def find_of_rulebook(db: AsyncSession, rulebook_id: UUID) -> UUID | None:
    """The dialogue about a rulebook, or None."""
    return (await db.exec(select(Dialogue.id).where(Dialogue.rulebook_id == rulebook_id))).first()


async def list_remarks(
    db: AsyncSession,
    dialogue: DialogueRow,
    *,
    by: Actor | None = None,
    kind: RemarkKind = RemarkKind.COMMENT,
    is_unanswered: bool = False,
    after: UUID | None = None,
    limit: int = 100,
) -> Page[RemarkView]:
    """What was said, criterion by criterion, as far as the reader may see it.

    Questions and their answers are open at once and without names. Answers to comments come with publication; the
    procurer sees its own before.
    """
    is_procurers = is_own_dialogue(dialogue, by)
    wanted = (
        select(Remark, Reply)
        .outerjoin(Reply, col(Reply.id) == Remark.reply_id)
        .where(
            Remark.dialogue_id == dialogue.id,
            Remark.kind == kind,
            col(Remark.verified_at).is_not(None),
            _seen(dialogue, by, is_procurers) if kind is RemarkKind.COMMENT else True,
        )
    )
    if is_unanswered:
        wanted = wanted.where(col(Remark.reply_id).is_(None), col(Remark.withdrawn_at).is_(None))
    if after is not None:
        last = select(Remark.position, Remark.id).where(Remark.id == after).scalar_subquery()
        wanted = wanted.where(tuple_(col(Remark.position), col(Remark.id)) > last)
    wanted = wanted.order_by(col(Remark.position), col(Remark.id)).limit(limit + 1)
    shows_replies = is_procurers or kind is RemarkKind.QUESTION or dialogue.status is DialogueStatus.PUBLISHED
    rows = [
        RemarkView(
            remark.id,
            remark.kind,
            remark.code,
            remark.author_name if kind is RemarkKind.COMMENT else "",
            remark.provider_id is not None,
            "" if remark.withdrawn_at else remark.text,
            remark.written_at,
            ReplyView(reply.id, reply.verdict, reply.text, reply.replied_at)
            if reply is not None and shows_replies
            else None,
            mended_at=remark.mended_at,
            is_withdrawn=remark.withdrawn_at is not None,
            is_mine=may_change(remark, by),
        )
        for remark, reply in (await db.exec(wanted)).all()
    ]
    return page_of(rows, [row.id for row in rows], limit)


def is_own_dialogue(dialogue: DialogueRow, by: Actor | None) -> bool:
    """Whether somebody works for the procurer that asks."""
    return by is not None and by.role in PROCURER_ROLES and by.organisation_id == dialogue.procurer_id


def may_change(remark: Remark, by: Actor | None) -> bool:
    """Whether somebody signed in may mend or withdraw it: who wrote it for the firm, and the firm's owners."""
    if by is None or by.role not in PROVIDER_ROLES or by.organisation_id is None:
        return False
    is_own = remark.author_id == by.person_id or by.role is Role.PROVIDER_OWNER
    return is_own and remark.provider_id == by.organisation_id


async def look_at_remark(db: AsyncSession, token: str) -> tuple[Remark, Dialogue]:
    """The remark that a link verifies; looking changes nothing. Raises LinkTooOld."""
    wanted = (
        select(Remark, Dialogue)
        .join(Dialogue, col(Dialogue.id) == Remark.dialogue_id)
        .where(Remark.token_hash == hash_of(token))
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise LinkTooOld
    return found


async def find_own_remark(db: AsyncSession, remark_id: UUID, *, by: Actor, on: date) -> OwnRemark:
    """What one wrote in the firm's name, to mend or withdraw. Raises NotFound for anybody else's."""
    return await _own_remark(db, Remark.id == remark_id, by=by, on=on)


async def find_linked_remark(db: AsyncSession, token: str, *, on: date) -> OwnRemark:
    """The same for whoever has the link of the mail. Raises LinkTooOld."""
    return await _own_remark(db, Remark.token_hash == hash_of(token), by=None, on=on)


async def _own_remark(
    db: AsyncSession, which: ColumnElement[bool] | bool, *, by: Actor | None, on: date
) -> OwnRemark:
    wanted = (
        select(Remark, Dialogue, Rulebook.published_at)
        .join(Dialogue, col(Dialogue.id) == Remark.dialogue_id)
        .join(Rulebook, col(Rulebook.id) == Dialogue.rulebook_id)
        .where(which)
    )
    found = (await db.exec(wanted)).first()
    if found is None or (by is not None and not may_change(found[0], by)):
        raise LinkTooOld if by is None else NotFound
    remark, dialogue, published_at = found
    return OwnRemark(
        remark.id,
        dialogue.id,
        dialogue.title,
        remark.kind,
        remark.code,
        remark.text,
        dialogue.closes_on,
        remark.verified_at is not None,
        remark.withdrawn_at is not None,
        remark.reply_id is not None,
        status_of(dialogue.closes_on, published_at, on=on) is DialogueStatus.OPEN,
    )


async def look_at_subscription(
    db: AsyncSession, *, token: str | None = None, leave_token: str | None = None
) -> SubscriptionView:
    """What a link of the interest register is about; looking changes nothing.

    Raises LinkTooOld, or UnknownLink for one to leave.
    """
    wanted = select(Subscription, Person.email).join(Person, col(Person.id) == Subscription.person_id)
    if token is not None:
        wanted = wanted.where(Subscription.token_hash == hash_of(token))
    else:
        wanted = wanted.where(Subscription.leave_token == (leave_token or "")[:60])
    found = (await db.exec(wanted)).first()
    if found is None:
        raise LinkTooOld if token is not None else UnknownLink
    one, email = found
    is_live = one.verified_at is not None and one.ended_at is None
    return SubscriptionView(email or "", one.area_code, one.service_id, is_live)


def _seen(dialogue: DialogueRow, by: Actor | None, is_procurers: bool) -> ColumnElement[bool] | bool:
    """Which comments a reader sees: the same as `rules.may_see_comment`, for the database."""
    if is_procurers or dialogue.shows is Shows.AT_ONCE or dialogue.status is not DialogueStatus.OPEN:
        return True
    if by is None:
        return false()
    own: ColumnElement[bool] = col(Remark.author_id) == by.person_id
    if by.role in PROVIDER_ROLES:
        return or_(own, col(Remark.provider_id) == by.organisation_id)
    return own


async def _rows(
    db: AsyncSession, which: ColumnElement[bool] | bool, *, on: date, limit: int
) -> list[tuple[DialogueRow, Dialogue]]:
    wanted = (
        select(Dialogue, Rulebook, Organisation)
        .join(Rulebook, col(Rulebook.id) == Dialogue.rulebook_id)
        .join(Organisation, col(Organisation.id) == Dialogue.procurer_id)
        .where(which)
        .order_by(col(Dialogue.closes_on).desc(), col(Dialogue.id).desc())
        .limit(limit)
    )
    return [
        (
            DialogueRow(
                dialogue.id,
                dialogue.rulebook_id,
                dialogue.procurer_id,
                procurer.name,
                procurer.area_code,
                dialogue.service_id,
                dialogue.title,
                book.version,
                book.status,
                dialogue.shows,
                dialogue.closes_on,
                dialogue.opened_at,
                book.published_at,
                status_of(dialogue.closes_on, book.published_at, on=on),
            ),
            dialogue,
        )
        for dialogue, book, procurer in (await db.exec(wanted)).all()
    ]
