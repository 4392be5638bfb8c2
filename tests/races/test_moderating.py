"""Words are reported and decided on: hidden words count on, one of two moderators decides, and nobody deletes."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import reviews
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Role
from setori.reviews import AnswerPulse, DecideReport, ReportReview, decide_by
from tests.domains import builders as a
from tests.domains.builders import NOON
from tests.races.test_reviewing import figures, scene

__all__ = ["scene"]

BAD = AnswerPulse(recommend=1, text="Call him at 040 1234567, he is a fool.")
REPORT = ReportReview(reason="insult")
HIDE = DecideReport(decision="hidden", hidden_for="personal_data")
KEEP = DecideReport(decision="kept")


async def said(scene, number: int = 0):
    redemption_id, holder = scene.held[number]
    async with scene.sessions.begin() as db:
        pulse_id = await reviews.ask_after(db, redemption_id, at=NOON)
        return pulse_id, holder, await reviews.answer(db, pulse_id, BAD, by=holder, at=NOON)


async def report(scene, review_id, by) -> None:
    async with scene.sessions.begin() as db:
        await reviews.report(db, review_id, REPORT, by=by, at=NOON)


async def reported(scene, review_id):
    await report(scene, review_id, scene.owner)
    async with scene.sessions.begin() as db:
        (one,) = (await reviews.list_reports(db, by=scene.registrar, is_open=True)).items
    return one


async def decide(scene, report_id, order, by=None) -> str:
    try:
        async with scene.sessions.begin() as db:
            await reviews.decide_report(db, report_id, order, by=by or scene.registrar, at=NOON)
    except reviews.DecidedAlready:
        return "DecidedAlready"
    return "done"


async def shown(scene):
    async with scene.sessions.begin() as db:
        (one,) = (await reviews.list_of_offering(db, scene.offering_id)).items
    return one.text, one.is_hidden, one.hidden_for


async def test_hidden_words_count_on_are_said_anew_and_can_be_shown_again(scene) -> None:
    pulse_id, holder, review_id = await said(scene)
    before = await figures(scene)
    one = await reported(scene, review_id)
    assert (one.text, one.due_on, one.reason) == (BAD.text, date(2026, 3, 9), "insult")
    assert await decide(scene, one.id, HIDE) == "done"
    assert await shown(scene) == ("", True, "personal_data")
    assert await figures(scene) == before == (1, 1)
    async with scene.sessions.begin() as db:
        told = text("select count(*) from outbox where person_id = :p and kind = 'review_hidden'")
        assert (await (await db.connection()).execute(told, {"p": holder.person_id})).scalar_one() == 1
        mine = (await reviews.find_pulse(db, pulse_id, by=holder, at=NOON)).said
        assert mine
        assert (mine.text, mine.hidden_for) == (BAD.text, "personal_data")
    async with scene.sessions.begin() as db:
        await reviews.show_again(db, one.id, by=scene.registrar, at=NOON)
    assert await shown(scene) == (BAD.text, False, None)
    with pytest.raises(reviews.DecidedAlready):
        async with scene.sessions.begin() as db:
            await reviews.show_again(db, one.id, by=scene.registrar, at=NOON)
    again = AnswerPulse(recommend=1, text="It was not for me.")
    async with scene.sessions.begin() as db:
        await reviews.answer(db, pulse_id, again, by=holder, at=NOON + timedelta(days=1))
    assert await shown(scene) == ("It was not for me.", False, None)


async def test_two_reports_at_once_are_one_and_one_of_two_decisions_stands(scene) -> None:
    for number in range(4):
        _, holder, review_id = await said(scene, number)
        await asyncio.gather(report(scene, review_id, scene.owner), report(scene, review_id, holder))
        one = await reported(scene, review_id)
        both = await asyncio.gather(decide(scene, one.id, HIDE), decide(scene, one.id, KEEP))
        assert sorted(both) == ["DecidedAlready", "done"]
        async with scene.sessions.begin() as db:
            seen = await reviews.find_report(db, one.id, by=scene.registrar)
            hidden = text("select hidden_at is not null from review where id = :id")
            state = (await (await db.connection()).execute(hidden, {"id": review_id})).scalar_one()
        assert state is seen.is_hidden is (both[0] == "done")


async def test_only_the_vouchers_own_procurer_decides_and_a_reason_is_needed(scene) -> None:
    _, _, review_id = await said(scene)
    one = await reported(scene, review_id)
    async with scene.sessions.begin() as db:
        elsewhere = await a.an_actor(db, Role.REGISTRAR, await a.a_procurer(db, "0022", "Varsinais-Suomi"))
    with pytest.raises(NotFound):
        await decide(scene, one.id, HIDE, by=elsewhere)
    with pytest.raises(Forbidden):
        await decide(scene, one.id, HIDE, by=scene.owner)
    with pytest.raises(Invalid):
        await decide(scene, one.id, DecideReport(decision="hidden"))
    async with scene.sessions.begin() as db:
        assert (await reviews.list_reports(db, by=elsewhere, is_open=True)).items == []
    assert await decide(scene, one.id, HIDE) == "done"
    with pytest.raises(NotFound):
        await report(scene, review_id, scene.owner)


@pytest.mark.parametrize("change", ["delete from review", "delete from review_report"])
async def test_nobody_deletes(scene, change: str) -> None:
    await reported(scene, (await said(scene))[2])
    with pytest.raises(DBAPIError):
        async with scene.sessions.begin() as db:
            await (await db.connection()).execute(text(change))


def test_the_last_day_leaves_out_saturdays_and_sundays() -> None:
    assert decide_by(date(2026, 3, 2)) == date(2026, 3, 9)
    assert decide_by(date(2026, 3, 6)) == date(2026, 3, 13)
    assert decide_by(date(2026, 3, 7)) == date(2026, 3, 13)
