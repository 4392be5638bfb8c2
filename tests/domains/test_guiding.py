"""A service manager beside the client: nothing before the yes, only what it allows, nothing after the end."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from setori import guiding, people, vouchers
from setori.booking import BookTime, SayWhy
from setori.db import Database
from setori.errors import Forbidden, Invalid, NotFound
from setori.guiding import (
    LOOKS,
    AlreadyBeside,
    BookFor,
    ConsentClosed,
    Deed,
    InviteManager,
    NotAServiceManager,
    NothingToAttend,
    NotToBeSuggested,
    ProposeManager,
    Scope,
    Suggest,
    SuggestedAlready,
)
from setori.people import Actor, Role
from setori.readmodels import guided
from setori.readmodels import guiding as reading
from setori.vouchers import ChooseOffering
from tests.domains import builders as a
from tests.domains.builders import NOON
from tests.domains.companions import ALL, END, TODAY, Side, a_manager, a_side, deeds, invited, proposed, yes
from tests.domains.meetings import LATER, TOMORROW, booked, is_sound, mails

DAY = timedelta(days=1)


@pytest.fixture
async def side(db: Database) -> Side:
    return await a_side(db)


async def test_a_client_invites_with_parts_and_a_last_day(db, side) -> None:
    consent_id = await invited(db, side, Scope.SEE)
    seen = await reading.find_consent(db, side.client.who, consent_id)
    assert (seen.status, seen.scopes, seen.until_on) == ("in_force", ["see"], END)
    assert "guiding_begun" in await mails(db, side.manager.person_id)
    beside = await guiding.look(db, consent_id, by=side.manager, at=NOON)
    assert beside.scopes == {Scope.SEE}
    with pytest.raises(NotFound):
        await reading.find_consent(db, side.practice.clients[1].who, consent_id)
    assert await is_sound(db)


async def test_only_a_service_manager_of_an_area_that_gave_a_voucher_is_invited(db, side) -> None:
    elsewhere = await a.a_procurer(db, "0022", "Varsinais-Suomi")
    stranger = await a_manager(db, elsewhere)
    for who in (stranger, side.practice.desk, side.practice.coach):
        order = InviteManager(manager_id=who.person_id, scopes=ALL, until_on=END)
        with pytest.raises(NotAServiceManager):
            await guiding.invite(db, order, by=side.client.who, at=NOON)
    order = InviteManager(manager_id=side.manager.person_id, scopes=ALL, until_on=END)
    for who in (side.practice.desk, side.manager, side.practice.coach):
        with pytest.raises(Forbidden):
            await guiding.invite(db, order, by=who, at=NOON)
    listed = await reading.list_managers(db, side.client.who)
    assert [one.id for one in listed.items] == [side.manager.person_id]


@pytest.mark.parametrize("days", [-1, 366])
async def test_the_last_day_is_from_today_on_and_not_too_far(db, side, days) -> None:
    with pytest.raises(Invalid):
        await invited(db, side, until=TODAY + timedelta(days=days))
    consent_id = await proposed(db, side)
    with pytest.raises(Invalid):
        await guiding.agree(
            db, consent_id, yes(until=TODAY + timedelta(days=days)), by=side.client.who, at=NOON
        )


async def test_nothing_is_seen_before_the_yes(db, side) -> None:
    consent_id = await proposed(db, side)
    assert "guiding_proposed" in await mails(db, side.client.who.person_id)
    assert await mails(db, side.manager.person_id) == []
    for ask in (guiding.look, guiding.end):
        with pytest.raises(NotFound):
            await ask(db, consent_id, by=side.manager, at=NOON)
    listed = await reading.list_clients(db, side.manager, at=NOON, on=TODAY)
    assert listed.items == []
    for who in (side.manager, side.practice.desk):
        with pytest.raises(Forbidden):
            await guiding.agree(db, consent_id, yes(), by=who, at=NOON)
    await guiding.agree(db, consent_id, yes(Scope.BOOK, until=TODAY + DAY), by=side.client.who, at=NOON)
    await guiding.agree(db, consent_id, yes(), by=side.client.who, at=NOON)
    beside = await guiding.look(db, consent_id, by=side.manager, at=NOON)
    assert (beside.scopes, beside.until_on) == ({Scope.BOOK}, TODAY + DAY), "what the client ticked"


async def test_only_the_own_area_proposes_its_own_service_managers_to_its_own_clients(db, side) -> None:
    elsewhere = await a.a_procurer(db, "0022", "Varsinais-Suomi")
    stranger = await a_manager(db, elsewhere)
    other_desk = await a.an_actor(db, Role.CASE_WORKER, elsewhere)
    order = ProposeManager(manager_id=stranger.person_id, scopes=ALL, until_on=END)
    with pytest.raises(NotAServiceManager):
        await guiding.propose(db, side.client.voucher_id, order, by=side.practice.desk, at=NOON)
    with pytest.raises(NotFound):
        await guiding.propose(db, side.client.voucher_id, order, by=other_desk, at=NOON)
    with pytest.raises(Forbidden):
        await guiding.propose(db, side.client.voucher_id, order, by=side.practice.registrar, at=NOON)


async def test_a_no_stays_a_no_and_silence_is_one(db, side) -> None:
    consent_id = await proposed(db, side)
    await guiding.decline(db, consent_id, by=side.client.who, at=NOON)
    await guiding.decline(db, consent_id, by=side.client.who, at=NOON)
    with pytest.raises(ConsentClosed):
        await guiding.agree(db, consent_id, yes(), by=side.client.who, at=NOON)
    with pytest.raises(ConsentClosed):
        await guiding.end(db, consent_id, by=side.client.who, at=NOON)
    again = await proposed(db, side, at=NOON + DAY)
    assert await guiding.end_due(db, at=NOON + 29 * DAY) == 0
    assert await guiding.end_due(db, at=NOON + 32 * DAY) == 1
    assert (await reading.find_consent(db, side.client.who, again)).status == "refused"


async def test_a_proposal_is_taken_back_before_the_answer_and_not_after_it(db, side) -> None:
    desk, consent_id = side.practice.desk, await proposed(db, side)
    elsewhere = await a.an_actor(db, Role.CASE_WORKER, await a.a_procurer(db, "0022", "Varsinais-Suomi"))
    for other, refusal in ((elsewhere, NotFound), (side.manager, Forbidden), (side.client.who, Forbidden)):
        with pytest.raises(refusal):
            await guiding.take_back_proposal(db, consent_id, by=other, at=NOON)
    for _ in range(2):
        await guiding.take_back_proposal(db, consent_id, by=desk, at=NOON)
    with pytest.raises(ConsentClosed):
        await guiding.agree(db, consent_id, yes(), by=side.client.who, at=NOON)
    again = await proposed(db, side)
    await guiding.agree(db, again, yes(), by=side.client.who, at=NOON)
    with pytest.raises(ConsentClosed):
        await guiding.take_back_proposal(db, again, by=desk, at=NOON)


async def test_one_consent_at_a_time_between_two(db, side) -> None:
    first = await invited(db, side)
    for again in (invited, proposed):
        with pytest.raises(AlreadyBeside):
            await again(db, side)
    await guiding.end(db, first, by=side.client.who, at=NOON)
    second = await invited(db, side, at=NOON)
    assert second != first
    other = await a_manager(db, side.practice.procurer_id, "Paavo Palvelu")
    await invited(db, Side(side.practice, other))
    await invited(db, side, client=side.practice.clients[1])
    assert len(await reading.list_open(db, side.client.who)) == 2
    assert await is_sound(db)


async def test_the_end_is_at_once_and_everything_is_as_if_it_was_not_there(db, side) -> None:
    consent_id = await invited(db, side)
    meeting = await booked(db, side.practice)
    await guiding.sit_in(db, meeting, by=side.manager, at=NOON)
    suggestion = await guiding.suggest(
        db, consent_id, Suggest(**pair(side), voucher_id=side.client.voucher_id), by=side.manager, at=NOON
    )
    assert await reading.list_sitting_in(db, meeting, on=TODAY) == ["Pilvi Palvelu"]
    await guiding.end(db, consent_id, by=side.client.who, at=NOON + timedelta(minutes=1))
    await guiding.end(db, consent_id, by=side.client.who, at=NOON + timedelta(minutes=2))
    assert (await mails(db, side.manager.person_id)).count("guiding_ended") == 1
    await nothing_is_left(db, side, consent_id, meeting, suggestion, at=NOON + timedelta(minutes=3))
    assert await reading.list_sitting_in(db, meeting, on=TODAY) == []
    assert await is_sound(db)


async def test_it_ends_by_itself_after_its_last_day_also_before_the_night_has_worked(db, side) -> None:
    consent_id = await invited(db, side, until=TODAY)
    meeting = await booked(db, side.practice)
    suggestion = await guiding.suggest(
        db, consent_id, Suggest(**pair(side), voucher_id=side.client.voucher_id), by=side.manager, at=NOON
    )
    before_midnight = NOON + timedelta(hours=11, minutes=59)
    assert (await guiding.look(db, consent_id, by=side.manager, at=before_midnight)).consent_id == consent_id
    await nothing_is_left(db, side, consent_id, meeting, suggestion, at=NOON + timedelta(hours=12))
    again = await invited(db, side, at=NOON + DAY, until=TODAY + 2 * DAY)
    assert (await reading.find_consent(db, side.client.who, consent_id)).status == "ended"
    assert await guiding.end_due(db, at=NOON + 2 * DAY) == 0
    assert await guiding.end_due(db, at=NOON + 3 * DAY) == 1
    assert (await reading.find_consent(db, side.client.who, again)).status == "ended"


async def test_a_service_manager_may_step_back(db, side) -> None:
    consent_id = await invited(db, side)
    await guiding.end(db, consent_id, by=side.manager, at=NOON)
    assert "guiding_left" in await mails(db, side.client.who.person_id)
    with pytest.raises(NotFound):
        await guiding.end(db, consent_id, by=side.manager, at=NOON)


async def nothing_is_left(db, side: Side, consent_id, meeting, suggestion, *, at) -> None:
    by = side.manager
    for deed in Deed:
        if deed in LOOKS:
            with pytest.raises(NotFound):
                await guiding.look(db, consent_id, deed, by=by, at=at)
    order = Suggest(**pair(side), voucher_id=side.client.voucher_id)
    book = BookFor(voucher_id=side.client.voucher_id, starts_at=LATER)
    for ask in (
        guiding.suggest(db, consent_id, order, by=by, at=at),
        guiding.take_back(db, suggestion, by=by, at=at),
        guiding.book_for(db, consent_id, book, by=by, at=at),
        guiding.look_at_meeting(db, meeting, by=by, at=at),
        guiding.move_for(db, meeting, BookTime(starts_at=LATER), by=by, at=at),
        guiding.call_off_for(db, meeting, SayWhy(), by=by, at=at),
        guiding.sit_in(db, meeting, by=by, at=at),
        guiding.sit_in_no_more(db, meeting, by=by, at=at),
    ):
        with pytest.raises(NotFound):
            await ask
    assert (await reading.list_clients(db, by, at=at, on=at.date() + DAY)).items == []


def pair(side: Side) -> dict[str, object]:
    return {"offering_id": side.practice.offering_id, "coach_id": side.practice.coach_id}


@pytest.mark.parametrize("scope", ALL)
async def test_each_part_allows_itself_and_nothing_else(db, side, scope) -> None:
    consent_id = await invited(db, side, scope)
    meeting = await booked(db, side.practice, starts_at=TOMORROW + 6 * DAY)
    by, at = side.manager, NOON
    other = await a.a_coach(db, side.manager and side.practice.owner.organisation_id, "Oona Toinen")
    offering = await a.an_offering(db, side.practice.owner, side.practice.service_id, [other])
    order = Suggest(offering_id=offering, coach_id=other, voucher_id=side.client.voucher_id)
    book = BookFor(voucher_id=side.client.voucher_id, starts_at=TOMORROW)
    asked = {
        Scope.SHORTLIST: [lambda: guiding.suggest(db, consent_id, order, by=by, at=at)],
        Scope.BOOK: [
            lambda: guiding.look(db, consent_id, Deed.LOOKED_AT_TIMES, by=by, at=at),
            lambda: guiding.book_for(db, consent_id, book, by=by, at=at),
            lambda: guiding.move_for(db, meeting, BookTime(starts_at=LATER), by=by, at=at),
            lambda: guiding.call_off_for(db, meeting, SayWhy(), by=by, at=at),
        ],
        Scope.ATTEND: [
            lambda: guiding.sit_in(db, meeting, by=by, at=at),
            lambda: guiding.sit_in_no_more(db, meeting, by=by, at=at),
        ],
    }
    if scope in (Scope.BOOK, Scope.ATTEND):
        await guiding.look_at_meeting(db, meeting, by=by, at=at)
    else:
        with pytest.raises(NotFound):
            await guiding.look_at_meeting(db, meeting, by=by, at=at)
    for needed, asks in asked.items():
        for ask in asks:
            if needed is scope:
                await ask()
            else:
                with pytest.raises(NotFound):
                    await ask()
    beside = await guiding.look(db, consent_id, by=by, at=at)
    seen = await guided.find_client(db, beside, at=at, on=TODAY)
    assert bool(seen.vouchers) == (scope is not Scope.ATTEND)
    assert [voucher.units for voucher in seen.vouchers] == {
        Scope.SEE: [3], Scope.SHORTLIST: [None], Scope.BOOK: [None], Scope.ATTEND: []
    }[scope]  # fmt: skip
    assert await is_sound(db)


async def test_the_client_makes_the_last_tap(db, side) -> None:
    consent_id = await invited(db, side)
    other = await a.a_coach(db, side.practice.owner.organisation_id, "Oona Toinen")
    offering = await a.an_offering(db, side.practice.owner, side.practice.service_id, [other])
    order = Suggest(
        offering_id=offering, coach_id=other, voucher_id=side.client.voucher_id, comment="Puhuu somalia."
    )
    suggestion = await guiding.suggest(db, consent_id, order, by=side.manager, at=NOON)
    with pytest.raises(SuggestedAlready):
        await guiding.suggest(db, consent_id, order, by=side.manager, at=NOON)
    assert "guiding_suggested" in await mails(db, side.client.who.person_id)
    (seen,) = await reading.list_suggestions(db, side.client.who, on=TODAY)
    assert (seen.coach_name, seen.comment, seen.manager_name) == (
        "Oona Toinen",
        "Puhuu somalia.",
        "Pilvi Palvelu",
    )
    choice = ChooseOffering(offering_id=offering, coach_id=other)
    beside = await guiding.look(db, consent_id, by=side.manager, at=NOON)
    for who in (side.manager, beside.client):
        with pytest.raises(Forbidden):
            await vouchers.choose(db, side.client.voucher_id, choice, by=who, at=NOON)
    await vouchers.choose(db, side.client.voucher_id, choice, by=side.client.who, at=NOON)
    (seen,) = await reading.list_suggestions(db, side.client.who, on=TODAY)
    assert seen.is_chosen
    await guiding.take_back(db, suggestion, by=side.manager, at=NOON)
    await guiding.take_back(db, suggestion, by=side.manager, at=NOON)
    assert await reading.list_suggestions(db, side.client.who, on=TODAY) == []
    assert await deeds(db) == ["suggested", "looked", "took_back"]


async def test_what_cannot_be_chosen_is_not_suggested(db, side) -> None:
    consent_id = await invited(db, side)
    dear = await a.an_offering(db, side.practice.owner, side.practice.service_id, [], price_cents=500_00)
    far = await a.an_offering(
        db,
        side.practice.owner,
        side.practice.service_id,
        [],
        area_codes=[await a.an_area(db, "0099", "Kauko")],
    )
    for offering in (dear, far):
        order = Suggest(offering_id=offering, voucher_id=side.client.voucher_id)
        with pytest.raises(NotToBeSuggested):
            await guiding.suggest(db, consent_id, order, by=side.manager, at=NOON)
    other = Suggest(**pair(side), voucher_id=side.practice.clients[1].voucher_id)
    with pytest.raises(NotFound):
        await guiding.suggest(db, consent_id, other, by=side.manager, at=NOON)


async def test_times_are_booked_moved_and_called_off_for_the_client_who_is_told_by_whom(db, side) -> None:
    consent_id = await invited(db, side, Scope.BOOK)
    by = side.manager
    book = BookFor(voucher_id=side.client.voucher_id, starts_at=TOMORROW + DAY)
    meeting = await guiding.book_for(db, consent_id, book, by=by, at=NOON)
    assert await reading.helper_of(db, meeting) == "Pilvi Palvelu"
    await guiding.move_for(db, meeting, BookTime(starts_at=LATER + DAY), by=by, at=NOON)
    await guiding.move_for(db, meeting, BookTime(starts_at=LATER + DAY), by=by, at=NOON)
    await guiding.call_off_for(db, meeting, SayWhy(reason="Kuume."), by=by, at=NOON)
    await guiding.call_off_for(db, meeting, SayWhy(), by=by, at=NOON)
    told = await people.list_outbox(db, person_id=side.client.who.person_id)
    kinds = [(mail.kind, mail.params["who"]) for mail in told.items if mail.kind.endswith("_for_you")]
    assert kinds[::-1] == [
        (f"meeting_{what}_for_you", "Pilvi Palvelu") for what in ("confirmed", "moved_yours", "called_off")
    ]
    assert await deeds(db) == ["booked", "moved", "called_off"]
    stranger = await booked(db, side.practice, 1)
    with pytest.raises(NotFound):
        await guiding.call_off_for(db, stranger, SayWhy(), by=by, at=NOON)
    assert await is_sound(db)


async def test_one_sits_in_at_what_is_to_come(db, side) -> None:
    await invited(db, side, Scope.ATTEND)
    meeting = await booked(db, side.practice)
    for _ in range(2):
        await guiding.sit_in(db, meeting, by=side.manager, at=NOON)
    assert await reading.list_sitting_in(db, meeting, on=TODAY) == ["Pilvi Palvelu"]
    for _ in range(2):
        await guiding.sit_in_no_more(db, meeting, by=side.manager, at=NOON)
    assert await reading.list_sitting_in(db, meeting, on=TODAY) == []
    assert await deeds(db) == ["sits_in", "sits_not_in"]
    with pytest.raises(NothingToAttend):
        await guiding.sit_in(db, meeting, by=side.manager, at=TOMORROW)


async def test_every_look_is_kept_once_in_a_quarter_of_an_hour_and_paged(db, side) -> None:
    consent_id = await invited(db, side)
    for minutes in (0, 5, 14, 15, 16, 31):
        await guiding.look(db, consent_id, by=side.manager, at=NOON + timedelta(minutes=minutes))
    first = await reading.list_traces(db, side.client.who, limit=2)
    assert [row.at.minute for row in first.items] == [31, 15]
    second = await reading.list_traces(db, side.client.who, before=first.next, limit=2)
    assert [row.at.minute for row in second.items] == [0]
    assert second.next is None
    assert (await reading.list_traces(db, side.practice.clients[1].who)).items == []
    audited = await (await db.connection()).execute(
        text("select count(*) from audit_entry where action = 'guiding.looked'")
    )
    assert audited.scalar_one() == 3


async def test_a_consent_is_for_one_area_only(db, side) -> None:
    await invited(db, side)
    elsewhere = Actor(
        side.manager.person_id, Role.SERVICE_MANAGER, await a.a_procurer(db, "0022", "V"), "P", "fi"
    )
    meeting = await booked(db, side.practice)
    with pytest.raises(NotFound):
        await guiding.look_at_meeting(db, meeting, by=elsewhere, at=NOON)
    assert (await reading.list_clients(db, elsewhere, at=NOON, on=TODAY)).items == []
