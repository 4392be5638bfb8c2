"""Figures as pages show them: what was published of outcomes, what registers say, and what a firm and a procurer see.

The public reads only what was published: the same numbers as in the file of the month.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database, Page, page_of
from setori.errors import Forbidden
from setori.people import Actor, Role
from setori.quality import suppress
from setori.quality.constants import ENOUGH_FINISHED
from setori.texts import Texts

PAGE = 50
Whose = tuple[UUID, UUID]
"""A provider and a service."""


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome as it was published: how many finished and reached it, and what is made of that."""

    months: int
    counted_on: date
    finished: int
    observed: int
    expected: float
    k: float
    overall: float
    rate: float
    low: float
    high: float

    @property
    def raw(self) -> float:
        """The plain share."""
        return self.observed / self.finished

    @property
    def stands(self) -> str:
        """Whether the whole interval lies above or below what is usual."""
        return "above" if self.low > self.overall else "below" if self.high < self.overall else "usual"


@dataclass(frozen=True, slots=True)
class FromRegister:
    """What a foreign register says came of a provider's programmes, so many months later."""

    months: int
    source: str
    subjects: int
    completed: int
    reached: int
    overall: float
    k: float
    rate: float
    low: float
    high: float

    @property
    def is_early(self) -> bool:
        """Whether it is too early to say."""
        return self.completed < ENOUGH_FINISHED


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What the public may know of a provider's outcomes in a service. `told` is None while it is too early to say."""

    told: Told | None = None
    later: tuple[Told, ...] = ()
    register: tuple[FromRegister, ...] = ()
    at_least: int = ENOUGH_FINISHED
    """From how many finished clients on a figure is shown."""


@dataclass(slots=True)
class _Found:
    told: list[Told] = field(default_factory=list)
    register: list[FromRegister] = field(default_factory=list)


async def outcomes_of(db: Database, provider_ids: Collection[UUID]) -> dict[Whose, OutcomeView]:
    """What may be known of some providers, by provider and service, in two queries."""
    wanted = {"providers": list(provider_ids)}
    found: dict[Whose, _Found] = {}
    for provider_id, service_id, told in await _rows(db, TOLD, **wanted):
        found.setdefault((provider_id, service_id), _Found()).told = _told(told)
    for provider_id, service_id, *rest in await _rows(db, REGISTER, **wanted):
        found.setdefault((provider_id, service_id), _Found()).register.append(FromRegister(*rest))
    return {
        whose: OutcomeView(
            next((one for one in these.told if one.months == 3), None),
            tuple(one for one in these.told if one.months > 3),
            tuple(these.register),
        )
        for whose, these in found.items()
    }


def _told(kept: dict[str, Any]) -> list[Told]:
    return [
        Told(
            months=int(months),
            counted_on=date.fromisoformat(one["counted_on"]),
            **{name: one[name] for name in Told.__dataclass_fields__ if name in one and name != "counted_on"},
        )
        for months, one in sorted(kept.items(), key=lambda pair: int(pair[0]))
    ]


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A line of a month's file."""

    provider_id: UUID
    provider_name: str
    business_id: str | None
    service_code: str
    experience: dict[str, Any] | None
    told: dict[int, Told]

    @property
    def response(self) -> float | None:
        """Which share of those who were asked answered."""
        asked = self.experience["asked"] if self.experience else None
        return asked[0] / sum(asked) if asked else None


async def list_published(db: Database, month: date) -> list[PublishedRow] | None:
    """The lines of a month's file, or None when nothing was published for it."""
    if not await _rows(db, "select 1 from figure_month where month = :month", month=month):
        return None
    return [
        PublishedRow(provider_id, name, number, code, said, {one.months: one for one in _told(told or {})})
        for provider_id, name, number, code, said, told in await _rows(db, MONTH, month=month)
    ]


@dataclass(frozen=True, slots=True)
class StratumRow:
    """A provider's clients who stood alike at issue; None is a number that was left out for being small."""

    need: str | None
    unemployed: int | None
    age: int | None
    finished: int | None
    reached: int | None
    usual: float


@dataclass(frozen=True, slots=True)
class Counted:
    """An outcome as it was counted last night. What is small is None, and so is what would give it away."""

    provider_id: UUID
    provider_name: str
    service_name: Texts
    months: int
    finished: int | None
    observed: int | None
    expected: float | None
    overall: float
    k: float
    rate: float
    low: float
    high: float
    is_early: bool
    counted_on: date
    strata: tuple[StratumRow, ...]

    @property
    def is_told(self) -> bool:
        """Whether the figure is shown: it rests on enough clients, and tells of no small number of them."""
        return not self.is_early and self.observed is not None


async def list_own(db: Database, *, by: Actor) -> list[Counted]:
    """A firm's own outcomes with the strata of its clients; small numbers are left out here too."""
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    return [_counted(row) for row in await _rows(db, OWN, provider=by.organisation_id)]


async def list_of_procurer(
    db: Database, *, by: Actor, after: UUID | None = None, limit: int = PAGE
) -> Page[list[Counted]]:
    """The outcomes of the providers that a procurer has approved, provider by provider."""
    if by.role not in (Role.REGISTRAR, Role.CASE_WORKER):
        raise Forbidden
    given = {"procurer": by.organisation_id, "after": after, "limit": limit + 1}
    grouped: dict[UUID, list[Counted]] = {}
    for row in await _rows(db, PROCURERS, **given):
        grouped.setdefault(row.provider_id, []).append(_counted(row))
    return page_of(list(grouped.values()), list(grouped), limit)


def _counted(row: Any) -> Counted:
    named = dict(row._mapping)
    finished, observed, cells = named.pop("finished"), named.pop("observed"), named.pop("strata")
    shown = suppress.suppress([[observed, finished - observed]])
    named["expected"] = None if None in shown.cells[0] else named["expected"]
    return Counted(
        **named,
        finished=shown.total,
        observed=shown.cells[0][0],
        is_early=finished < ENOUGH_FINISHED,
        strata=_strata(cells),
    )


def _strata(cells: list[list[Any]]) -> tuple[StratumRow, ...]:
    shown = suppress.suppress([[reached, finished - reached] for *_, finished, reached, _ in cells])
    return tuple(
        StratumRow(need, unemployed, age, shown.row_totals[n], shown.cells[n][0], usual)
        for n, (need, unemployed, age, _, _, usual) in enumerate(cells)
    )


async def _rows(db: Database, query: str, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(query), given)).all())


TOLD = """
select distinct on (provider_id, service_id) provider_id, service_id, outcome
from published_figure where provider_id = any(:providers) and outcome is not null
order by provider_id, service_id, month desc
"""

REGISTER = """
select provider_id, service_id, months, source, subjects, completed, reached, overall, k, rate, low, high
from register_figure where provider_id = any(:providers) order by provider_id, service_id, months
"""

MONTH = """
select f.provider_id, o.name, o.business_id, s.code, f.experience, f.outcome
from published_figure f
join organisation o on o.id = f.provider_id
join service s on s.id = f.service_id
where f.month = :month order by lower(o.name), o.id, s.code
"""

_COUNTED = """
f.provider_id, o.name as provider_name, s.name as service_name, f.months, f.finished, f.observed,
f.expected, f.overall, f.k, f.rate, f.low, f.high, f.counted_on, f.strata
from outcome_figure f
join organisation o on o.id = f.provider_id
join service s on s.id = f.service_id
"""

OWN = f"select {_COUNTED} where f.provider_id = :provider order by s.code, f.months"

PROCURERS = f"""
select {_COUNTED}
where f.provider_id in (
  select a.provider_id from approval a
  where a.procurer_id = :procurer and (cast(:after as uuid) is null or a.provider_id > :after)
    and exists (select from outcome_figure g where g.provider_id = a.provider_id)
  group by a.provider_id order by a.provider_id limit :limit)
order by f.provider_id, s.code, f.months
"""

__all__ = [
    "Counted",
    "FromRegister",
    "OutcomeView",
    "PublishedRow",
    "StratumRow",
    "Told",
    "list_of_procurer",
    "list_own",
    "list_published",
    "outcomes_of",
]
