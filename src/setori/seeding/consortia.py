"""Consortia of the sample market: firms that joined before the first month, one that waits, one that was only asked."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from setori import catalogue, registry
from setori.catalogue import PublishOffering
from setori.days import local_day, noon
from setori.db import Database
from setori.people import Actor, Role
from setori.registry import (
    AnswerInvitation,
    ApprovalStatus,
    DecideChange,
    InvitePartner,
    LeaveConsortium,
)
from setori.seeding.market import Desk, Market, Pair
from setori.seeding.reading import World

WAITS_DAYS = 6
"""How long ago the firms that wait were asked."""


async def form_consortia(db: Database, world: World, market: Market, *, at: datetime) -> None:
    """Bring each row of seed/world/consortia.yaml as far as it says."""
    by_name = {owner.name: owner for owner in market.owners.values()}
    owners = {told["key"]: by_name[told["owner"]["name"]] for told in world.providers}
    numbers = {told["key"]: told["business_id"] for told in world.providers}
    for told in world.consortia:
        lead, firm, desk = owners[told["lead"]], owners[told["firm"]], market.desks[told["procurer"]]
        state = told.get("state", "joined")
        then = market.began_on if state == "joined" else local_day(at) - timedelta(days=WAITS_DAYS)
        order = InvitePartner.model_validate(
            {
                "business_id": numbers[told["firm"]],
                "part": "subcontractor" if "share" in told else "member",
                "task": told["task"],
                "share_percent": told.get("share", 0),
                "reason": told.get("reason", ""),
            }
        )
        service_id = market.services[told["service"]]
        approval_id = await _approval(db, lead, desk, service_id, at=at)
        asked = noon(then)
        change_id = await registry.invite_to_approval(db, approval_id, order, by=lead, at=asked)
        if state == "asked":
            continue
        answered = asked + timedelta(hours=1)
        await registry.answer_invitation(db, change_id, AnswerInvitation(answer="yes"), by=firm, at=answered)
        if state == "waits":
            continue
        decision = DecideChange.model_validate({"outcome": "approved"})
        registrar = desk.staff[Role.REGISTRAR][0]
        await registry.decide_change(db, change_id, decision, by=registrar, at=answered + timedelta(hours=1))
        if days := told.get("leaves_in"):
            await _leave(db, approval_id, firm, days, at=at)
        if offering := told.get("offering"):
            await _offer(
                db, market, desk, told["service"], offering, lead, firm, at=answered + timedelta(hours=2)
            )


async def _approval(db: Database, lead: Actor, desk: Desk, service_id: UUID, *, at: datetime) -> UUID:
    assert lead.organisation_id
    for one in await registry.list_approvals(db, lead.organisation_id, on=local_day(at)):
        if (one.procurer_id, one.service_id, one.status) == (desk.id, service_id, ApprovalStatus.IN_FORCE):
            return one.id
    raise LookupError(f"{lead.name} is not approved for this")


async def _leave(db: Database, approval_id: UUID, firm: Actor, days: int, *, at: datetime) -> None:
    assert firm.organisation_id
    partner_id = await registry.find_partner_id(db, approval_id, firm.organisation_id)
    assert partner_id
    notice = LeaveConsortium(
        last_on=local_day(at) + timedelta(days=days), reason="Valmentajamme keskittyvät omaan alueeseemme."
    )
    await registry.leave(db, partner_id, notice, by=firm, at=at - timedelta(days=2))


async def _offer(
    db: Database,
    market: Market,
    desk: Desk,
    service: str,
    told: dict[str, Any],
    lead: Actor,
    firm: Actor,
    *,
    at: datetime,
) -> None:
    """The lead firm's offering that this firm delivers; its coaches can be chosen like any others."""
    assert lead.organisation_id
    coach_ids = [market.coach_keys[key] for key in told["coaches"]]
    order = PublishOffering(
        service_id=market.services[service],
        deliverer_id=firm.organisation_id,
        title=told["title"],
        summary=told["summary"],
        first_week=told["first_week"],
        price_cents=told["price_euros"] * 100,
        languages=told["languages"],
        ways=told["ways"],
        area_codes=[desk.area],
        coach_ids=coach_ids,
    )
    offering_id = await catalogue.publish_offering(db, order, by=lead, at=at)
    pairs = desk.pairs.setdefault(service, [])
    pairs += [Pair(offering_id, id, lead.organisation_id, 4.3, local_day(at), None) for id in coach_ids]
