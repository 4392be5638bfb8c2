"""No delivery in the rulebook's months: a warning, thirty days, no new clients, and opened again by the registrar."""

from datetime import datetime, timedelta

import pytest

from setori import jobs, people, registry
from setori.days import local_day
from setori.db import Sessions
from setori.errors import Forbidden, NotFound
from setori.people import Role
from setori.registry import DraftRulebook, PleadPause, ReasonCode, RefusePlea
from tests.domains import builders as a
from tests.domains.builders import NOON
from tests.world import Market, a_market, a_session

MONTHS = 3
CLOSES = datetime(2026, 6, 2, 10, tzinfo=NOON.tzinfo)
"""Three months after the first day of the approval."""
WARNED = CLOSES - timedelta(days=30)
DAY = timedelta(days=1)
PLEA, REPLY = PleadPause(plea="Two new coaches have begun."), RefusePlea(reply="Show us who they are.")


class Quiet:
    """A market whose second approval is under a rulebook that wants a session in three months."""

    def __init__(self, sessions: Sessions, market: Market) -> None:
        self.sessions, self.market = sessions, market
        self.owner, self.registrar = market.actors[Role.PROVIDER_OWNER], market.actors[Role.REGISTRAR]

    async def night(self, at: datetime) -> tuple[bool, int]:
        """What Setori does. Returns whether the approval is closed now, and how often its owner was warned."""
        await jobs.look_after_approvals(self.sessions, lambda: at)
        async with self.sessions() as db:
            pauses = await registry.list_open_pauses(db, self.approval_id)
            mails = (await people.list_outbox(db, limit=50)).items
        assert {pause.code for pause in pauses} <= {ReasonCode.NO_DELIVERY}
        return bool(pauses), [mail.kind for mail in mails].count("delivery_missing")


@pytest.fixture
async def quiet(fresh_database) -> Quiet:
    return await made(fresh_database, MONTHS)


async def made(database, months: int | None) -> Quiet:
    """The market's own approval ends, and another begins under a version with the figure."""
    market = await a_market(database)
    quiet = Quiet(database.sessions, market)
    async with database.sessions.begin() as db:
        service = await a.a_service(db, "career-guidance")
        order = DraftRulebook(
            service_id=service,
            title={"fi": "Sääntökirja"},
            criteria=[registry.DraftCriterion(code="D1", kind="declaration", text={"fi": "Vakuutus"})],
            no_delivery_months=months,
        )
        book = await registry.draft_rulebook(db, order, by=quiet.registrar, at=NOON)
        await registry.publish_rulebook(db, book, by=quiet.registrar, at=NOON)
        quiet.approval_id = await a.an_approval(db, book, market.provider_id)
    return quiet


async def test_a_warning_comes_thirty_days_before_and_is_told_once(quiet: Quiet) -> None:
    assert await quiet.night(WARNED - DAY) == (False, 0)
    for night in (WARNED, WARNED + DAY, CLOSES - DAY):
        assert await quiet.night(night) == (False, 1)
    for night in (CLOSES, CLOSES + DAY):
        assert await quiet.night(night) == (True, 1)


async def test_nobody_is_closed_without_thirty_days_of_warning(quiet: Quiet) -> None:
    late = CLOSES + 10 * DAY
    assert await quiet.night(late) == (False, 1)
    assert await quiet.night(late + 29 * DAY) == (False, 1)
    assert await quiet.night(late + 30 * DAY) == (True, 1)


async def test_without_the_figure_nothing_is_closed(fresh_database) -> None:
    quiet = await made(fresh_database, None)
    assert await quiet.night(CLOSES + 400 * DAY) == (False, 0)


async def test_a_confirmed_session_begins_the_months_anew_and_a_recorded_one_does_not(fresh_database) -> None:
    """In the market's own service, under a new version of its rulebook."""
    market = await a_market(fresh_database)
    quiet = Quiet(fresh_database.sessions, market)
    async with fresh_database.sessions.begin() as db:
        order = DraftRulebook(
            service_id=market.service_id,
            title={"fi": "Toinen versio"},
            criteria=[registry.DraftCriterion(code="D1", kind="declaration", text={"fi": "Vakuutus"})],
            no_delivery_months=MONTHS,
        )
        book = await registry.draft_rulebook(db, order, by=quiet.registrar, at=NOON)
        await registry.publish_rulebook(db, book, by=quiet.registrar, at=NOON)
        (held,) = await registry.list_approvals(db, market.provider_id, on=local_day(NOON))
        end = registry.SuspendApproval(reason="A new version.", is_urgent=True)
        await registry.suspend(db, held.id, end, by=quiet.registrar, at=NOON + DAY)
        quiet.approval_id = await a.an_approval(db, book, market.provider_id, at=NOON + DAY)
    await a_session(quiet.sessions, market, at=NOON + 20 * DAY)
    assert await quiet.night(WARNED + DAY) == (False, 1), "recorded is not delivered"
    held_at = WARNED + 2 * DAY
    await a_session(quiet.sessions, market, at=held_at, confirmed=True)
    assert await quiet.night(CLOSES + DAY) == (False, 1)
    assert await quiet.night(held_at + 62 * DAY) == (False, 2), "warned anew"
    assert await quiet.night(held_at + 92 * DAY) == (True, 2)


async def test_a_provider_asks_and_the_registrar_decides(quiet: Quiet) -> None:
    which = quiet.approval_id
    async with quiet.sessions() as db:
        with pytest.raises(registry.NothingToPlead):
            await registry.plead(db, which, PLEA, by=quiet.owner, at=CLOSES)
    await quiet.night(WARNED)
    await quiet.night(CLOSES)
    async with quiet.sessions.begin() as db:
        with pytest.raises(registry.NothingPleaded):
            await registry.refuse_plea(db, which, REPLY, by=quiet.registrar, at=CLOSES)
        await registry.plead(db, which, PLEA, by=quiet.owner, at=CLOSES)
        await registry.refuse_plea(db, which, REPLY, by=quiet.registrar, at=CLOSES)
    async with quiet.sessions() as db:
        with pytest.raises(registry.NothingPleaded):
            await registry.refuse_plea(db, which, REPLY, by=quiet.registrar, at=CLOSES)
    async with quiet.sessions.begin() as db:
        await registry.plead(db, which, PLEA, by=quiet.owner, at=CLOSES + DAY)
        (pause,) = await registry.list_open_pauses(db, which)
        assert (pause.plea, pause.plea_reply) == (PLEA.plea, ""), "asked anew"
        await registry.resume(db, which, by=quiet.registrar, at=CLOSES + DAY)
        told = [mail.kind for mail in (await people.list_outbox(db, limit=50)).items]
    assert [told.count(kind) for kind in ("desk_paused", "pause_pleaded", "plea_refused")] == [1, 2, 1]
    assert await quiet.night(CLOSES + 2 * DAY) == (False, 1), "its months begin anew"
    opened = CLOSES + DAY
    assert await quiet.night(opened + 62 * DAY) == (False, 2)
    assert await quiet.night(opened + 92 * DAY) == (True, 2)


async def test_only_ones_own_approval_and_only_in_ones_role(quiet: Quiet, fresh_database) -> None:
    await quiet.night(WARNED)
    await quiet.night(CLOSES)
    other = await a_market(fresh_database, area=("0022", "Varsinais-Suomi"))
    async with quiet.sessions() as db:
        with pytest.raises(NotFound):
            await registry.plead(db, quiet.approval_id, PLEA, by=other.actors[Role.PROVIDER_OWNER], at=CLOSES)
        stranger = other.actors[Role.REGISTRAR]
        with pytest.raises(NotFound):
            await registry.refuse_plea(db, quiet.approval_id, REPLY, by=stranger, at=CLOSES)
        for role in (Role.COACH, Role.REGISTRAR):
            with pytest.raises(Forbidden):
                await registry.plead(db, quiet.approval_id, PLEA, by=quiet.market.actors[role], at=CLOSES)
