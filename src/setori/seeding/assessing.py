"""What lies on the registrars' desks of the sample market: assessed by two, returned, with conditions, appealed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from setori import registry
from setori.days import local_day, noon
from setori.db import Database
from setori.people import Actor, Role
from setori.registry import (
    AnswerCriteria,
    AskForCompletion,
    AssessApplication,
    CriterionKind,
    DecideApplication,
    GiveVerdict,
    RecordAppeal,
)
from setori.seeding.market import Market
from setori.seeding.reading import World


async def fill_desks(db: Database, world: World, market: Market, *, at: datetime) -> None:
    """Bring each application of seed/world/assessments.yaml as far as it says."""
    owners = {owner.name: owner for owner in market.owners.values()}
    for told in world.assessments:
        desk = market.desks[told["procurer"]]
        sent = noon(local_day(at) - timedelta(days=told["days_ago"]))
        later = sent + timedelta(days=2)
        owner, rulebook_id = owners[told["owner"]], desk.rulebooks[told["service"]]
        registrars = desk.staff[Role.REGISTRAR]
        application_id = await _apply(db, rulebook_id, owner, at=sent)
        for number in told.get("assessors", []):
            assessor = registrars[number].person_id
            await registry.assign(db, application_id, assessor, by=registrars[0], at=later)
        if "done" in told:
            await _assess(db, application_id, rulebook_id, by=registrars[told["done"]], at=later)
        await _answer_it(db, application_id, told, by=registrars[0], at=later)


async def _apply(db: Database, rulebook_id: UUID, owner: Actor, *, at: datetime) -> UUID:
    """What the firm has answered elsewhere is there already; the rest is answered here."""
    application_id = await registry.start_application(db, rulebook_id, by=owner, at=at)
    seen = await registry.find_application(db, application_id, by=owner)
    missing = {
        item.asked.code: _answer(item.asked.kind, item.asked.minimum)
        for item in seen.criteria
        if not item.value
    }
    await registry.answer(db, application_id, AnswerCriteria(answers=missing), by=owner, at=at)
    await registry.submit(db, application_id, by=owner, at=at)
    return application_id


def _answer(kind: CriterionKind, minimum: int | None) -> str:
    match kind:
        case CriterionKind.DECLARATION:
            return "yes"
        case CriterionKind.NUMBER:
            return str((minimum or 0) + 3)
    return "Toimimme nuorten kanssa pienissä ryhmissä ja kahden kesken."


async def _assess(db: Database, application_id: UUID, rulebook_id: UUID, *, by: Actor, at: datetime) -> None:
    book = await registry.find_rulebook(db, rulebook_id, by=by)
    marks = {asked.code: GiveVerdict(met=True) for asked in book.criteria}
    await registry.assess(db, application_id, AssessApplication(marks=marks, is_done=True), by=by, at=at)


async def _answer_it(
    db: Database, application_id: UUID, told: dict[str, Any], *, by: Actor, at: datetime
) -> None:
    if ask := told.get("return"):
        due = local_day(at) + timedelta(days=ask["days"])
        order = AskForCompletion(message=ask["message"], due_on=due, to_mend=ask["to_mend"])
        await registry.ask_for_completion(db, application_id, order, by=by, at=at)
    if reason := told.get("approve"):
        approval = DecideApplication.model_validate(
            {"outcome": "approved", "reason": reason, "conditions": told["conditions"]}
        )
        await registry.decide(db, application_id, approval, by=by, at=at)
    if reason := told.get("reject"):
        rejection = DecideApplication.model_validate({"outcome": "rejected", "reason": reason})
        await registry.decide(db, application_id, rejection, by=by, at=at)
        came = at + timedelta(days=6)
        appeal = RecordAppeal(received_on=local_day(came), demand=told["appeal"])
        await registry.record_appeal(db, application_id, appeal, by=by, at=came)
