"""Batches of vouchers as the case workers of a procurer look at them: lists, verdicts, progress, whom to print for."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from setori.db import Database
from setori.errors import NotFound
from setori.readmodels.procurer_desk import VoucherRow, find_voucher, rows
from setori.texts import Texts

PAGE = 50
LETTERS_A_FILE = 500
"""So many letters are in one file, so that making it stays short."""


@dataclass(frozen=True, slots=True)
class BatchRowSeen:
    """A row with its verdict; `problems` are of kinds that become words where they are shown."""

    number: int
    status: str
    name: str
    contact: str
    municipality: Texts | None
    units: int
    value_cents: int
    problems: list[dict[str, Any]]
    cells: list[str]
    voucher_id: UUID | None


@dataclass(frozen=True, slots=True)
class BatchListed:
    """A batch in a list."""

    id: UUID
    file_name: str
    programme_name: Texts
    status: str
    made_at: datetime
    made_by: str
    row_count: int
    issued: int
    refused: int


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A batch with what was found and what became of it. `counts` and `cents` are by the state of its rows."""

    id: UUID
    file_name: str
    status: str
    programme_id: UUID
    programme_name: Texts
    service_name: Texts
    gives: str
    has_newest_terms: bool
    reserve_cents: int
    header: list[str]
    unused_columns: list[str]
    failure: str
    failure_at: str
    gives_seconds: bool
    reason: str
    made_by: str
    made_at: datetime
    started_by: str | None
    started_at: datetime | None
    finished_at: datetime | None
    free: int
    counts: dict[str, int]
    cents: dict[str, int]
    unclaimed: int

    @property
    def is_under_way(self) -> bool:
        """Whether the worker has it."""
        return self.status in ("checking", "issuing", "cancelling")

    @property
    def row_count(self) -> int:
        """All rows below the header."""
        return sum(self.counts.values())

    @property
    def issued(self) -> int:
        """For how many rows vouchers were issued."""
        return self.counts.get("issued", 0)

    @property
    def good(self) -> int:
        """Rows that can be issued without asking anything more."""
        return self.counts.get("good", 0)

    @property
    def warned(self) -> int:
        """Rows of people who would get a second voucher."""
        return self.counts.get("warned", 0)

    @property
    def waiting(self) -> int:
        """Rows that are to be issued still."""
        return self.good + (self.warned if self.gives_seconds else 0)

    @property
    def total(self) -> int:
        """What is issued and what is to be."""
        return self.issued + self.waiting

    @property
    def good_cents(self) -> int:
        """What the good rows take from the budget, with what is reserved for outcome fees."""
        return self.cents.get("good", 0) + self.good * self.reserve_cents

    @property
    def warned_cents(self) -> int:
        """What those that are warned of would take besides."""
        return self.cents.get("warned", 0) + self.warned * self.reserve_cents

    @property
    def files(self) -> range:
        """The numbers of the files of letters."""
        return range(1, -(-self.issued // LETTERS_A_FILE) + 1)


@dataclass(frozen=True, slots=True)
class LetterTo:
    """What a letter needs: for whom, what for, how much, until when. There is one while nobody has claimed it."""

    voucher_id: UUID
    person_name: str
    language: str
    service_name: Texts
    units: int
    value_cents: int
    expires_on: date
    sender: str
    has_email: bool


async def list_batches(
    db: Database, procurer_id: UUID, *, before: UUID | None = None
) -> tuple[list[BatchListed], UUID | None]:
    """Batches, the newest first, and where the next page begins (None: this was the last)."""
    found = await rows(db, BATCHES, procurer=procurer_id, before=before, limit=26)
    listed = [BatchListed(*row) for row in found[:25]]
    return listed, listed[-1].id if len(found) > 25 else None


async def find_batch(db: Database, procurer_id: UUID, batch_id: UUID) -> BatchPage:
    """One batch with its counts, in two queries. Raises NotFound for another procurer's."""
    found = await rows(db, BATCH, procurer=procurer_id, id=batch_id)
    if not found:
        raise NotFound
    counted = await rows(db, COUNTS, id=batch_id)
    counts, cents = {row[0]: row[1] for row in counted}, {row[0]: row[2] for row in counted}
    unclaimed = sum(row[3] for row in counted)
    return BatchPage(*(*found[0], counts, cents, unclaimed))


async def list_rows(
    db: Database, batch_id: UUID, *, only: str = "", after: int = 0, limit: int = PAGE
) -> tuple[list[BatchRowSeen], int | None]:
    """Rows in the order of the file after one number (`problems`: only those with something to say), and the next."""
    found = await rows(
        db, ROWS, id=batch_id, after=after, bad=only == "problems", not_issued=False, limit=limit + 1
    )
    listed = [BatchRowSeen(*row) for row in found[:limit]]
    return listed, listed[-1].number if len(found) > limit else None


async def list_refused(db: Database, batch_id: UUID) -> list[BatchRowSeen]:
    """Every row with something to say for which no voucher was issued, to be corrected and handed in again."""
    found = await rows(db, ROWS, id=batch_id, after=0, bad=True, not_issued=True, limit=100_000)
    return [BatchRowSeen(*row) for row in found]


async def list_letters(db: Database, batch_id: UUID, number: int) -> list[LetterTo]:
    """The letters of one file, in the order of the batch: of what was issued, those that nobody has claimed yet."""
    given = {"id": batch_id, "start": (number - 1) * LETTERS_A_FILE, "most": LETTERS_A_FILE}
    return [LetterTo(*row) for row in await rows(db, LETTERS, **given)]


async def find_live_voucher(
    db: Database, procurer_id: UUID, programme_id: UUID, *, email: str | None, phone: str | None, name: str
) -> VoucherRow | None:
    """The newest voucher of a programme that somebody with this address (or number and name) has and can still use."""
    given = {"procurer": procurer_id, "programme": programme_id, "email": email, "phone": phone, "name": name}
    found = await rows(db, LIVE_VOUCHER, **given)
    return (await find_voucher(db, procurer_id, found[0][0])).row if found else None


BATCHES = """
select b.id, b.file_name, p.name, b.status, b.made_at, w.name, coalesce(r.n, 0), coalesce(r.issued, 0),
       coalesce(r.refused, 0)
from (select * from batch where procurer_id = :procurer and (cast(:before as uuid) is null or id < :before)
      order by id desc limit :limit) b
join programme p on p.id = b.programme_id
join person w on w.id = b.made_by
left join lateral (
  select count(*) as n, count(*) filter (where status = 'issued') as issued,
         count(*) filter (where status = 'refused') as refused
  from batch_row where batch_id = b.id) r on true
order by b.id desc
"""

BATCH = """
select b.id, b.file_name, b.status, p.id, p.name, s.name, t.gives,
       t.number = (select max(number) from terms where programme_id = p.id), outcome_reserve(t.id),
       b.header, b.unused_columns, b.failure, b.failure_at, b.gives_seconds, b.reason, w.name, b.made_at,
       i.name, b.started_at, b.finished_at, coalesce(a.credits - a.debits, 0)
from batch b
join programme p on p.id = b.programme_id
join service s on s.id = p.service_id
join terms t on t.id = b.terms_id
join person w on w.id = b.made_by
left join person i on i.id = b.started_by
left join account a on a.procurer_id = b.procurer_id and a.kind = 'budget' and a.owner_id = p.id
where b.procurer_id = :procurer and b.id = :id
"""

COUNTS = """
select r.status, count(*)::int, coalesce(sum(r.value_cents), 0)::bigint,
       count(v.id) filter (where v.status = 'issued')::int
from batch_row r left join voucher v on v.id = r.voucher_id and r.status = 'issued'
where r.batch_id = :id group by r.status
"""

ROWS = """
select r.number, r.status, r.name, coalesce(r.email, r.phone, ''), m.name, r.units, r.value_cents, r.problems, r.cells,
       case when r.status = 'issued' then r.voucher_id end
from batch_row r left join municipality m on m.code = r.municipality_code
where r.batch_id = :id and r.number > :after and (not cast(:bad as boolean) or r.problems <> '[]')
  and (not cast(:not_issued as boolean) or r.status <> 'issued')
order by r.number limit :limit
"""

LETTERS = """
select v.id, h.name, h.language, s.name, v.units, v.value_cents, v.expires_on, o.name, h.email is not null
from (select voucher_id, number from batch_row where batch_id = :id and status = 'issued'
      order by number offset :start limit :most) r
join voucher v on v.id = r.voucher_id and v.status = 'issued'
join person h on h.id = v.person_id
join service s on s.id = v.service_id
join organisation o on o.id = v.procurer_id
order by r.number
"""

LIVE_VOUCHER = """
select v.id from voucher v join person h on h.id = v.person_id
where v.procurer_id = :procurer and v.programme_id = :programme
  and (h.email = cast(:email as text) or (cast(:email as text) is null and h.email is null
       and h.phone = cast(:phone as text) and lower(h.name) = lower(cast(:name as text))))
  and v.status in ('issued', 'claimed', 'chosen')
order by v.id desc limit 1
"""
