"""Rulebooks are drafted on the national core, put up for comments, published, and superseded by the next version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import record
from setori.errors import Conflict, Forbidden, Invalid, NotFound
from setori.evidence import DocumentKind
from setori.people import Actor, Role
from setori.registry.commands import DraftCriterion, DraftRulebook, PublishCore
from setori.registry.models import Criterion, NationalCore, Rulebook
from setori.registry.queries.rulebooks import find_rulebook, newest_core
from setori.registry.rules import FINAL, CriterionKind, NoFinnish, RulebookStatus, missing_finnish


class NotDraft(Conflict):
    """A published version never changes; what follows is a new version."""

    sentence = "This rulebook has been published and no longer changes. Draft a new version instead."


class Overtaken(Conflict):
    """A later version is in force: an older draft does not come back over it."""

    sentence = (
        "A later version has been published since this draft was begun. Begin a new draft from that one."
    )


class ChangedMeanwhile(Conflict):
    """Somebody else has kept the draft since it was opened."""

    sentence = (
        "Somebody has changed this draft since you opened it. Open it in another window, take over what is missing "
        "here, and keep it once more."
    )


class InConsultation(Conflict):
    """What providers were asked about is published through the dialogue, with an answer to each of them."""

    sentence = "This rulebook is up for comments. Answer them first, and publish it from the dialogue."


async def publish_core(db: AsyncSession, order: PublishCore, *, by: Actor | None = None, at: datetime) -> int:
    """The next version of the national core. It enters each rulebook with that rulebook's next version.

    For whoever runs the installation; no role of a procurer may. Returns the version.
    """
    _refuse_faults(order.criteria, set())
    await _one_at_a_time(db, "the national core")
    latest = await newest_core(db)
    version = (latest.version if latest else 0) + 1
    criteria = [one.model_dump(mode="json") | {"is_core": True} for one in order.criteria]
    db.add(NationalCore(version=version, criteria=criteria, published_at=at))
    await db.flush()
    return version


async def draft_rulebook(db: AsyncSession, order: DraftRulebook, *, by: Actor, at: datetime) -> UUID:
    """The next version of the procurer's rulebook for a service. Raises Invalid when two criteria share a code."""
    procurer_id = registrar_of(by)
    await _one_at_a_time(db, f"rulebook {procurer_id} {order.service_id}")
    latest = select(func.max(Rulebook.version)).where(
        Rulebook.procurer_id == procurer_id, Rulebook.service_id == order.service_id
    )
    rulebook = Rulebook(
        procurer_id=procurer_id,
        service_id=order.service_id,
        version=((await db.exec(latest)).one() or 0) + 1,
        status=RulebookStatus.DRAFT,
        title=order.title,
        two_assessors=order.two_assessors,
        decision_days=order.decision_days,
        no_delivery_months=order.no_delivery_months,
        **_consortia(order),
        created_at=at,
    )
    await _write_criteria(db, rulebook, order)
    record(db, "rulebook.drafted", rulebook.id, by_id=by.person_id, at=at, procurer_id=procurer_id)
    await db.flush()
    return rulebook.id


async def edit_rulebook(
    db: AsyncSession, rulebook_id: UUID, order: DraftRulebook, *, seen: str = "", by: Actor, at: datetime
) -> None:
    """Write a draft anew in its place, with the newest national core. `seen` is the print of what one began from.

    What is up for comments may be edited too: those who comment see what was put up, and later what became of it.
    Raises NotFound, NotDraft, Invalid, ChangedMeanwhile.
    """
    rulebook = await lock_rulebook(db, rulebook_id, by=by)
    if rulebook.status in FINAL:
        raise NotDraft
    if seen and seen != (await find_rulebook(db, rulebook_id, by=by)).print:
        raise ChangedMeanwhile
    if rulebook.service_id != order.service_id:
        raise Invalid(errors={"service_id": "A rulebook stays with its service."})
    await db.exec(delete(Criterion).where(col(Criterion.rulebook_id) == rulebook_id))
    rulebook.title = order.title
    rulebook.two_assessors, rulebook.decision_days = order.two_assessors, order.decision_days
    rulebook.no_delivery_months = order.no_delivery_months
    for name, value in _consortia(order).items():
        setattr(rulebook, name, value)
    await _write_criteria(db, rulebook, order)
    record(db, "rulebook.edited", rulebook_id, by_id=by.person_id, at=at, procurer_id=rulebook.procurer_id)
    await db.flush()


async def discard_draft(db: AsyncSession, rulebook_id: UUID, *, by: Actor, at: datetime) -> None:
    """Throw a draft away that nobody but the registrars has seen. Raises NotFound, NotDraft, InConsultation."""
    rulebook = await lock_rulebook(db, rulebook_id, by=by)
    if rulebook.status is RulebookStatus.CONSULTATION:
        raise InConsultation
    if rulebook.status is not RulebookStatus.DRAFT:
        raise NotDraft
    record(db, "rulebook.discarded", rulebook_id, by_id=by.person_id, at=at, procurer_id=rulebook.procurer_id)
    await db.exec(delete(Criterion).where(col(Criterion.rulebook_id) == rulebook_id))
    await db.delete(rulebook)
    await db.flush()


async def begin_consultation(
    db: AsyncSession, rulebook_id: UUID, *, by: Actor, at: datetime, without_finnish: bool = False
) -> None:
    """Mark a draft as being up for comments; the dialogue calls this.

    Raises NotFound, NotDraft, InConsultation, and NoFinnish unless one goes on `without_finnish` knowingly.
    """
    rulebook = await lock_rulebook(db, rulebook_id, by=by)
    if rulebook.status is RulebookStatus.CONSULTATION:
        raise InConsultation
    if rulebook.status is not RulebookStatus.DRAFT:
        raise NotDraft
    missing = await _refuse_unread(db, rulebook, without_finnish)
    rulebook.status = RulebookStatus.CONSULTATION
    _record_open(db, "rulebook.opened", rulebook, missing, by=by, at=at)
    await db.flush()


async def publish_rulebook(
    db: AsyncSession,
    rulebook_id: UUID,
    *,
    by: Actor,
    at: datetime,
    after_dialogue: bool = False,
    without_finnish: bool = False,
) -> None:
    """Open a rulebook for applications; the version before it is superseded. Raises NotFound, NotDraft.

    What is up for comments is published `after_dialogue` only, or InConsultation is raised; Overtaken when a later
    version is in force; NoFinnish unless one goes on `without_finnish` knowingly.
    """
    rulebook = await lock_rulebook(db, rulebook_id, by=by)
    if rulebook.status in FINAL:
        raise NotDraft
    if rulebook.status is RulebookStatus.CONSULTATION and not after_dialogue:
        raise InConsultation
    missing = await _refuse_unread(db, rulebook, without_finnish)
    procurer_id = rulebook.procurer_id
    await _one_at_a_time(db, f"rulebook {procurer_id} {rulebook.service_id}")
    former = select(Rulebook).where(
        Rulebook.procurer_id == procurer_id,
        Rulebook.service_id == rulebook.service_id,
        Rulebook.status == RulebookStatus.PUBLISHED,
    )
    for version in (await db.exec(former.with_for_update())).all():
        if version.version > rulebook.version:
            raise Overtaken
        version.status = RulebookStatus.SUPERSEDED
    await db.flush()
    rulebook.status = RulebookStatus.PUBLISHED
    rulebook.published_at = at
    _record_open(db, "rulebook.published", rulebook, missing, by=by, at=at)
    await db.flush()


async def lock_rulebook(db: AsyncSession, rulebook_id: UUID, *, by: Actor) -> Rulebook:
    """A rulebook of one's own register, held until the transaction ends. Raises Forbidden, NotFound."""
    own = select(Rulebook).where(Rulebook.id == rulebook_id, Rulebook.procurer_id == registrar_of(by))
    rulebook = (await db.exec(own.with_for_update().execution_options(populate_existing=True))).first()
    if rulebook is None:
        raise NotFound
    return rulebook


def registrar_of(by: Actor) -> UUID:
    """The procurer whose register somebody keeps. Raises Forbidden to everybody else."""
    if by.role is not Role.REGISTRAR or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


async def _refuse_unread(db: AsyncSession, rulebook: Rulebook, without_finnish: bool) -> list[str]:
    """What has no Finnish, where that is known to the registrar. Raises NoFinnish where it is not."""
    asked = select(Criterion.code, Criterion.text).where(Criterion.rulebook_id == rulebook.id)
    criteria = (await db.exec(asked.order_by(col(Criterion.position)))).all()
    missing = missing_finnish(rulebook.title, [(code, dict(words)) for code, words in criteria])
    if missing and not without_finnish:
        raise NoFinnish
    return missing


def _record_open(
    db: AsyncSession, action: str, rulebook: Rulebook, missing: list[str], *, by: Actor, at: datetime
) -> None:
    """Who opened a rulebook to others, and what of it had no Finnish then."""
    told = {"without_finnish": ", ".join(missing)} if missing else {}
    record(db, action, rulebook.id, by_id=by.person_id, at=at, procurer_id=rulebook.procurer_id, **told)


async def _write_criteria(db: AsyncSession, rulebook: Rulebook, order: DraftRulebook) -> None:
    """The newest national core, then the procurer's own."""
    core = await newest_core(db)
    shared = core.criteria if core else []
    _refuse_faults(order.criteria, {one["code"] for one in shared})
    if not shared and not order.criteria:
        raise Invalid(errors={"criteria": "Write at least one criterion."})
    rulebook.core_version = core.version if core else None
    db.add(rulebook)
    await db.flush()
    own = [one.model_dump() for one in order.criteria]
    db.add_all(
        Criterion(rulebook_id=rulebook.id, position=position, **(one | _kinds_of(one)))
        for position, one in enumerate([*shared, *own], start=1)
    )


def _consortia(order: DraftRulebook) -> dict[str, Any]:
    """Without consortia there is nothing to be capped."""
    cap = order.subcontract_cap if order.allows_consortia else 0
    return {"allows_consortia": order.allows_consortia, "subcontract_cap": cap}


def _kinds_of(told: Mapping[str, Any]) -> dict[str, Any]:
    document = told.get("document_kind")
    return {
        "kind": CriterionKind(told["kind"]),
        "document_kind": DocumentKind(document) if document else None,
    }


def _refuse_faults(criteria: Sequence[DraftCriterion], core: set[str]) -> None:
    errors: dict[str, str] = {}
    before: set[str] = set()
    for n, criterion in enumerate(criteria):
        if criterion.code in before:
            errors[f"criteria.{n}.code"] = "Two criteria have the same code."
        before.add(criterion.code)
        low, high = criterion.minimum, criterion.maximum
        if low is not None and high is not None and low > high:
            errors[f"criteria.{n}.maximum"] = "The most cannot be less than the least."
        if criterion.kind is not CriterionKind.DOCUMENT and (criterion.expires or criterion.grace_days):
            errors[f"criteria.{n}.grace_days"] = "Only a document expires."
        elif criterion.grace_days and not criterion.expires:
            errors[f"criteria.{n}.grace_days"] = "Days of grace need a document that expires."
        if criterion.document_kind and criterion.kind is not CriterionKind.DOCUMENT:
            errors[f"criteria.{n}.document_kind"] = "Only a document is of a kind."
        if criterion.code in core:
            errors[f"criteria.{n}.code"] = "The national core asks something under this code. Use another."
    if errors:
        raise Invalid(errors=errors)


async def _one_at_a_time(db: AsyncSession, which: str) -> None:
    """Two who draft or publish the same thing do it one after the other."""
    connection = await db.connection()
    hold = text("select pg_advisory_xact_lock(hashtextextended(:which, 0))")
    await connection.execute(hold, {"which": which})
