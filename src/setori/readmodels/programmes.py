"""Programmes as the procurer sees them: their money, their terms in versions, and what was granted and cut."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from setori.db import Database
from setori.readmodels.procurer_desk import rows
from setori.texts import Texts


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme with its money in cents: granted = free + on_vouchers + outcome_reserved + used + envelopes.

    `used` holds `outcome_paid`; `returned` has come back to free.
    """

    id: UUID
    name: Texts
    service_name: Texts
    gives: str
    units: int | None
    value_cents: int | None
    price_cap_cents: int
    validity_days: int
    terms_number: int
    is_open: bool
    granted: int
    free: int
    on_vouchers: int
    used: int
    returned: int
    voucher_count: int
    outcome_reserved: int
    outcome_paid: int
    reserve_cents: int
    """What a new voucher reserves for its outcome, besides what it is worth."""
    envelopes: int
    """What it has put into personal budgets, less what they have put into its vouchers; so it may be under nothing."""
    service_id: UUID
    municipality_codes: list[str]
    """For whom it is, when not for everybody in the procurer's area."""

    @property
    def worth_cents(self) -> int:
        """What a new voucher is worth."""
        return self.value_cents or (self.units or 0) * self.price_cap_cents


@dataclass(frozen=True, slots=True)
class TermsRow:
    """One version of a programme's terms, who wrote it, and how many vouchers were issued on it."""

    number: int
    gives: str
    units: int | None
    value_cents: int | None
    price_cap_cents: int
    validity_days: int
    target_group: Texts
    municipality_codes: list[str]
    silent_days: int
    notice_hours: int
    late_cancel_uses: bool
    no_show_uses: bool
    switches: int | None
    written_by: str | None
    written_at: datetime
    voucher_count: int
    outcome_fees: list[tuple[str, int, int, int]]
    """(kind, months, cents, days after the voucher's last day) of each fee."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Money that was granted to a programme, or cut from it (fewer than no cents), and why."""

    at: datetime
    by: str | None
    amount_cents: int
    reason: str


async def list_programmes(db: Database, procurer_id: UUID) -> list[ProgrammeRow]:
    """All programmes of a procurer with their money, open ones first."""
    return [ProgrammeRow(*row) for row in await rows(db, PROGRAMMES, procurer=procurer_id)]


async def list_terms(db: Database, programme_id: UUID) -> list[TermsRow]:
    """All versions of a programme's terms, the newest first."""
    return [TermsRow(*row) for row in await rows(db, TERMS, programme=programme_id)]


async def list_grants(db: Database, procurer_id: UUID, programme_id: UUID) -> list[Grant]:
    """What a programme has been granted, and what was cut, the newest first."""
    given = {"procurer": procurer_id, "programme": programme_id}
    return [Grant(*row) for row in await rows(db, GRANTS, **given)]


PROGRAMMES = """
select p.id, p.name, s.name, t.gives, t.units, t.value_cents, t.price_cap_cents, t.validity_days, t.number, p.is_open,
       coalesce(b.credits, 0) - coalesce(m.returned, 0) - coalesce(m.outcome_returned, 0) - coalesce(m.cut, 0)
         - coalesce(m.from_envelopes, 0),
       coalesce(b.credits - b.debits, 0), coalesce(v.free, 0),
       coalesce(m.issued, 0) - coalesce(m.returned, 0) - coalesce(v.free, 0) + coalesce(m.reserved, 0)
         - coalesce(m.outcome_returned, 0) - coalesce(v.reserved, 0),
       coalesce(m.returned, 0) + coalesce(m.outcome_returned, 0), coalesce(v.n, 0), coalesce(v.reserved, 0),
       coalesce(m.reserved, 0) - coalesce(m.outcome_returned, 0) - coalesce(v.reserved, 0), outcome_reserve(t.id),
       coalesce(m.to_envelopes, 0) - coalesce(m.from_envelopes, 0), p.service_id, t.municipality_codes
from programme p
join service s on s.id = p.service_id
join lateral (select * from terms where programme_id = p.id order by number desc limit 1) t on true
left join account b on b.procurer_id = p.procurer_id and b.kind = 'budget' and b.owner_id = p.id
left join lateral (
  select sum(amount) filter (where kind = 'return') as returned, sum(amount) filter (where kind = 'issue') as issued,
         sum(amount) filter (where kind = 'deappropriate') as cut,
         sum(amount) filter (where kind = 'reserve_outcome') as reserved,
         sum(amount) filter (where kind = 'return_outcome') as outcome_returned,
         sum(amount) filter (where kind in ('allot', 'restore')) as to_envelopes,
         sum(amount) filter (where kind in ('hand_back', 'draw')) as from_envelopes
  from posting where (credit_id = b.id and kind in ('return', 'return_outcome', 'hand_back', 'draw'))
    or (debit_id = b.id and kind in ('issue', 'deappropriate', 'reserve_outcome', 'allot', 'restore'))
) m on true
left join lateral (
  select count(*) as n, sum(a.credits - a.debits) as free, sum(e.credits - e.debits) as reserved
  from voucher v join account a on a.id = v.id left join account e on e.owner_id = v.id and e.kind = 'outcome'
  where v.programme_id = p.id) v on true
where p.procurer_id = :procurer
order by p.is_open desc, p.id
"""

TERMS = """
select t.number, t.gives, t.units, t.value_cents, t.price_cap_cents, t.validity_days, t.target_group,
       t.municipality_codes, t.silent_days, t.notice_hours, t.late_cancel_uses, t.no_show_uses, t.switches,
       w.name, t.written_at, coalesce(v.n, 0),
       coalesce((select jsonb_agg(jsonb_build_array(f.kind, f.months, f.fee_cents, f.claim_days)
                                  order by array_position(array['job', 'business', 'studies']::varchar[], f.kind),
                                           f.months)
                 from outcome_fee f where f.terms_id = t.id), '[]')
from terms t left join person w on w.id = t.written_by
left join (select terms_id, count(*) as n from voucher where programme_id = :programme group by terms_id) v
  on v.terms_id = t.id
where t.programme_id = :programme order by t.number desc limit 50
"""

GRANTS = """
select p.posted_at, w.name, case p.kind when 'appropriate' then p.amount else -p.amount end,
       coalesce(e.detail ->> 'reason', '')
from posting p left join person w on w.id = p.by_id
left join audit_entry e on e.subject_id = p.id and e.action in ('budget.grant', 'budget.cut')
where p.procurer_id = :procurer and p.kind in ('appropriate', 'deappropriate') and p.reference_id = :programme
order by p.id desc limit 100
"""
