"""A firm's own appeal until its last day, and the reminder before the last day to complete an application."""

from datetime import date, timedelta

import pytest

from setori import people, registry
from setori.errors import Forbidden, NotFound
from setori.people import Role
from setori.registry import (
    AppealOpen,
    AppealOutcome,
    AppealTooLate,
    FileAppeal,
    NotYours,
    RecordAppeal,
    ResolveAppeal,
)
from tests.domains.builders import NOON, a_provider, an_actor, an_application
from tests.domains.desk import COMPLETE, REJECT, TODAY, a_desk

DAY = timedelta(days=1)
DEMAND = FileAppeal(demand="We have had four coaches since January.")
LAST = date(2026, 3, 19)
"""Three days for the message and fourteen for the firm, from Monday 2 March."""


@pytest.fixture
async def world(db):
    return await a_desk(db)


@pytest.mark.parametrize(
    ("decided_on", "last_day"),
    [
        (date(2026, 3, 2), date(2026, 3, 19)),
        (date(2026, 3, 4), date(2026, 3, 23)),
        (date(2026, 3, 5), date(2026, 3, 23)),
        (date(2026, 3, 6), date(2026, 3, 23)),
    ],
)
def test_the_last_day_to_appeal_is_a_working_day(decided_on: date, last_day: date) -> None:
    assert registry.appeal_until(decided_on) == last_day


async def rejected(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    await registry.decide(db, application_id, REJECT, by=world.registrar, at=NOON)
    return application_id


async def test_the_owner_appeals_and_the_registrar_resolves_it_as_before(db, world) -> None:
    application_id = await rejected(db, world)
    await registry.file_appeal(db, application_id, DEMAND, by=world.owner, at=NOON + 2 * DAY)
    (appeal,) = (await registry.find_application(db, application_id, by=world.owner)).course.appeals
    assert (appeal.by_provider, appeal.recorded_by, appeal.received_on) == (
        True,
        "Otso Omistaja",
        TODAY + 2 * DAY,
    )
    told = [mail for mail in (await people.list_outbox(db, limit=50)).items if mail.kind == "appeal_filed"]
    assert {mail.person_id for mail in told} == {
        one.person_id for one in (world.registrar, world.second, world.third)
    }
    with pytest.raises(AppealOpen):
        await registry.file_appeal(db, application_id, DEMAND, by=world.owner, at=NOON + 2 * DAY)
    noted = RecordAppeal(received_on=TODAY + 2 * DAY, demand="The same on paper.")
    with pytest.raises(AppealOpen):
        await registry.record_appeal(db, application_id, noted, by=world.registrar, at=NOON + 2 * DAY)
    order = ResolveAppeal(outcome=AppealOutcome.REOPENED, reason="We had not counted them all.")
    await registry.resolve_appeal(db, application_id, order, by=world.registrar, at=NOON + 3 * DAY)
    seen = await registry.find_application(db, application_id, by=world.owner)
    assert (seen.row.status, seen.row.round) == ("submitted", 2)


async def test_an_appeal_has_a_last_day_and_needs_a_decision(db, world) -> None:
    application_id = await an_application(db, world.rulebook_id, world.owner)
    with pytest.raises(NotYours):
        await registry.file_appeal(db, application_id, DEMAND, by=world.owner, at=NOON)
    await registry.decide(db, application_id, REJECT, by=world.registrar, at=NOON)
    seen = await registry.find_application(db, application_id, by=world.owner)
    assert seen.decision.appeal_until == LAST
    last = NOON + (LAST - TODAY)
    with pytest.raises(AppealTooLate):
        await registry.file_appeal(db, application_id, DEMAND, by=world.owner, at=last + DAY)
    await registry.file_appeal(db, application_id, DEMAND, by=world.owner, at=last)


async def test_only_an_owner_of_the_firm_appeals(db, world) -> None:
    application_id = await rejected(db, world)
    rival = await an_actor(db, Role.PROVIDER_OWNER, await a_provider(db, "Kilpa Oy"))
    with pytest.raises(NotFound):
        await registry.file_appeal(db, application_id, DEMAND, by=rival, at=NOON)
    for nobody in (world.coach, world.registrar):
        with pytest.raises(Forbidden):
            await registry.file_appeal(db, application_id, DEMAND, by=nobody, at=NOON)


async def reminders(db) -> list[str]:
    mails = (await people.list_outbox(db, limit=50)).items
    return [mail.params["closes_on"] for mail in mails if mail.kind == "completion_due"]


async def test_the_owner_is_reminded_three_days_before_the_last_day_once_a_return(db, world) -> None:
    application_id = await an_application(db, world.rulebook_id, world.owner)
    await registry.ask_for_completion(db, application_id, COMPLETE, by=world.registrar, at=NOON)
    due = COMPLETE.due_on.isoformat()
    for days, told in ((0, []), (10, []), (11, [due]), (11, [due]), (12, [due]), (14, [due]), (20, [due])):
        await registry.remind_to_complete(db, at=NOON + days * DAY)
        assert await reminders(db) == told, days
    await registry.submit(db, application_id, by=world.owner, at=NOON + 14 * DAY)
    again = COMPLETE.model_copy(update={"due_on": TODAY + 24 * DAY})
    await registry.ask_for_completion(db, application_id, again, by=world.registrar, at=NOON + 15 * DAY)
    for days, count in ((20, 1), (21, 2), (22, 2)):
        await registry.remind_to_complete(db, at=NOON + days * DAY)
        assert len(await reminders(db)) == count, days


async def test_what_was_sent_again_or_is_asked_today_needs_no_reminder(db, world) -> None:
    application_id = await an_application(db, world.rulebook_id, world.owner)
    soon = COMPLETE.model_copy(update={"due_on": TODAY + 2 * DAY})
    await registry.ask_for_completion(db, application_id, soon, by=world.registrar, at=NOON)
    assert await registry.remind_to_complete(db, at=NOON) == 0
    await registry.submit(db, application_id, by=world.owner, at=NOON)
    assert await registry.remind_to_complete(db, at=NOON + DAY) == 0
