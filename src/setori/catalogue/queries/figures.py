"""Experience figures as pages know them, and what is expected of somebody of whom nobody has spoken yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.catalogue.models import Experience, ExperiencePrior
from setori.quality import experience as rules

NOBODY = (0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Figure(rules.Experience):
    """What clients said of a provider in a service, or of a pair, and how many of those who were asked answered."""

    invited: int = 0
    answered: int = 0

    @property
    def response(self) -> rules.Response:
        """How many of those who were asked have answered."""
        return rules.Response(self.answered, self.invited)

    @property
    def few_answered(self) -> bool:
        """Whether so few of those who were asked have answered that it is said beside the figure."""
        return self.response.is_low

    @property
    def spread(self) -> list[tuple[int, int, int]]:
        """From five points to one: (points, people, whole percents of all people)."""
        everybody = sum(self.distribution) or 1
        return [
            (points, self.distribution[points - 1], round(100 * self.distribution[points - 1] / everybody))
            for points in (5, 4, 3, 2, 1)
        ]


def expected(prior: rules.Prior) -> Figure:
    """The figure of somebody of whom nobody has spoken yet."""
    return Figure(0, 0.0, None, prior.mean, sqrt(prior.variance / prior.k), prior, NOBODY)


FIGURE_SQL = """p.respondents, p.weight, p.mean, p.shrunk, p.sd, p.prior_mean, p.prior_k, p.prior_variance,
           p.distribution, p.invited, p.answered, coalesce(f.shrunk, q.mean), coalesce(f.prior_k, q.k),
           coalesce(f.prior_variance, q.variance)"""
"""The columns that `figure_of` reads: of the pair (p), of its provider in the service (f), of the service (q)."""

JOIN_SQL = """left join experience f on f.provider_id = o.provider_id and f.service_id = o.service_id
                             and f.offering_id is null
      left join experience p on p.provider_id = o.provider_id and p.service_id = o.service_id
                             and p.offering_id = o.id and p.coach_id is not distinct from c.id
      left join experience_prior q on q.service_id = o.service_id"""
"""How a statement over offerings `o` and coaches `c` finds them."""


def figure_of(row: Sequence[Any]) -> Figure:
    """From the columns of FIGURE_SQL. Of whom nobody spoke, their firm's figure is expected, or else the service's."""
    if row[0] is not None:
        prior = rules.Prior(row[5], row[6], row[7])
        one, two, three, four, five = row[8]
        told = (row[0], row[1], row[2], row[3], row[4])
        return Figure(*told, prior, (one, two, three, four, five), row[9], row[10])
    return expected(rules.Prior() if row[11] is None else rules.Prior(row[11], row[12], row[13]))


class Figures:
    """All figures of one provider, and what is expected where there is none."""

    def __init__(self, rows: Iterable[Experience], priors: Iterable[ExperiencePrior]) -> None:
        self._kept = {(row.service_id, row.offering_id, row.coach_id): _read(row) for row in rows}
        self._priors = {row.service_id: rules.Prior(row.mean, row.k, row.variance) for row in priors}

    def of(self, service_id: UUID) -> Figure:
        """Of the provider in a service."""
        kept = self._kept.get((service_id, None, None))
        return kept or expected(self._priors.get(service_id, rules.Prior()))

    def of_pair(self, service_id: UUID, offering_id: UUID, coach_id: UUID | None) -> Figure:
        """Of an offering with a coach in it, or without when it names none."""
        kept = self._kept.get((service_id, offering_id, coach_id))
        if kept is not None:
            return kept
        firm = self.of(service_id)
        return expected(rules.Prior(firm.shrunk, firm.prior.k, firm.prior.variance))


async def figures_of(db: AsyncSession, provider_id: UUID) -> Figures:
    """All that is kept of a provider, in two short queries."""
    kept = (await db.exec(select(Experience).where(col(Experience.provider_id) == provider_id))).all()
    return Figures(kept, (await db.exec(select(ExperiencePrior))).all())


def _read(row: Experience) -> Figure:
    prior = rules.Prior(row.prior_mean, row.prior_k, row.prior_variance)
    told = (row.respondents, row.weight, row.mean, row.shrunk, row.sd)
    one, two, three, four, five = row.distribution
    return Figure(*told, prior, (one, two, three, four, five), row.invited, row.answered)
