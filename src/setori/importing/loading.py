"""Takes the rows of a register in, through the same operations that pages and machines use, all of them or none.

A row that stands already is left alone, so the same file can be imported again and again. Nothing is committed here:
the caller holds the one transaction.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from pydantic import ValidationError

from setori import catalogue, figures, people, places, registry
from setori.catalogue import AddService, ImportOffering
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid, SetoriError
from setori.figures import TakeInOutcome
from setori.importing.fields import Kind, OfferingRow, OutcomeRow, ProviderRow, Row, Standing
from setori.importing.mapping import Mapping
from setori.importing.problems import Problem
from setori.importing.reasons import say, together
from setori.people import OrganisationKind
from setori.registry import ApprovalStatus, ApproveDirectly, ImportProvider
from setori.texts import LANGUAGES

COUNTED = ("added", "changed", "unchanged", "approved", "suspended", "ended")
"""What can become of a row, and of a provider's approvals."""

TOLD_EVERY = 25


class GroundMissing(Conflict):
    """Something that the mapping builds on is not in the database."""


class NoLanguage(Invalid):
    """The catalogue is searched by language, so an offering has at least one."""

    sentence = "None of its languages can be searched for: there are fi, sv and en."


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import did: how often what happened, by the words of COUNTED, and the rows that a domain refused."""

    counts: Counter[str]
    problems: list[Problem]


class Taker(Protocol):
    """Takes in one kind of row and tells what became of it."""

    async def take(self, row: Row) -> list[str]:
        """Words of COUNTED. Raises SetoriError or ValidationError when the row is refused."""


async def known_providers(db: Database, mapping: Mapping) -> frozenset[str] | None:
    """The provider keys that offerings and outcomes of this register may name; None where rows are providers."""
    if mapping.kind is Kind.PROVIDERS:
        return None
    return frozenset(await registry.list_imported(db, mapping.register_code))


async def load(
    db: Database,
    rows: Sequence[Row],
    mapping: Mapping,
    *,
    at: datetime,
    tell: Callable[[int], Awaitable[None]] | None = None,
) -> Loaded:
    """Take rows in, and tell now and then how many are done.

    Raises GroundMissing when an area, a procurer or a rulebook of the mapping is not there.
    """
    taker: Taker = await PREPARE[mapping.kind](db, mapping, at)
    counts: Counter[str] = Counter()
    problems = []
    for number, row in enumerate(rows, 1):
        try:
            async with db.begin_nested():
                happened = await taker.take(row)
        except (SetoriError, ValidationError) as refused:
            problems.append(_problem_of(row, refused))
        else:
            counts.update(happened)
            if happened[0] == "unchanged" and len(happened) > 1:
                counts["restated"] += 1  # an approval that stood here before has changed
        if tell is not None and number % TOLD_EVERY == 0:
            await tell(number)
    if mapping.kind is Kind.OUTCOMES:
        await figures.count_register(db, mapping.register_code)
    return Loaded(counts, problems)


@dataclass(frozen=True, slots=True)
class _Providers:
    """Takes providers in, and brings their approvals to what the register says of them."""

    db: Database
    mapping: Mapping
    at: datetime
    known: dict[str, tuple[UUID, ImportProvider | None]]
    rulebooks: dict[UUID, UUID]
    standing: dict[tuple[UUID, UUID], ApprovalStatus]

    async def take(self, row: Row) -> list[str]:
        """Add a provider or change what has changed, then its approval for each service of the mapping."""
        assert isinstance(row, ProviderRow)
        order = ImportProvider(
            foreign_register=self.mapping.register_code,
            foreign_id=row.foreign_id,
            name=row.name,
            website=row.website,
            city=", ".join(filter(None, (row.city, row.region))),
            languages=[language for language in row.languages if language in LANGUAGES],
        )
        provider_id, told = self.known.get(row.foreign_id, (None, None))
        happened = "unchanged"
        if provider_id is None or told != order:
            happened = "added" if provider_id is None else "changed"
            provider_id = await registry.import_provider(self.db, order, at=self.at)
        approvals = [
            await self._approve(provider_id, service_id, rulebook_id, row)
            for service_id, rulebook_id in self.rulebooks.items()
        ]
        return [happened, *filter(None, approvals)]

    async def _approve(self, provider_id: UUID, service_id: UUID, rulebook_id: UUID, row: ProviderRow) -> str:
        terms, today = self.mapping.approval, local_day(self.at)
        if terms is None or row.status is Standing.PENDING:
            return ""
        status, until = ApprovalStatus(row.status.value), row.approved_until if terms.keep_end_days else None
        if status is ApprovalStatus.IN_FORCE and until is not None and until < today:
            status = ApprovalStatus.ENDED
        if self.standing.get((provider_id, service_id)) is status:
            return ""
        if status is ApprovalStatus.IN_FORCE and until is not None:
            order = ApproveDirectly(
                provider_id=provider_id,
                rulebook_id=rulebook_id,
                starts_on=today,
                ends_on=until + timedelta(days=1),
                reason=terms.reason,
            )
            await registry.approve_directly(self.db, order, at=self.at)
        else:
            why = terms.reason if status is ApprovalStatus.IN_FORCE else self._why_not(row, status)
            await registry.adopt(self.db, provider_id, rulebook_id, status, why, at=self.at)
        return "approved" if status is ApprovalStatus.IN_FORCE else status.value

    def _why_not(self, row: ProviderRow, status: ApprovalStatus) -> str:
        """Why a provider is not approved: the other register's reason, or at least its own word for it."""
        if status is ApprovalStatus.ENDED and row.approved_until is not None:
            return row.reason or f"{self.mapping.source}: {row.approved_until.isoformat()}"
        return row.reason or f"{self.mapping.source}: {row.stated}"


@dataclass(frozen=True, slots=True)
class _Offerings:
    """Takes offerings in, each under its provider and service."""

    db: Database
    mapping: Mapping
    at: datetime
    providers: dict[str, UUID]
    services: dict[str, UUID]
    areas: list[str]
    known: dict[tuple[UUID, str], ImportOffering]

    async def take(self, row: Row) -> list[str]:
        """Publish an offering or change what has changed. One that is not in force there is kept out of sight."""
        assert isinstance(row, OfferingRow)
        languages = [language for language in row.languages if language in LANGUAGES]
        if not languages:
            raise NoLanguage
        order = ImportOffering(
            provider_id=self.providers[row.provider],
            foreign_id=row.foreign_id,
            source=self.mapping.source,
            service_id=self.services[row.service],
            title={self.mapping.language: row.title},
            summary={self.mapping.language: row.summary},
            price_cents=row.price_cents,
            unit=catalogue.Unit(self.mapping.price.unit),
            minutes=row.minutes,
            languages=languages,
            ways=[catalogue.Way(way) for way in row.ways],
            area_codes=self.areas,
            is_published=row.status is Standing.IN_FORCE,
        )
        told = self.known.get((order.provider_id, order.foreign_id))
        if told == order:
            return ["unchanged"]
        await catalogue.import_offering(self.db, order, at=self.at)
        return ["added" if told is None else "changed"]


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """Takes in what came of the programmes of providers, as their register says."""

    db: Database
    mapping: Mapping
    at: datetime
    providers: dict[str, UUID]
    services: dict[str, UUID]

    async def take(self, row: Row) -> list[str]:
        """Write down what is known of a subject, or change what has changed."""
        assert isinstance(row, OutcomeRow)
        order = TakeInOutcome(
            register_code=self.mapping.register_code,
            provider_id=self.providers[row.provider],
            service_id=self.services[row.service],
            subject=row.subject,
            source=self.mapping.source,
            known=row.known,
        )
        return [await figures.take_in_outcome(self.db, order, at=self.at)]


async def _prepare_outcomes(db: Database, mapping: Mapping, at: datetime) -> Taker:
    known = await registry.list_imported(db, mapping.register_code)
    providers = {foreign_id: provider_id for foreign_id, (provider_id, _) in known.items()}
    services = {service.code: service.id for service in await catalogue.list_services(db)}
    for code in sorted(set(mapping.services.values()) - set(services)):
        raise GroundMissing(
            "The catalogue has no service {service}. Import the offerings of the register first.",
            service=code,
        )
    return _Outcomes(db, mapping, at, providers, services)


async def _prepare_providers(db: Database, mapping: Mapping, at: datetime) -> Taker:
    known = await registry.list_imported(db, mapping.register_code)
    terms = mapping.approval
    if terms is None:
        return _Providers(db, mapping, at, known, {}, {})
    area = (await _areas(db, [terms.area]))[0]
    procurers = await people.list_organisations(db, OrganisationKind.PROCURER)
    procurer = next((found for found in procurers if found.area_code == area), None)
    if procurer is None:
        raise GroundMissing(
            "The mapping takes providers over for the employment area {area}, and no procurer of that area is here. "
            "Name another area, or take [approval] out of the mapping.",
            area=terms.area,
        )
    rulebooks = await _rulebooks(db, procurer.id, procurer.name, terms.services)
    provider_ids = [provider_id for provider_id, _ in known.values()]
    standing = await registry.list_standing(db, procurer.id, provider_ids, on=local_day(at))
    return _Providers(db, mapping, at, known, rulebooks, standing)


async def _prepare_offerings(db: Database, mapping: Mapping, at: datetime) -> Taker:
    providers = {
        foreign_id: provider_id
        for foreign_id, (provider_id, _) in (await registry.list_imported(db, mapping.register_code)).items()
    }
    services = {service.code: service.id for service in await catalogue.list_services(db)}
    for code, name in mapping.service_names.items():
        if code not in services:
            services[code] = await catalogue.add_service(
                db, AddService(code=code, name=name.model_dump()), at=at
            )
    areas = await _areas(db, mapping.areas)
    known = await catalogue.list_imported(db, list(providers.values()))
    return _Offerings(db, mapping, at, providers, services, areas, known)


async def _areas(db: Database, wanted: Sequence[str]) -> list[str]:
    """The employment areas by their codes; zeros at the front of a code may be left out."""
    codes = {area.code.lstrip("0"): area.code for area in await places.list_areas(db)}
    missing = [code for code in wanted if code.lstrip("0") not in codes]
    if missing:
        raise GroundMissing(
            "There is no employment area {area}. Correct the mapping, or load the areas first.",
            area=missing[0],
        )
    return sorted(codes[code.lstrip("0")] for code in wanted)


async def _rulebooks(
    db: Database, procurer_id: UUID, procurer: str, wanted: Sequence[str]
) -> dict[UUID, UUID]:
    """The procurer's published rulebooks for the services of these codes: service → rulebook."""
    published = {
        rulebook.service_id: rulebook.id
        for rulebook in await registry.list_open_rulebooks(db)
        if rulebook.procurer_id == procurer_id
    }
    services = {service.code: service.id for service in await catalogue.list_services(db)}
    for code in wanted:
        if services.get(code) not in published:
            raise GroundMissing(
                "{procurer} has no published rulebook for the service {service}, and providers are approved under one. "
                "Publish it first, or take the service out of [approval].",
                procurer=procurer,
                service=code,
            )
    return {services[code]: published[services[code]] for code in wanted}


PREPARE: dict[Kind, Callable[[Database, Mapping, datetime], Awaitable[Taker]]] = {
    Kind.PROVIDERS: _prepare_providers,
    Kind.OFFERINGS: _prepare_offerings,
    Kind.OUTCOMES: _prepare_outcomes,
}


def _problem_of(row: Row, refused: SetoriError | ValidationError) -> Problem:
    """A refusal of a domain as a problem of its row."""
    if isinstance(refused, ValidationError):
        first = refused.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        return Problem(
            row.line, field, str(first["input"]), say("{what}.", what=first["msg"]), "not_accepted"
        )
    told = getattr(refused, "errors", {})
    reason = together(say(refused.sentence, **refused.params), *told.values())
    return Problem(row.line, "", row.foreign_id, reason, refused.code.replace("-", "_"))
