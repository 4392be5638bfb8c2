"""The sample market's dialogues: one that is open now, and one that led to a published version."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from setori import dialogue, registry
from setori.days import local_day, noon
from setori.db import Database
from setori.dialogue import OpenDialogue, RemarkKind, ReplyToRemarks, Shows, WriteRemark
from setori.people import Actor, Role
from setori.registry import DraftCriterion, DraftRulebook
from setori.seeding.market import Desk, Market
from setori.seeding.reading import World


async def hold_dialogues(db: Database, world: World, market: Market, *, at: datetime) -> None:
    """Ask the market's providers, one after the other, as seed/world/dialogues.yaml tells."""
    owners = list(market.owners.values())
    for told in world.dialogues:
        await _hold(db, world, market, told, owners, at=at)


async def _hold(
    db: Database, world: World, market: Market, told: dict[str, Any], owners: list[Actor], *, at: datetime
) -> None:
    desk: Desk = market.desks[told["procurer"]]
    registrar = desk.staff[Role.REGISTRAR][0]
    began = noon(local_day(at) - timedelta(days=told["days_ago"]))
    service_id = market.services[told["service"]]
    title = world.rulebooks["titles"][told["service"]]
    draft = _terms(service_id, title, told["draft"])
    rulebook_id = await registry.draft_rulebook(db, draft, by=registrar, at=began - timedelta(days=7))
    opening = OpenDialogue(
        closes_on=local_day(began) + timedelta(days=told["open_days"]),
        shows=Shows(told["shows"]),
        intro=told.get("intro", {}),
    )
    dialogue_id = await dialogue.open_dialogue(db, rulebook_id, opening, by=registrar, at=began)
    said = [(RemarkKind.COMMENT, one) for one in told["comments"]]
    said += [(RemarkKind.QUESTION, one) for one in told.get("questions", [])]
    ended = noon(local_day(at) - timedelta(days=told["published_days_ago"])) if "final" in told else None
    for n, (kind, one) in enumerate(said):
        written = began + timedelta(days=1 + n)
        order = WriteRemark(kind=kind, code=one.get("code"), text=one["text"])
        remark_id = await dialogue.remark(db, dialogue_id, order, by=owners[n % len(owners)], at=written)
        if "answer" in one:
            reply = ReplyToRemarks(remark_ids=[remark_id], verdict=one.get("verdict"), text=one["answer"])
            answered = ended - timedelta(days=2) if ended else written + timedelta(days=1)
            await dialogue.reply(db, dialogue_id, reply, by=registrar, at=answered)
    if ended is not None:
        final = _terms(service_id, title, told["final"])
        await registry.edit_rulebook(db, rulebook_id, final, by=registrar, at=ended - timedelta(days=1))
        await dialogue.publish(db, rulebook_id, by=registrar, at=ended)


def _terms(service_id: UUID, title: dict[str, str], criteria: list[dict[str, Any]]) -> DraftRulebook:
    return DraftRulebook(
        service_id=service_id, title=title, criteria=[DraftCriterion(**one) for one in criteria]
    )
