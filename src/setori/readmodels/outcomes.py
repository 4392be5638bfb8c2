"""Outcomes as each side reads them: whom one can claim for, what is claimed, and what was paid or taken back.

A provider's owner sees the claims of the firm's work, a jobseeker what is claimed of their own vouchers, a procurer's
case workers and approvers those of their area. A claim that is not theirs to see is NotFound.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.days import local_day
from setori.db import Database, Page, page_of
from setori.errors import Forbidden, NotFound
from setori.outcomes import OPEN, TRUST, ClaimStatus, Proof, Trust
from setori.people import Actor, Role
from setori.texts import Texts

PAGE = 25


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """What is claimed to have come of a voucher, and where the claim is. `paid_cents` stand, `undone_cents` do not."""

    id: UUID
    voucher_id: UUID
    client_name: str
    provider_name: str
    procurer_name: str
    programme_name: Texts
    kind: str
    months: int
    since: date
    deadline_on: date
    status: str
    by_client: bool
    claimed_by: str
    claimed_at: datetime
    proof: str
    proof_text: str
    client_says: str
    client_words: str
    client_said_at: datetime | None
    question: str
    answer: str
    asked_at: datetime | None
    answered_at: datetime | None
    verified_by_proof: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    paid_cents: int
    undone_cents: int
    owed_cents: int
    """What the provider still owes of what was taken back after it had been settled."""

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return ClaimStatus(self.status) in OPEN

    @property
    def trust(self) -> Trust:
        """How far its proof carries: the one it was verified by, else the one it was claimed by."""
        return TRUST[Proof(self.verified_by_proof or self.proof)]

    def age(self, today: date) -> int:
        """For how many days it has waited."""
        return (today - local_day(self.claimed_at)).days


@dataclass(frozen=True, slots=True)
class Fee:
    """What a voucher's terms pay for one step of an outcome, until when it can be claimed, and whether it was paid."""

    kind: str
    months: int
    fee_cents: int
    until: date
    is_paid: bool


@dataclass(frozen=True, slots=True)
class Claimable:
    """A voucher whose outcome can be claimed, with its fees. `providers` held sessions on it, the latest first."""

    voucher_id: UUID
    person_id: UUID
    client_name: str
    programme_name: Texts
    procurer_name: str
    expires_on: date
    first_session_on: date
    providers: list[tuple[str, str]]
    fees: tuple[Fee, ...]

    def open_fees(self, today: date) -> list[Fee]:
        """The steps that can still be claimed."""
        return [fee for fee in self.fees if not fee.is_paid and fee.until >= today]


@dataclass(frozen=True, slots=True)
class Step:
    """A fee that was paid for a claim, and how it was undone if it was."""

    months: int
    amount_cents: int
    paid_on: date
    undone: str | None
    statement_number: int | None


@dataclass(frozen=True, slots=True)
class ClawbackRow:
    """Taking a fee back: proposed by whom and why, and what the second person said."""

    id: UUID
    reason: str
    status: str
    proposed_by_id: UUID
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    answer: str


async def list_claims(
    db: Database, *, by: Actor, open_only: bool = False, after: UUID | None = None, limit: int = PAGE
) -> Page[ClaimRow]:
    """Claims, the newest first; of those that wait, the oldest first."""
    given = {
        "open": open_only,
        "clawback": False,
        "after": after,
        "id": None,
        "voucher": None,
        "limit": limit + 1,
    }
    query = CLAIMS + (OLDEST if open_only else NEWEST)
    listed = [ClaimRow(*row) for row in await _rows(db, query, **_whose(by), **given)]
    return page_of(listed, [row.id for row in listed], limit)


async def list_to_take_back(db: Database, *, by: Actor) -> list[ClaimRow]:
    """Claims whose fee somebody proposes to take back."""
    given = {"open": False, "clawback": True, "after": None, "id": None, "voucher": None, "limit": 100}
    return [ClaimRow(*row) for row in await _rows(db, CLAIMS + NEWEST, **_whose(by), **given)]


async def list_of_voucher(db: Database, voucher_id: UUID, *, by: Actor) -> list[ClaimRow]:
    """Everything that is claimed of one voucher, as far as these eyes may see it."""
    given = {"open": False, "clawback": False, "after": None, "id": None, "voucher": voucher_id, "limit": 50}
    return [ClaimRow(*row) for row in await _rows(db, CLAIMS + NEWEST, **_whose(by), **given)]


async def list_of_person(db: Database, voucher_id: UUID, *, by: Actor) -> list[ClaimRow]:
    """Everything that is claimed of whoever holds a voucher, on any of theirs, as far as these eyes may see it."""
    given = {"open": False, "clawback": False, "after": None, "id": None, "voucher": voucher_id, "limit": 50}
    wanted = CLAIMS.replace("c.voucher_id = :voucher", OF_SAME_PERSON)
    return [ClaimRow(*row) for row in await _rows(db, wanted + NEWEST, **_whose(by), **given)]


async def find_claim(db: Database, claim_id: UUID, *, by: Actor) -> ClaimRow:
    """One claim. Raises NotFound."""
    given = {"open": False, "clawback": False, "after": None, "id": claim_id, "voucher": None, "limit": 1}
    found = await _rows(db, CLAIMS + NEWEST, **_whose(by), **given)
    if not found:
        raise NotFound
    return ClaimRow(*found[0])


async def list_steps(db: Database, claim_id: UUID) -> list[Step]:
    """What was paid for a claim that was found."""
    return [Step(*row) for row in await _rows(db, STEPS, claim=claim_id)]


async def list_clawbacks(db: Database, claim_id: UUID) -> list[ClawbackRow]:
    """What was said of taking back the fee of a claim that was found, the newest first."""
    return [ClawbackRow(*row) for row in await _rows(db, CLAWBACKS, claim=claim_id)]


async def find_clawback_claim(db: Database, clawback_id: UUID, *, by: Actor) -> UUID:
    """The claim that a clawback is about. Raises NotFound for another procurer's."""
    given = {"id": clawback_id, "procurer": by.organisation_id}
    found = await _rows(
        db, "select claim_id from clawback where id = :id and procurer_id = :procurer", **given
    )
    if not found:
        raise NotFound
    claim_id: UUID = found[0][0]
    return claim_id


async def list_claimable(
    db: Database, *, by: Actor, on: date, after: UUID | None = None, limit: int = PAGE
) -> Page[Claimable]:
    """Vouchers with a confirmed session and fees that can still be claimed, with nothing claimed that waits."""
    given = {"today": on, "after": after, "id": None, "limit": limit + 1}
    listed = [_claimable(row) for row in await _rows(db, CLAIMABLE, **_whose(by), **given)]
    return page_of(listed, [row.voucher_id for row in listed], limit)


async def find_claimable(db: Database, voucher_id: UUID, *, by: Actor) -> Claimable:
    """A voucher with its fees, as its holder or a provider that held a session on it sees it. Raises NotFound."""
    given = {"today": None, "after": None, "id": voucher_id, "limit": 1}
    found = await _rows(db, CLAIMABLE, **_whose(by), **given)
    if not found:
        raise NotFound
    return _claimable(found[0])


async def vouchers_with_fees(db: Database, *, by: Actor) -> set[UUID]:
    """Which of a person's vouchers pay for an outcome."""
    return {row[0] for row in await _rows(db, WITH_FEES, person=by.person_id)}


async def count_waiting(db: Database, procurer_id: UUID) -> tuple[int, int]:
    """(claims that wait for a decision, fees that somebody proposes to take back) at a procurer's desk."""
    found = await _rows(db, WAITING, procurer=procurer_id)
    return found[0][0], found[0][1]


def _claimable(row: Any) -> Claimable:
    return Claimable(
        voucher_id=row[0],
        person_id=row[8],
        client_name=row[1],
        programme_name=row[2],
        procurer_name=row[3],
        expires_on=row[4],
        first_session_on=row[5],
        providers=[(one[0], one[1]) for one in row[6]],
        fees=tuple(
            Fee(kind, months, cents, row[4] + timedelta(days=days), paid)
            for kind, months, cents, days, paid in row[7]
        ),
    )


def _whose(by: Actor) -> dict[str, Any]:
    """Which rows somebody may see."""
    whose: dict[str, Any] = {"person": None, "provider": None, "procurer": None}
    if by.role is Role.JOBSEEKER:
        whose["person"] = by.person_id
    elif by.role is Role.PROVIDER_OWNER:
        whose["provider"] = by.organisation_id
    elif by.role in (Role.CASE_WORKER, Role.APPROVER):
        whose["procurer"] = by.organisation_id
    else:
        raise Forbidden
    return whose


async def _rows(db: Database, query: str, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(query), given)).all())


OF_SAME_PERSON = "v.person_id = (select person_id from voucher where id = :voucher)"

CLAIMS = """
select c.id, c.voucher_id, h.name, f.name, o.name, p.name, c.kind, c.months, c.since, c.deadline_on, c.status,
       c.by_client, w.name, c.claimed_at, c.proof, c.proof_text, c.client_says, c.client_words, c.client_said_at,
       c.question, c.answer, c.asked_at, c.answered_at, c.verified_by_proof, d.name, c.decided_at, c.reason,
       s.paid, s.undone, s.owed
from outcome_claim c
join voucher v on v.id = c.voucher_id
join person h on h.id = v.person_id
join organisation f on f.id = c.provider_id
join organisation o on o.id = c.procurer_id
join programme p on p.id = v.programme_id
join person w on w.id = c.claimed_by
left join person d on d.id = c.decided_by
cross join lateral (
  select coalesce(sum(t.amount_cents) filter (where t.undone is null), 0)::bigint as paid,
         coalesce(sum(t.amount_cents) filter (where t.undone is not null), 0)::bigint as undone,
         coalesce(sum(t.amount_cents - coalesce(
           (select sum(k.amount_cents) from statement_offset k where k.outcome_step_id = t.id), 0))
           filter (where t.undone = 'clawed_back'), 0)::bigint as owed
  from outcome_step t where t.claim_id = c.id) s
where (cast(:person as uuid) is null or v.person_id = :person)
  and (cast(:provider as uuid) is null or c.provider_id = :provider)
  and (cast(:procurer as uuid) is null or c.procurer_id = :procurer)
  and (cast(:id as uuid) is null or c.id = :id)
  and (cast(:voucher as uuid) is null or c.voucher_id = :voucher)
  and (not cast(:open as boolean) or c.status in ('proposed', 'asked'))
  and (not cast(:clawback as boolean)
       or exists (select from clawback b where b.claim_id = c.id and b.status = 'proposed'))
"""

NEWEST = """
  and (cast(:after as uuid) is null
       or (c.claimed_at, c.id) < (select claimed_at, id from outcome_claim where id = :after))
order by c.claimed_at desc, c.id desc limit :limit
"""

OLDEST = """
  and (cast(:after as uuid) is null
       or (c.claimed_at, c.id) > (select claimed_at, id from outcome_claim where id = :after))
order by c.claimed_at, c.id limit :limit
"""

STEPS = """
select t.months, t.amount_cents, t.paid_on, t.undone, s.number
from outcome_step t
left join statement_line l on l.outcome_step_id = t.id
left join statement s on s.id = l.statement_id
where t.claim_id = :claim order by t.months
"""

CLAWBACKS = """
select b.id, b.reason, b.status, b.proposed_by, p.name, b.proposed_at, d.name, b.decided_at, b.answer
from clawback b
join person p on p.id = b.proposed_by
left join person d on d.id = b.decided_by
where b.claim_id = :claim order by b.proposed_at desc, b.id desc
"""

# With a day given: only what can still be claimed then.
CLAIMABLE = """
select v.id, h.name, p.name, o.name, v.expires_on, r.first_on, r.providers, f.fees, v.person_id
from voucher v
join person h on h.id = v.person_id
join programme p on p.id = v.programme_id
join organisation o on o.id = v.procurer_id
join lateral (
  select min(m.first_on) as first_on,
         jsonb_agg(jsonb_build_array(m.provider_id, g.name) order by m.last_on desc) as providers
  from (select provider_id, min(service_on) as first_on, max(service_on) as last_on from redemption
        where voucher_id = v.id and status = 'confirmed'
          and (cast(:provider as uuid) is null or provider_id = :provider) group by provider_id) m
  join organisation g on g.id = m.provider_id) r on r.first_on is not null
join lateral (
  select jsonb_agg(jsonb_build_array(e.kind, e.months, e.fee_cents, e.claim_days, t.id is not null)
                   order by array_position(array['job', 'business', 'studies']::varchar[], e.kind), e.months) as fees
  from outcome_fee e
  left join outcome_step t on t.voucher_id = v.id and t.months = e.months and t.undone is null
  where e.terms_id = v.terms_id) f on f.fees is not null
where (cast(:person as uuid) is null or v.person_id = :person)
  and (cast(:procurer as uuid) is null or v.procurer_id = :procurer)
  and (cast(:id as uuid) is null or v.id = :id)
  and (cast(:today as date) is null or (
    exists (select from outcome_fee e where e.terms_id = v.terms_id and v.expires_on + e.claim_days >= :today
            and not exists (select from outcome_step t where t.voucher_id = v.id and t.undone is null
                              and (t.months >= e.months or t.kind <> e.kind)))
    and not exists (select from outcome_step t where t.voucher_id = v.id and t.undone is null
                      and t.provider_id <> :provider)
    and not exists (select from outcome_claim c where c.voucher_id = v.id and c.provider_id = :provider
                      and c.status in ('proposed', 'asked'))))
  and (cast(:after as uuid) is null or v.id < :after)
order by v.id desc limit :limit
"""

WITH_FEES = """
select v.id from voucher v
where v.person_id = :person and v.status <> 'issued'
  and exists (select from outcome_fee f where f.terms_id = v.terms_id)
"""

WAITING = """
select (select count(*) from outcome_claim where procurer_id = :procurer and status in ('proposed', 'asked'))::int,
       (select count(*) from clawback where procurer_id = :procurer and status = 'proposed')::int
"""
