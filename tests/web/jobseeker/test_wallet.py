"""The wallet: a voucher is claimed by its link, a coach chosen, each session answered for, and only by its holder."""

import re

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from setori import catalogue, vouchers
from setori.app import clock
from setori.catalogue import Coach
from setori.db import new_id
from setori.people import Role
from setori.vouchers import IssueVoucher
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.web.visiting import Visitor, visitor
from tests.world import Market, a_market, a_session


@pytest.fixture
async def market(app, fresh_database: RealDatabase) -> Market:
    return await a_market(fresh_database, 3, at=clock(), key=app.state.code_key)


@pytest.fixture
async def holder(client: httpx.AsyncClient, market: Market, fresh_database: RealDatabase) -> Visitor:
    return await visitor(client, fresh_database.sessions, market.actors[Role.JOBSEEKER])


@pytest.fixture
def record(app, market: Market, fresh_database: RealDatabase):
    async def recorded(*, confirmed: bool = False):
        return await a_session(
            fresh_database.sessions, market, at=clock(), confirmed=confirmed, key=app.state.code_key
        )

    return recorded


async def test_looking_at_the_link_takes_nothing_and_pressing_the_button_lets_one_in(
    app, client, market, fresh_database
):
    order = IssueVoucher(
        programme_id=market.programme_id, name="Ville Koski", email="ville@example.fi", units=1
    )
    async with fresh_database.sessions.begin() as db:
        issued = await vouchers.issue(
            db, order, key=app.state.code_key, by=market.actors[Role.CASE_WORKER], at=clock()
        )
    path = f"/claim/{issued.claim_token}"
    stranger = {"accept-language": "en"}
    for _ in range(2):
        page = await client.get(path, headers=stranger)
        assert "Take it into use" in page.text
    token = re.search(r'name="_csrf" value="([^"]+)"', page.text)[1]

    taken = await client.post(path, data={"_csrf": token}, headers=stranger)

    assert (taken.status_code, taken.headers["location"]) == (303, "/wallet")
    wallet = (await client.get("/wallet", headers=stranger)).text
    assert vouchers.shown(issued.code) in wallet
    assert "Next: choose your coach" in wallet
    assert "The voucher pays for 1 session with" in wallet
    client.cookies.clear()
    assert "taken into use already" in (await client.get(path, headers=stranger)).text
    assert (await client.get("/claim/no-such-link", headers=stranger)).status_code == 404


async def test_the_ticket_shows_the_code_the_sessions_left_and_a_human(holder, market, record):
    await record(confirmed=True)
    page = (await holder.get("/wallet")).text
    assert vouchers.shown(market.code) in page
    assert "<strong>2 sessions</strong>" in page
    assert "<svg" in page
    assert "mailto:" in page
    assert "Confirmed" in page


async def test_changing_the_coach_is_checked_first_and_done_by_a_button(holder, market, fresh_database):
    async with fresh_database.sessions.begin() as db:
        other = await a.a_coach(db, market.provider_id, "Fatima Warsame", at=clock())
        owner = market.actors[Role.PROVIDER_OWNER]
        offering = await a.an_offering(db, owner, market.service_id, [other], price_cents=90_00, at=clock())
    check = await holder.get(f"/wallet/{market.voucher_id}/choose?offering={offering}&coach={other}")
    assert "Choose Fatima Warsame?" in check.text
    assert "Times that you have booked with Maija Mäkelä are let go." in check.text
    assert "Maija Mäkelä" in (await holder.get("/wallet")).text

    typed = {"offering_id": str(offering), "coach_id": str(other)}
    chosen = await holder.post(f"/wallet/{market.voucher_id}/choice", typed)

    assert chosen.status_code == 303
    wallet = (await holder.get("/wallet")).text
    assert "Fatima Warsame" in wallet
    assert "Maija Mäkelä" not in wallet


async def test_a_coach_who_costs_more_than_the_voucher_covers_is_refused_in_words(
    holder, market, fresh_database
):
    async with fresh_database.sessions.begin() as db:
        owner = market.actors[Role.PROVIDER_OWNER]
        dear = await a.an_offering(db, owner, market.service_id, price_cents=150_00, at=clock())
    refused = await holder.post(f"/wallet/{market.voucher_id}/choice", {"offering_id": str(dear)})
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    assert "Maija Mäkelä" in (await holder.get("/wallet")).text


@pytest.mark.parametrize("lost", ["offering", "coach"])
async def test_what_was_taken_down_since_the_page_was_read_is_refused_in_words(
    holder, market, fresh_database, lost
):
    said = "This coach cannot be chosen with your voucher: no longer on offer"
    async with fresh_database.sessions.begin() as db:
        owner = market.actors[Role.PROVIDER_OWNER]
        coaches = [await a.a_coach(db, market.provider_id, name, at=clock()) for name in ("Eeva", "Olli")]
        offering = await a.an_offering(db, owner, market.service_id, coaches, at=clock())
    check = f"/wallet/{market.voucher_id}/choose?offering={offering}&coach={coaches[0]}"
    assert "Choose Eeva?" in (await holder.get(check)).text
    async with fresh_database.sessions.begin() as db:
        if lost == "offering":
            await catalogue.take_down_offering(db, offering, by=owner, at=clock())
        else:
            await db.exec(update(Coach).where(col(Coach.id) == coaches[0]).values(is_active=False))
    typed = {"offering_id": str(offering), "coach_id": str(coaches[0])}
    late = await holder.post(f"/wallet/{market.voucher_id}/choice", typed)
    for answer in (late, await holder.get(check)):
        assert answer.status_code == 409
        assert said in answer.text
    assert "Maija Mäkelä" in (await holder.get("/wallet")).text, "nothing was changed"


async def test_yes_we_met_leads_to_the_question_and_the_next_visitor_reads_it(holder, market, record):
    session = await record()
    assert "Did you meet on" in (await holder.get("/wallet")).text
    page = (await holder.get(f"/sessions/{session}")).text
    assert "Yes, we met" in page
    assert "paid" in page

    said_yes = await holder.post(f"/sessions/{session}/confirmation")
    pulse = said_yes.headers["location"]
    assert re.fullmatch("/pulses/[0-9a-f-]{36}", pulse)
    again = await holder.post(f"/sessions/{session}/confirmation")
    assert again.status_code == 303

    assert f'href="{pulse}"' in (await holder.get("/wallet")).text
    unmarked = await holder.post(pulse, {"text": "Sain rohkeutta soittaa."})
    assert unmarked.status_code == 422
    assert "Sain rohkeutta soittaa." in unmarked.text
    assert "Error:" in unmarked.text
    assert (await holder.post(pulse, {"respect": "9"})).status_code == 422
    said = await holder.post(pulse, {"respect": "5", "plan": "4", "text": "Sain rohkeutta soittaa."})
    assert said.status_code == 303
    assert pulse not in (await holder.get("/wallet")).text
    anew = await holder.get(pulse)
    assert "Say it anew" in anew.text
    assert "Sain rohkeutta soittaa." in anew.text
    offering = await Visitor(holder.client).get(f"/offerings/{market.offering_id}")
    assert "Sain rohkeutta soittaa." in offering.text


async def test_a_dispute_needs_words_keeps_the_money_held_and_can_be_taken_back(holder, market, record):
    session = await record()
    empty = await holder.post(f"/sessions/{session}/dispute", {"kind": "did_not_happen", "words": " "})
    assert empty.status_code == 422
    assert "Check these" in empty.text
    short = await holder.post(f"/sessions/{session}/dispute", {"kind": "shorter", "words": "It was short."})
    assert short.status_code == 422, "how short?"
    said = {"kind": "shorter", "minutes": "25", "words": "Tapasimme vain hetken."}
    disputed = await holder.post(f"/sessions/{session}/dispute", said)
    assert disputed.headers["location"] == f"/sessions/{session}"
    page = (await holder.get(f"/sessions/{session}")).text
    assert "Tapasimme vain hetken." in page
    assert "25 minutes" in page
    assert "<strong>2 sessions</strong>" in (await holder.get("/wallet")).text, "the money stays held"
    again = await holder.post(f"/sessions/{session}/dispute", said)
    assert again.status_code == 303, "saying it twice is saying it once"
    assert (await holder.post(f"/sessions/{session}/confirmation")).status_code == 303
    late = await holder.post(f"/sessions/{session}/dispute", said)
    assert late.status_code == 409
    assert "cannot be changed" in late.text


async def test_anothers_voucher_and_session_are_the_same_404_as_missing_ones(
    app, client, market, record, fresh_database
):
    session = await record()
    other = await a_market(
        fresh_database, at=clock(), key=app.state.code_key, area=("0012", "Varsinais-Suomi")
    )
    stranger = await visitor(client, fresh_database.sessions, other.actors[Role.JOBSEEKER])
    choice = {"offering_id": str(market.offering_id), "coach_id": str(market.coach_id)}
    wanted = f"offering={market.offering_id}&coach={market.coach_id}"
    for theirs, none in ((market.voucher_id, new_id()), (session, new_id())):
        for path, typed in (
            ("/wallet/{}/choose?" + wanted, None),
            ("/wallet/{}/choice", choice),
            ("/sessions/{}", None),
            ("/sessions/{}/confirmation", {}),
            ("/sessions/{}/dispute", {"kind": "otherwise", "words": "Not mine at all"}),
        ):
            answers = []
            for id in (theirs, none):
                asked = path.format(id)
                answer = await (stranger.get(asked) if typed is None else stranger.post(asked, typed))
                words = re.sub(r'name="_csrf" value="[^"]+"', "", answer.text)
                answers.append((answer.status_code, words.replace(str(id), "")))
            assert answers[0][0] == 404, path
            assert answers[0] == answers[1], path


@pytest.mark.parametrize("role", [Role.COACH, Role.CASE_WORKER])
async def test_a_wallet_is_for_jobseekers(client, market, fresh_database, role):
    somebody = await visitor(client, fresh_database.sessions, market.actors[role])
    assert (await somebody.get("/wallet")).status_code == 403
    assert (await Visitor(client).get("/wallet")).status_code in (303, 401)
