"""Counting what was said: the figures of a provider at once, those of everybody every night."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.catalogue import Experience, ExperiencePrior
from setori.days import local_day
from setori.db import new_id
from setori.quality import experience as rules
from setori.reviews.models import Pulse, Review

Pair = tuple[UUID, UUID | None]


@dataclass(frozen=True, slots=True)
class _Said:
    provider_id: UUID
    pair: Pair
    answer: rules.Answer


@dataclass(frozen=True, slots=True)
class _Asked:
    provider_id: UUID
    pair: Pair
    invited: int
    answered: int


Told = TypeVar("Told", _Said, _Asked)


async def lock(db: AsyncSession, provider_id: UUID, service_id: UUID) -> None:
    """Wait for whoever counts the same figures, and keep others waiting until the transaction ends."""
    await db.exec(select(func.pg_advisory_xact_lock_shared(_key(service_id))))
    await db.exec(select(func.pg_advisory_xact_lock(_key(provider_id, service_id))))


async def recount(db: AsyncSession, provider_id: UUID, service_id: UUID, *, on: date) -> None:
    """Count the figures of one provider in a service anew, with what is expected in that service since last night."""
    await lock(db, provider_id, service_id)
    kept = await db.get(ExperiencePrior, service_id, populate_existing=True)
    prior = rules.Prior(kept.mean, kept.k, kept.variance) if kept else rules.Prior()
    said = await _said(db, service_id, provider_id)
    asked = await _asked(db, service_id, provider_id)
    await _keep(db, service_id, {provider_id: said}, {provider_id: asked}, prior, on=on)


async def count_all(db: AsyncSession, service_id: UUID, *, on: date) -> int:
    """Count all figures of a service, and what is expected of somebody new in it. Returns how many providers it has."""
    await db.exec(select(func.pg_advisory_xact_lock(_key(service_id))))
    said, asked = _by_provider(await _said(db, service_id)), _by_provider(await _asked(db, service_id))
    voices = {who: rules.voices((one.answer for one in told), on) for who, told in said.items()}
    prior = rules.prior_of(voices.values())
    values = {
        "service_id": service_id,
        "mean": prior.mean,
        "k": prior.k,
        "variance": prior.variance,
        "providers": sum(bool(told) for told in voices.values()),
        "respondents": sum(map(len, voices.values())),
        "counted_on": on,
    }
    added = insert(ExperiencePrior).values(values)
    await db.exec(added.on_conflict_do_update(index_elements=["service_id"], set_=values))
    await _keep(db, service_id, said, asked, prior, on=on)
    return len(voices)


async def _said(db: AsyncSession, service_id: UUID, provider_id: UUID | None = None) -> list[_Said]:
    columns: list[Any] = [Review.provider_id, Review.offering_id, Review.coach_id, Review.person_id]
    columns += [Review.stage, Review.score, Review.written_at]
    wanted = select(*columns).where(col(Review.service_id) == service_id, col(Review.replaced_at).is_(None))
    if provider_id is not None:
        wanted = wanted.where(col(Review.provider_id) == provider_id)
    return [
        _Said(who, (offering_id, coach_id), rules.Answer(person, stage, score, local_day(at)))
        for who, offering_id, coach_id, person, stage, score, at in (
            await db.exec(wanted.order_by(col(Review.written_at), col(Review.id)))
        ).all()
    ]


async def _asked(db: AsyncSession, service_id: UUID, provider_id: UUID | None = None) -> list[_Asked]:
    pair: list[Any] = [Pulse.provider_id, Pulse.offering_id, Pulse.coach_id]
    counts: list[Any] = [func.count(), func.count(col(Pulse.answered_at))]
    wanted = select(*pair, *counts)
    wanted = wanted.where(col(Pulse.service_id) == service_id).group_by(*pair)
    if provider_id is not None:
        wanted = wanted.where(col(Pulse.provider_id) == provider_id)
    return [
        _Asked(who, (offering_id, coach_id), invited, answered)
        for who, offering_id, coach_id, invited, answered in (await db.exec(wanted)).all()
    ]


async def _keep(
    db: AsyncSession,
    service_id: UUID,
    said: Mapping[UUID, Sequence[_Said]],
    asked: Mapping[UUID, Sequence[_Asked]],
    prior: rules.Prior,
    *,
    on: date,
) -> None:
    rows = []
    for provider_id in said.keys() | asked.keys():
        told, questions = said.get(provider_id, ()), asked.get(provider_id, ())
        firm = rules.experience(rules.voices((one.answer for one in told), on), prior)
        rows.append(_row(provider_id, service_id, (None, None), firm, questions, on))
        # Of a new coach one expects what the firm is like: so a bad firm is not new again with every offering.
        expected = rules.Prior(firm.shrunk, prior.k, prior.variance)
        answers: dict[Pair, list[rules.Answer]] = defaultdict(list)
        for one in told:
            answers[one.pair].append(one.answer)
        for pair in answers.keys() | {one.pair for one in questions}:
            figure = rules.experience(rules.voices(answers[pair], on), expected)
            own = [one for one in questions if one.pair == pair]
            rows.append(_row(provider_id, service_id, pair, figure, own, on))
    rows.sort(key=lambda row: (row["provider_id"], str(row["offering_id"]), str(row["coach_id"])))
    for first in range(0, len(rows), 1000):
        added = insert(Experience).values(rows[first : first + 1000])
        counted = {name: added.excluded[name] for name in rows[0].keys() - {"id"}}
        await db.exec(added.on_conflict_do_update(constraint="experience_of_one", set_=counted))


def _row(
    provider_id: UUID,
    service_id: UUID,
    pair: tuple[UUID | None, UUID | None],
    figure: rules.Experience,
    asked: Iterable[_Asked],
    on: date,
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "provider_id": provider_id,
        "service_id": service_id,
        "offering_id": pair[0],
        "coach_id": pair[1],
        "respondents": figure.respondents,
        "weight": figure.n,
        "mean": figure.mean,
        "shrunk": figure.shrunk,
        "sd": figure.sd,
        "prior_mean": figure.prior.mean,
        "prior_k": figure.prior.k,
        "prior_variance": figure.prior.variance,
        "distribution": list(figure.distribution),
        "invited": sum(one.invited for one in asked),
        "answered": sum(one.answered for one in asked),
        "counted_on": on,
    }


def _by_provider(told: Iterable[Told]) -> dict[UUID, list[Told]]:
    sorted_out: dict[UUID, list[Told]] = defaultdict(list)
    for one in told:
        sorted_out[one.provider_id].append(one)
    return sorted_out


def _key(*ids: Hashable) -> Any:
    return func.hashtextextended("experience " + " ".join(map(str, ids)), 0)
