"""What public pages show beside a figure: the numbers behind it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from setori.db import Database


@dataclass(frozen=True, slots=True)
class RatingCount:
    """How many gave so many stars, and how large a share of all answers that is, in whole percents."""

    rating: int
    count: int
    percent: int


async def spread_of(db: Database, offering_id: UUID, coach_id: UUID | None = None) -> list[RatingCount]:
    """How the ratings of an offering, or of one coach in it, spread from five stars to one, in one query."""
    connection = await db.connection()
    rows = (await connection.execute(text(SPREAD), {"offering": offering_id, "coach": coach_id})).all()
    given = {row.rating: row.number for row in rows}
    everybody = sum(given.values()) or 1
    return [
        RatingCount(rating, given.get(rating, 0), round(100 * given.get(rating, 0) / everybody))
        for rating in (5, 4, 3, 2, 1)
    ]


SPREAD = """
select rating, count(*) as number from review
where offering_id = :offering and replaced_at is null and (cast(:coach as uuid) is null or coach_id = :coach) group by 1
"""
