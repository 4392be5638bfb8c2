"""The sample market: places, procurers with their rulebooks and programmes, providers with coaches and offerings."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from setori import catalogue, people, places, registry, vouchers
from setori.catalogue import AddCoach, AddService, PublishOffering
from setori.days import local_day, month_of, noon
from setori.db import Database, Sessions
from setori.evidence import ExaminedFile
from setori.people import Actor, AddOrganisation, AddPerson, OrganisationKind, Role
from setori.registry import (
    AddProvider,
    AnswerCriteria,
    ApplicationStatus,
    CriterionKind,
    DecideApplication,
    DraftCriterion,
    DraftRulebook,
    OpenHearing,
    PublishCore,
    ReasonCode,
    SuspendApproval,
    TellCapacity,
)
from setori.seeding.helper import Helper
from setori.seeding.reading import World, read_world
from setori.seeding.wallets import add_more, fill_wallet, sample_file
from setori.vouchers import GiveOutcomeFee, StartProgramme

MONTHS = 5
CLAIM_DAYS = {3: 180, 6: 270, 12: 450}
"""How many months of history there are: three settled, one that waits to be closed, and the one that runs."""


@dataclass(frozen=True)
class Pair:
    """What a jobseeker can choose: a coach within an offering, and how good the coach truly is (1–5)."""

    offering_id: UUID
    coach_id: UUID
    provider_id: UUID
    quality: float
    from_day: date
    until_day: date | None


@dataclass
class Desk:
    """A procurer with its people and programmes."""

    id: UUID
    area: str
    staff: dict[Role, list[Actor]] = field(default_factory=dict)
    programmes: list[tuple[UUID, dict[str, Any]]] = field(default_factory=list)
    rulebooks: dict[str, UUID] = field(default_factory=dict)
    pairs: dict[str, list[Pair]] = field(default_factory=dict)


@dataclass
class Market:
    """Who is who, by the keys of seed/."""

    desks: dict[str, Desk] = field(default_factory=dict)
    owners: dict[UUID, Actor] = field(default_factory=dict)
    coaches: dict[UUID, Actor] = field(default_factory=dict)
    coach_keys: dict[str, UUID] = field(default_factory=dict)
    services: dict[str, UUID] = field(default_factory=dict)
    began_on: date = date.min

    def join(self, other: "Market") -> None:
        """Take in the providers of another part of the same market."""
        self.owners |= other.owners
        self.coaches |= other.coaches
        self.coach_keys |= other.coach_keys
        for key, desk in other.desks.items():
            for service, pairs in desk.pairs.items():
                self.desks[key].pairs.setdefault(service, []).extend(pairs)


def first_month(at: datetime) -> date:
    """The first of the three settled months."""
    month = month_of(local_day(at))
    for _ in range(MONTHS - 1):
        month = month_of(month - timedelta(days=1))
    return month


async def build(
    sessions: Sessions,
    world: World,
    helper: Helper,
    *,
    at: datetime,
    progress: Callable[[int, int, str], None],
) -> Market:
    """Lay the market as it was before the first month, and let the later arrivals come when they came.

    One half of the providers comes in this process, the other in the helper.
    """
    examined = asyncio.create_task(sample_file())
    market = Market(began_on=first_month(at))
    begin = noon(market.began_on - timedelta(days=120))
    async with sessions.begin() as db:
        progress(1, 100, "employment areas, municipalities, postal codes")
        await _places(db, world)
        for told in world.services:
            order = AddService(code=told["code"], name=told["name"], description=told["description"])
            market.services[told["code"]] = await catalogue.add_service(db, order, at=begin)
        core = PublishCore(criteria=[DraftCriterion(**criterion) for criterion in world.rulebooks["core"]])
        await registry.publish_core(db, core, at=begin)
        progress(4, 100, "procurers and their rulebooks")
        for told in world.procurers:
            await _procurer(db, world, market, told, begin)
    file = await examined
    half = len(world.providers) // 2
    async with asyncio.TaskGroup() as side_by_side:
        theirs = side_by_side.create_task(
            helper.do(lay_providers, market, world.providers[half:], file, at=at)
        )
        await asyncio.sleep(0)  # so that the helper is told before the first one comes
        for number, told in enumerate(world.providers[:half]):
            progress(6 + number * 8 // half, 100, f"provider: {told['name']}")
            async with sessions.begin() as db:
                await _provider(db, market, told, world.documents, file, at=at)
    market.join(theirs.result())
    async with sessions.begin() as db:
        named = {owner.name: owner for owner in market.owners.values()}
        owners = {told["key"]: named[told["owner"]["name"]] for told in world.providers}
        await add_more(db, world.documents, owners, file, at=at)
    return market


async def lay_providers(
    sessions: Sessions, market: Market, providers: list[dict[str, Any]], file: ExaminedFile, *, at: datetime
) -> Market:
    """Let some providers come to a market that has none yet; it is given back with them. Work of the second process."""
    for told in providers:
        async with sessions.begin() as db:
            await _provider(db, market, told, read_world().documents, file, at=at)
    return market


async def _places(db: Database, world: World) -> None:
    await places.load_areas(db, {row["code"]: _names(row) for row in world.areas})
    await places.load_municipalities(
        db, ((row["code"], row["area_code"], _names(row)) for row in world.municipalities)
    )
    await places.place_municipalities(
        db,
        ((row["code"], float(row["latitude"]), float(row["longitude"])) for row in world.municipality_places),
    )
    await places.load_postal_codes(
        db, ((row["code"], row["municipality_code"], _names(row)) for row in world.postal_codes)
    )


def _names(row: dict[str, str]) -> dict[str, str]:
    return {code: row[f"name_{code}"] for code in ("fi", "sv", "en") if row.get(f"name_{code}")}


async def _procurer(
    db: Database, world: World, market: Market, told: dict[str, Any], begin: datetime
) -> None:
    order = AddOrganisation(
        kind=OrganisationKind.PROCURER,
        name=told["name"],
        business_id=told["business_id"],
        area_code=str(told["area"]),
        is_sample=True,
    )
    desk = Desk(await people.add_organisation(db, order, by=None, at=begin), str(told["area"]))
    market.desks[told["key"]] = desk
    for person in told["staff"]:
        actor = await _member(db, person, desk.id, Role(person["role"]), begin)
        desk.staff.setdefault(actor.role, []).append(actor)
    registrar = desk.staff[Role.REGISTRAR][0]
    for service in told["services"]:
        criteria = world.rulebooks["by_service"].get(service, [])
        draft = DraftRulebook(
            service_id=market.services[service],
            title=world.rulebooks["titles"][service],
            criteria=[DraftCriterion(**criterion) for criterion in criteria],
            two_assessors=service in told.get("two_assessors", []),
            allows_consortia=service in world.rulebooks["consortia"],
            subcontract_cap=world.rulebooks["consortia"].get(service, 0),
        )
        rulebook_id = await registry.draft_rulebook(db, draft, by=registrar, at=begin)
        await registry.publish_rulebook(db, rulebook_id, by=registrar, at=begin + timedelta(days=14))
        desk.rulebooks[service] = rulebook_id
    for programme in told["programmes"]:
        start = StartProgramme(
            service_id=market.services[programme["service"]],
            name=programme["name"],
            units=programme["units"],
            price_cap_cents=programme["price_cap_euros"] * 100,
            validity_days=programme["validity_days"],
            budget_cents=programme["budget_euros"] * 100,
            outcome_fees=tuple(
                GiveOutcomeFee(kind=kind, months=months, fee_cents=euros * 100, claim_days=CLAIM_DAYS[months])
                for kind, steps in programme.get("outcome_fees_euros", {}).items()
                for months, euros in steps.items()
            ),
        )
        programme_id = await vouchers.start_programme(db, start, by=desk.staff[Role.FINANCE][0], at=begin)
        desk.programmes.append((programme_id, programme))


async def _member(
    db: Database, person: dict[str, Any], organisation_id: UUID | None, role: Role, at: datetime
) -> Actor:
    order = AddPerson(name=person["name"], email=person["email"], language=person.get("language", "fi"))
    person_id = await people.add_person(db, order, by=None, at=at)
    await people.add_member(db, person_id, organisation_id, role, by=None, at=at)
    return Actor(person_id, role, organisation_id, person["name"], "fi")


async def _provider(
    db: Database,
    market: Market,
    told: dict[str, Any],
    documents: dict[str, Any],
    file: ExaminedFile,
    *,
    at: datetime,
) -> None:
    story = told.get("story", "steady")
    arrives = market.began_on - timedelta(days=60)
    if story in ("new", "pending", "rejected"):
        arrives = local_day(at) - timedelta(days=told.get("days_ago", 25))
    arrived = noon(arrives)
    order = AddProvider(
        name=told["name"],
        business_id=told["business_id"],
        city=told["city"],
        iban=told["iban"],
        website=told.get("website", ""),
        summary=told["summary"],
        languages=told["languages"],
        is_sample=True,
    )
    provider_id = await registry.add_provider(db, order, at=arrived)
    owner = await _member(db, told["owner"], provider_id, Role.PROVIDER_OWNER, arrived)
    market.owners[provider_id] = owner
    await fill_wallet(db, documents, told["key"], file, by=owner, arrived=arrived, at=at)
    coach_ids: dict[str, tuple[UUID, float]] = {}
    for coach in told["coaches"]:
        actor = await _member(db, coach, provider_id, Role.COACH, arrived)
        add = AddCoach(
            provider_id=provider_id,
            name=coach["name"],
            person_id=actor.person_id,
            own_words=coach["own_words"],
            languages=coach["languages"],
            ways=coach["ways"],
            specialities=coach.get("specialities", []),
            helps=coach.get("helps", []),
        )
        coach_id = await catalogue.add_coach(db, add, by=owner, at=arrived)
        coach_ids[coach["key"]] = (coach_id, float(coach.get("quality", told.get("quality", 4))))
        market.coaches[coach_id] = actor
        market.coach_keys[coach["key"]] = coach_id
    standing = await _approvals(db, market, told, owner, arrives, story, at=at)
    for offering in told["offerings"]:
        publish = PublishOffering(
            service_id=market.services[offering["service"]],
            title=offering["title"],
            summary=offering["summary"],
            first_week=offering["first_week"],
            price_cents=round(offering["price_euros"] * 100),
            minutes=offering.get("minutes", 60),
            languages=offering["languages"],
            ways=offering["ways"],
            access=offering.get("access", []),
            area_codes=[market.desks[key].area for key in offering["areas"]],
            coach_ids=[coach_ids[key][0] for key in offering["coaches"]],
        )
        offering_id = await catalogue.publish_offering(db, publish, by=owner, at=arrived)
        for key in offering["areas"]:
            days = standing.get((key, offering["service"]))
            if days is None:
                continue
            pairs = market.desks[key].pairs.setdefault(offering["service"], [])
            for coach_key in offering["coaches"]:
                coach_id, quality = coach_ids[coach_key]
                pairs.append(Pair(offering_id, coach_id, provider_id, quality, *days))


async def _approvals(
    db: Database,
    market: Market,
    told: dict[str, Any],
    owner: Actor,
    arrives: date,
    story: str,
    *,
    at: datetime,
) -> dict[tuple[str, str], tuple[date, date | None]]:
    standing: dict[tuple[str, str], tuple[date, date | None]] = {}
    for key, services in told["approved"].items():
        desk = market.desks[key]
        registrar = desk.staff[Role.REGISTRAR][0]
        for service in services:
            applied = noon(arrives + timedelta(days=2))
            rulebook_id = desk.rulebooks[service]
            application_id = await registry.start_application(db, rulebook_id, by=owner, at=applied)
            rulebook = await registry.find_rulebook(db, rulebook_id)
            answers = {
                criterion.code: _answer(criterion.kind, criterion.minimum, told)
                for criterion in rulebook.criteria
                if criterion.kind not in (CriterionKind.REGISTRY_CHECK, CriterionKind.DOCUMENT)
            }
            await registry.answer(db, application_id, AnswerCriteria(answers=answers), by=owner, at=applied)
            await registry.submit(db, application_id, by=owner, at=applied)
            if story == "pending":
                continue
            decided = noon(arrives + timedelta(days=16))
            decision = DecideApplication.model_validate(
                {
                    "outcome": ApplicationStatus.REJECTED
                    if story == "rejected"
                    else ApplicationStatus.APPROVED,
                    "reason": told.get("reason", "Kaikki vaatimukset täyttyvät."),
                }
            )
            approval_id = await registry.decide(db, application_id, decision, by=registrar, at=decided)
            if approval_id is None:
                continue
            until = None
            if story == "suspended":
                until = local_day(at) - timedelta(days=told.get("days_ago", 20))
                hearing = OpenHearing(reason=told["suspension"], answer_by=until - timedelta(days=2))
                asked = noon(until - timedelta(days=16))
                await registry.open_hearing(db, approval_id, hearing, by=registrar, at=asked)
                suspension = SuspendApproval(reason=told["suspension"], code=ReasonCode.BREACH)
                await registry.suspend(db, approval_id, suspension, by=registrar, at=noon(until))
            standing[(key, service)] = (local_day(decided), until)
            if until is None:
                room = TellCapacity(
                    service_id=market.services[service],
                    procurer_id=desk.id,
                    places=len(told["coaches"]) * 2 - len(standing) % 3,
                    waiting_days=3 + (len(told["name"]) + len(standing)) % 12,
                )
                await registry.tell_capacity(db, room, by=owner, at=decided)
    return standing


def _answer(kind: CriterionKind, minimum: int | None, told: dict[str, Any]) -> str:
    match kind:
        case CriterionKind.DECLARATION:
            return "yes"
        case CriterionKind.NUMBER:
            return str((minimum or 0) + len(told["coaches"]))
    return str(told["summary"]["fi"])
