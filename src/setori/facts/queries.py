"""Reading the facts of a firm, what a criterion may conclude from them, and the registrar's tasks."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import Page, page_of
from setori.errors import Forbidden, NotFound
from setori.facts.models import BusinessFact, FactAsking, FactNotice
from setori.facts.rules import ANSWERS, BAD, CheckOutcome, FactAnswer, FactKind, outcome_of
from setori.people import Actor, Organisation, Person, Role

NOTICES = 25
PUBLIC = frozenset({FactKind.STANDING, FactKind.PREPAYMENT})
"""What the registers tell anybody; what a firm owes is for its procurers."""
_OFFICES = {kind: "company" if kind in PUBLIC else "obligations" for kind in FactKind}


@dataclass(frozen=True, slots=True)
class FactView:
    """One thing asked of a firm. `answer` is the last one told; `failing_since` tells that nobody answers now."""

    kind: FactKind
    answer: FactAnswer | None
    source: str
    since: datetime | None
    confirmed_at: datetime | None
    failing_since: datetime | None

    @property
    def is_bad(self) -> bool:
        """Whether the registrar should look; not being told is not bad."""
        return self.answer in BAD


@dataclass(frozen=True, slots=True)
class FirmFacts:
    """Everything that the registers have said of a firm. `asked_at` is None for a firm never asked about."""

    provider_id: UUID
    business_id: str | None
    asked_at: datetime | None
    facts: tuple[FactView, ...]

    @property
    def outcome(self) -> CheckOutcome:
        """What a criterion that a register answers may take from this."""
        return outcome_of({fact.kind: fact.answer for fact in self.facts if fact.answer is not None})

    @property
    def could_not_be_asked(self) -> bool:
        """Whether some office does not answer at the moment."""
        return any(fact.failing_since is not None for fact in self.facts)


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A task: what a register says of which firm, noticed when, and what was done about it."""

    id: UUID
    provider_id: UUID
    provider_name: str
    business_id: str | None
    kind: FactKind
    answer: FactAnswer
    source: str
    told_at: datetime
    confirmed_at: datetime
    noticed_at: datetime
    looked_at: datetime | None
    looked_by: str | None
    note: str
    over_at: datetime | None


async def find_facts(db: AsyncSession, provider_id: UUID, *, for_anybody: bool = False) -> FirmFacts:
    """What is known of a firm, in two queries. For anybody: only what the registers tell to all. Raises NotFound."""
    firm = await db.get(Organisation, provider_id)
    if firm is None:
        raise NotFound
    current = select(BusinessFact).where(
        BusinessFact.provider_id == provider_id, col(BusinessFact.is_current)
    )
    facts = {fact.kind: fact for fact in (await db.exec(current)).all()}
    asked = select(FactAsking).where(FactAsking.provider_id == provider_id)
    offices = {asking.office: asking for asking in (await db.exec(asked)).all()}
    return FirmFacts(
        provider_id,
        firm.business_id,
        max((asking.asked_at for asking in offices.values()), default=None),
        tuple(
            _view(kind, facts.get(kind), offices.get(_OFFICES[kind]))
            for kind in ANSWERS
            if kind in PUBLIC or not for_anybody
        ),
    )


async def list_notices(
    db: AsyncSession, *, by: Actor, is_open: bool = True, before: UUID | None = None
) -> Page[NoticeView]:
    """The registrar's tasks, the newest first: open ones, or those that were looked at or are over."""
    _registrar(by)
    wanted = (
        select(FactNotice, BusinessFact, Organisation, Person.name)
        .join(BusinessFact, col(BusinessFact.id) == FactNotice.fact_id)
        .join(Organisation, col(Organisation.id) == BusinessFact.provider_id)
        .outerjoin(Person, col(Person.id) == FactNotice.looked_by)
        .where(FactNotice.procurer_id == by.organisation_id)
    )
    done = col(FactNotice.looked_at).is_not(None) | col(FactNotice.over_at).is_not(None)
    wanted = wanted.where(~done if is_open else done)
    if before is not None:
        wanted = wanted.where(col(FactNotice.id) < before)
    wanted = wanted.order_by(col(FactNotice.id).desc()).limit(NOTICES + 1)
    rows = [_notice(*row) for row in (await db.exec(wanted)).all()]
    return page_of(rows, [row.id for row in rows], NOTICES)


async def count_notices(db: AsyncSession, *, by: Actor) -> int:
    """How many tasks wait for the registrars of one's own procurer."""
    wanted = (
        select(func.count())
        .select_from(FactNotice)
        .where(
            FactNotice.procurer_id == by.organisation_id,
            col(FactNotice.looked_at).is_(None),
            col(FactNotice.over_at).is_(None),
        )
    )
    return (await db.exec(wanted)).one()


async def find_notice(db: AsyncSession, notice_id: UUID, *, by: Actor) -> NoticeView:
    """One task of one's own procurer. Raises NotFound."""
    _registrar(by)
    wanted = (
        select(FactNotice, BusinessFact, Organisation, Person.name)
        .join(BusinessFact, col(BusinessFact.id) == FactNotice.fact_id)
        .join(Organisation, col(Organisation.id) == BusinessFact.provider_id)
        .outerjoin(Person, col(Person.id) == FactNotice.looked_by)
        .where(FactNotice.id == notice_id, FactNotice.procurer_id == by.organisation_id)
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    return _notice(*found)


def _registrar(by: Actor) -> UUID:
    if by.role is not Role.REGISTRAR or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


def _view(kind: FactKind, fact: BusinessFact | None, asking: FactAsking | None) -> FactView:
    return FactView(
        kind,
        fact.answer if fact else None,
        fact.source if fact else "",
        fact.told_at if fact else None,
        fact.confirmed_at if fact else None,
        asking.failing_since if asking else None,
    )


def _notice(notice: FactNotice, fact: BusinessFact, firm: Organisation, looked_by: str | None) -> NoticeView:
    return NoticeView(
        notice.id,
        firm.id,
        firm.name,
        firm.business_id,
        fact.kind,
        fact.answer,
        fact.source,
        fact.told_at,
        fact.confirmed_at,
        notice.noticed_at,
        notice.looked_at,
        looked_by,
        notice.note,
        notice.over_at,
    )
