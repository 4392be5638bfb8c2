"""A coach records a session with the client's code: once, with the consequence said, and undone while that can be."""

import re
from uuid import uuid4

import pytest

from setori import vouchers
from setori.app import clock
from setori.days import local_day
from setori.db import wire_of
from setori.vouchers import HOLD_LIVES


def typed(code: str, **other: str) -> dict[str, str]:
    told = {"voucher_code": code, "units": "1", "service_day": local_day(clock()).isoformat(), "note": ""}
    return {"redemption_id": str(uuid4()), **told, **other}


def id_on(page: str) -> str:
    found = re.search(r'name="redemption_id" value="([^"]+)"', page)
    assert found, page
    return found[1]


async def test_the_scanned_code_asks_to_sign_in_and_then_shows_who_it_is_and_what_it_costs(
    world, visitor, client
) -> None:
    who = await world.a_client()
    stranger = await client.get(f"/redeem?code={vouchers.shown(who.code)}")
    assert stranger.status_code == 303
    assert "/sign-in?next=%2Fredeem%3Fcode%3D" in stranger.headers["location"]
    coach = await visitor(world.coach)
    sent = await coach.get(f"/redeem?code={who.code}")
    form = (await coach.get(sent.headers["location"])).text
    assert vouchers.shown(who.code) in form
    assert "Your client Veera Laine confirms the session, and €80.00 is held for you until then." in form


async def test_scanning_alone_redeems_nothing(world, visitor) -> None:
    who = await world.a_client()
    coach = await visitor(world.coach)
    await coach.get(f"/redeem?code={who.code}")
    await coach.get(f"/provider/sessions/new?code={who.code}")
    assert "No sessions here" in (await coach.get("/provider/sessions")).text


async def test_pressing_twice_records_once_and_shows_the_first_receipt(world, visitor) -> None:
    who = await world.a_client()
    coach = await visitor(world.coach)
    form = typed(who.code, redemption_id=id_on((await coach.get("/provider/sessions/new")).text))
    first = await coach.post("/provider/sessions", form)
    second = await coach.post("/provider/sessions", form)
    place = f"/provider/sessions/{form['redemption_id']}"
    assert (first.status_code, first.headers["location"]) == (303, f"{place}?said=recorded")
    assert second.headers["location"] == f"{place}?said=replayed"
    receipt = (await coach.get(second.headers["location"])).text
    assert "Nothing was recorded twice" in receipt
    assert "4 sessions left" in receipt


async def test_a_refusal_shows_what_was_typed_with_the_same_id(world, visitor) -> None:
    who = await world.a_client()
    coach = await visitor(world.coach)
    form = typed(who.code, units="6", note="Kävimme läpi hakemuksen")
    refused = await coach.post("/provider/sessions", form)
    assert refused.status_code == 409
    assert "The voucher has 5 sessions left: not enough for this." in refused.text
    assert id_on(refused.text) == form["redemption_id"]
    assert "Kävimme läpi hakemuksen" in refused.text
    assert "<title>Error:" in refused.text


@pytest.mark.parametrize("lost", ["", "x", "0190", None])
async def test_a_form_that_lost_its_number_records_nothing_and_comes_back_with_a_new_one(
    world, visitor, lost
) -> None:
    who = await world.a_client()
    coach = await visitor(world.coach)
    form = typed(who.code, note="Kävimme läpi hakemuksen")
    del form["redemption_id"]
    form |= {} if lost is None else {"redemption_id": lost}
    for _ in range(2):
        answer = await coach.post("/provider/sessions", form)
        assert answer.status_code == 422
        assert "The form had lost its number, so nothing was recorded." in answer.text
        assert "Kävimme läpi hakemuksen" in answer.text
    assert "No sessions here" in (await coach.get("/provider/sessions")).text
    anew = {**form, "redemption_id": id_on(answer.text)}
    said = [(await coach.post("/provider/sessions", anew)).headers["location"][-8:] for _ in range(2)]
    assert said == ["recorded", "replayed"]


@pytest.mark.parametrize("units", ["²", "٣x", "1e2", "9" * 5000, "\0"])
async def test_what_only_looks_like_a_number_is_told_at_its_field(world, visitor, units) -> None:
    who = await world.a_client()
    wrong = await (await visitor(world.coach)).post("/provider/sessions", typed(who.code, units=units))
    assert wrong.status_code in (303, 422) if units == "\0" else wrong.status_code == 422


async def test_the_id_of_another_posting_is_other_figures_on_the_page_too(world, visitor) -> None:
    who = await world.a_client()
    async with world.sessions() as db:
        connection = await db.connection()
        taken = (await connection.exec_driver_sql("select id from posting limit 1")).scalars().one()
    form = typed(who.code, redemption_id=str(taken))
    answer = await (await visitor(world.coach)).post("/provider/sessions", form)
    assert answer.status_code == 422


async def test_errors_stand_at_their_fields_with_what_was_typed(world, visitor) -> None:
    coach = await visitor(world.coach)
    form = typed("", units="two", service_day="yesterday")
    wrong = await coach.post("/provider/sessions", form)
    assert wrong.status_code == 422
    assert wrong.text.count("Write a whole number.") == 2, "once in the summary, once at the field"
    assert 'value="two"' in wrong.text
    assert 'value="yesterday"' in wrong.text
    assert id_on(wrong.text) == form["redemption_id"]


async def test_going_back_to_change_a_figure_leads_to_the_session_that_stands(world, visitor) -> None:
    who = await world.a_client()
    coach = await visitor(world.coach)
    form = typed(who.code)
    await coach.post("/provider/sessions", form)
    changed = await coach.post("/provider/sessions", {**form, "units": "2"})
    assert changed.status_code == 422
    assert "recorded already, with other figures" in changed.text
    assert f"/provider/sessions/{form['redemption_id']}" in changed.text


async def test_a_code_of_somebody_elses_client_is_unknown_and_names_nobody(world, visitor) -> None:
    who = await world.a_client()
    rival = await visitor(world.rival)
    assert "Veera Laine" not in (await rival.get(f"/provider/sessions/new?code={who.code}")).text
    refused = await rival.post("/provider/sessions", typed(who.code))
    assert refused.status_code == 409
    assert "Veera Laine" not in refused.text


async def test_a_session_is_taken_back_with_a_reason_and_its_value_returns(world, visitor) -> None:
    who = await world.a_client()
    session = await world.a_session(who, confirmed=True)
    coach = await visitor(world.coach)
    place = f"/provider/sessions/{session}"
    silent = await coach.post(f"{place}/reversal", {"reason": ""})
    assert silent.status_code == 422
    done = await coach.post(f"{place}/reversal", {"reason": "Väärä päivä"})
    assert done.headers["location"] == f"{place}?said=undone"
    receipt = (await coach.get(done.headers["location"])).text
    assert "5 sessions left" in receipt
    assert "Väärä päivä" in receipt
    assert f"{place}/reversal" not in receipt
    again = await coach.get(f"{place}/reversal")
    assert "can no longer be taken back" in again.text


async def test_the_receipt_says_when_a_session_lapses(world, visitor) -> None:
    session = await world.a_session(await world.a_client())
    receipt = (await (await visitor(world.owner)).get(f"/provider/sessions/{session}", "fi")).text
    lapses = local_day(clock() + HOLD_LIVES)
    assert f"{lapses.day}.{lapses.month}.{lapses.year}" in receipt


async def test_another_firms_session_is_the_same_404_as_a_missing_one(world, visitor) -> None:
    session = await world.a_session(await world.a_client())
    rival = await visitor(world.rival)
    for tail in ("", "/reversal"):
        theirs = await rival.get(f"/provider/sessions/{session}{tail}")
        missing = await rival.get(f"/provider/sessions/{uuid4()}{tail}")
        assert theirs.status_code == missing.status_code == 404
        assert without_tokens(theirs.text) == without_tokens(missing.text)
    assert (
        await rival.post(f"/provider/sessions/{session}/reversal", {"reason": "meidän"})
    ).status_code == 404


async def test_a_coach_sees_own_clients_and_the_owner_sees_all(world, visitor) -> None:
    mine = await world.a_session(await world.a_client("Veera Laine"))
    theirs = await world.a_session(await world.a_client("Onni Salo", world.other_coach_id))
    coach, owner = await visitor(world.coach), await visitor(world.owner)
    for page in ("/provider/clients", "/provider/sessions"):
        seen = (await coach.get(page)).text
        assert "Veera Laine" in seen
        assert "Onni Salo" not in seen
        seen = (await owner.get(page)).text
        assert "Veera Laine" in seen
        assert "Onni Salo" in seen
    assert (await coach.get(f"/provider/sessions/{mine}")).status_code == 200
    assert (await coach.get(f"/provider/sessions/{theirs}")).status_code == 404


async def test_the_list_shows_one_state_and_goes_on_page_by_page(world, visitor) -> None:
    who = await world.a_client()
    kept = await world.a_session(who)
    undone = await world.a_session(who)
    async with world.sessions.begin() as db:
        said = vouchers.DisputeSession(words="Ei tavattu")
        await vouchers.dispute(await wire_of(db), undone, said, by=who.actor, at=clock())
    for number in range(26):
        if number % 4 == 0:
            who = await world.a_client(f"Asiakas {number}")
        await world.a_session(who)
    owner = await visitor(world.owner)
    disputed = (await owner.get("/provider/sessions?status=disputed")).text
    assert str(undone) in disputed
    assert str(kept) not in disputed
    first = (await owner.get("/provider/sessions")).text
    following = re.search(r'href="(\?after=[^"]+)"', first)
    assert following, first
    second = (await owner.get(f"/provider/sessions{following[1]}")).text
    assert str(kept) in second
    assert sessions_on(first) | sessions_on(second) >= {str(kept), str(undone)}
    assert len(sessions_on(first) | sessions_on(second)) == 28
    assert not sessions_on(first) & sessions_on(second)


def sessions_on(page: str) -> set[str]:
    return set(re.findall(r'href="/provider/sessions/([0-9a-f-]{36})"', page))


def without_tokens(page: str) -> str:
    page = re.sub(r'name="_csrf" value="[^"]+"', "", page)
    return re.sub(r"[0-9a-f-]{36}", "", page)
