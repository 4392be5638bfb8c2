"""The doors: who is let in, what a form must carry, and what every answer says about itself."""

import re
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
import structlog
from litestar import Litestar, get

from setori import people, vouchers
from setori.app import clock
from setori.db import new_id
from setori.people import Actor, Role
from setori.vouchers import IssueVoucher
from setori.web.guards import RouteWithoutPolicy, public, refuse_silent_routes
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.world import a_market

TOKEN = re.compile(r'name="_csrf" value="([^"]+)"')


@pytest.fixture
async def jobseeker(fresh_database: RealDatabase) -> Actor:
    async with fresh_database.sessions.begin() as db:
        return await a.an_actor(db, Role.JOBSEEKER, None, "Veera Laine", at=clock())


@pytest.fixture
async def link(fresh_database: RealDatabase, jobseeker: Actor) -> str:
    async with fresh_database.sessions.begin() as db:
        return await people.mint_link(db, jobseeker.person_id, None, at=clock())


def token_on(page: httpx.Response) -> str:
    found = TOKEN.search(page.text)
    assert found, page.text
    return found[1]


async def come_in(client: httpx.AsyncClient, link: str) -> httpx.Response:
    page = await client.get("/sign-in/link", params={"token": link})
    return await client.post("/sign-in/link", data={"_csrf": token_on(page), "token": link})


async def is_let_in(client: httpx.AsyncClient, secret: str) -> bool:
    """Whether a cookie alone, as a thief would send it, opens a page for those who are signed in."""
    own = client.cookies
    client.cookies = httpx.Cookies()
    answer = await client.get("/roles", headers={"cookie": f"setori={secret}"})
    client.cookies = own
    assert answer.status_code in (200, 303)
    return answer.status_code == 200


def test_an_app_with_a_silent_route_does_not_start() -> None:
    @get("/open", opt=public())
    async def says_it() -> None: ...

    @get("/silent")
    async def silent() -> None: ...

    refuse_silent_routes(Litestar([says_it], openapi_config=None).routes)
    with pytest.raises(RouteWithoutPolicy, match="GET /silent"):
        refuse_silent_routes(Litestar([says_it, silent], openapi_config=None).routes)


async def test_a_planted_cookie_stays_a_strangers(client: httpx.AsyncClient, link: str) -> None:
    """Whoever plants a cookie of one's own choosing before somebody signs in is not signed in with them."""
    planted = "A" * 43
    client.cookies.set("setori", planted, domain="testserver.local", path="/")
    assert (await client.get("/roles")).headers["location"].startswith("/sign-in")
    answer = await come_in(client, link)
    assert answer.status_code == 303
    minted = answer.cookies["setori"]
    assert minted != planted
    client.cookies.clear()
    assert (await client.get("/roles", headers={"cookie": f"setori={planted}"})).status_code == 303
    assert (await client.get("/roles", headers={"cookie": f"setori={minted}"})).status_code == 200


@pytest.mark.parametrize("cookie", ["setori=", "setori=é", "a b=c; setori=x", "=;;=", "lang=xx; setori=%00"])
async def test_a_cookie_that_is_none_hurts_nobody(client: httpx.AsyncClient, cookie: str) -> None:
    assert (await client.get("/", headers={b"cookie": cookie.encode()})).status_code == 200


async def test_a_strange_cookie_beside_ours_does_not_sign_anybody_out(
    client: httpx.AsyncClient, link: str
) -> None:
    secret = (await come_in(client, link)).cookies["setori"]
    client.cookies.clear()
    answer = await client.get("/roles", headers={"cookie": f'a b[]="; setori={secret}'})
    assert answer.status_code == 200


async def test_the_sign_in_cookie_is_for_the_server_alone(client: httpx.AsyncClient, link: str) -> None:
    said = (await come_in(client, link)).headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=lax" in said
    assert "path=/" in said


async def test_a_link_is_not_used_up_by_looking_and_lets_in_once(
    client: httpx.AsyncClient, link: str
) -> None:
    for _ in range(3):
        assert (await client.get("/sign-in/link", params={"token": link})).status_code == 200
    page = await client.get("/sign-in/link", params={"token": link})
    assert (await come_in(client, link)).status_code == 303
    client.cookies.clear()
    again = await client.post("/sign-in/link", data={"_csrf": token_on(page), "token": link})
    assert again.status_code >= 400
    assert "set-cookie" not in again.headers


async def test_signing_out_makes_the_cookie_worthless(client: httpx.AsyncClient, link: str) -> None:
    secret = (await come_in(client, link)).cookies["setori"]
    page = await client.get("/roles")
    assert (await client.post("/sign-out", data={"_csrf": token_on(page)})).status_code == 303
    client.cookies.clear()
    assert (await client.get("/roles", headers={"cookie": f"setori={secret}"})).status_code == 303


async def test_signing_out_takes_the_cookie_from_the_browser_and_ends_one_sign_in_only(
    client: httpx.AsyncClient, link: str, jobseeker: Actor, fresh_database: RealDatabase
) -> None:
    here = (await come_in(client, link)).cookies["setori"]
    client.cookies.clear()
    async with fresh_database.sessions.begin() as db:
        another = await people.mint_link(db, jobseeker.person_id, None, at=clock())
    elsewhere = (await come_in(client, another)).cookies["setori"]
    left = await client.post("/sign-out", data={"_csrf": token_on(await client.get("/roles"))})
    assert left.headers["set-cookie"].startswith('setori="";')
    assert "max-age=0" in left.headers["set-cookie"].lower()
    assert await is_let_in(client, here)
    assert not await is_let_in(client, elsewhere)


async def test_a_second_sign_in_ends_the_first_of_the_same_browser(
    client: httpx.AsyncClient, link: str, jobseeker: Actor, fresh_database: RealDatabase
) -> None:
    first = (await come_in(client, link)).cookies["setori"]
    async with fresh_database.sessions.begin() as db:
        another = await people.mint_link(db, jobseeker.person_id, None, at=clock())
    second = (await come_in(client, another)).cookies["setori"]
    assert second != first
    assert await is_let_in(client, second)
    assert not await is_let_in(client, first)


async def test_a_link_that_is_spent_leaves_the_sign_in_as_it_was(
    client: httpx.AsyncClient, link: str
) -> None:
    secret = (await come_in(client, link)).cookies["setori"]
    again = await client.post(
        "/sign-in/link", data={"_csrf": token_on(await client.get("/roles")), "token": link}
    )
    assert again.status_code >= 400
    assert await is_let_in(client, secret)


async def test_taking_a_voucher_into_use_ends_the_former_sign_in(
    app: Any, client: httpx.AsyncClient, link: str, fresh_database: RealDatabase
) -> None:
    """Whoever was signed in at this browser before the letter was opened is not any more."""
    market = await a_market(fresh_database, at=clock(), key=app.state.code_key)
    desk = market.actors[Role.CASE_WORKER]
    order = IssueVoucher(programme_id=market.programme_id, name="Aino Virtanen", email="aino@example.fi")
    async with fresh_database.sessions.begin() as db:
        issued = await vouchers.issue(db, order, key=app.state.code_key, by=desk, at=clock())
    before = (await come_in(client, link)).cookies["setori"]
    place = f"/claim/{issued.claim_token}"
    answer = await client.post(place, data={"_csrf": token_on(await client.get("/roles"))})
    assert answer.headers["location"] == "/wallet"
    assert await is_let_in(client, answer.cookies["setori"])
    assert not await is_let_in(client, before)


async def test_switching_role_or_organisation_changes_the_cookie(
    client: httpx.AsyncClient, fresh_database: RealDatabase
) -> None:
    """Every change of what one may do comes with a new secret, and the former one opens nothing."""
    async with fresh_database.sessions.begin() as db:
        here = await a.a_procurer(db, at=clock())
        there = await a.a_procurer(db, "0022", "Varsinais-Suomen työllisyysalue", at=clock())
        actor = await a.an_actor(db, Role.CASE_WORKER, here, "Veera Laine", at=clock())
        await people.add_member(db, actor.person_id, here, Role.REGISTRAR, at=clock())
        await people.add_member(db, actor.person_id, there, Role.CASE_WORKER, at=clock())
        held = await people.list_memberships(db, actor.person_id)
        link = await people.mint_link(db, actor.person_id, held[0].id, at=clock())
    former = (await come_in(client, link)).cookies["setori"]
    for membership in held[1:] + held[:1]:
        data = {"_csrf": token_on(await client.get("/roles"))}
        answer = await client.post(f"/roles/{membership.id}", data=data)
        secret = answer.cookies["setori"]
        assert secret != former
        assert not await is_let_in(client, former)
        async with fresh_database.sessions.begin() as db:
            who = await people.find_sign_in(db, secret, at=clock())
        assert who is not None
        assert (who.role, who.organisation_id) == (membership.role, membership.organisation_id)
        assert (await client.post("/sign-out", data=data)).status_code == 403, "the form's token is new too"
        former = secret


async def test_a_switch_that_is_refused_leaves_the_sign_in_as_it_was(
    client: httpx.AsyncClient, link: str
) -> None:
    secret = (await come_in(client, link)).cookies["setori"]
    answer = await client.post(f"/roles/{new_id()}", data={"_csrf": token_on(await client.get("/roles"))})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
    assert await is_let_in(client, secret)


async def test_nobody_is_sent_to_another_site_after_signing_in(client: httpx.AsyncClient) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "/%5cevil\\x"):
        page = await client.get("/sign-in", params={"next": elsewhere})
        assert re.search(r'name="next" value="/"', page.text), elsewhere


async def test_a_form_without_this_sign_ins_token_is_refused(client: httpx.AsyncClient, link: str) -> None:
    strangers = token_on(await client.get("/sign-in"))
    await come_in(client, link)
    for data in ({}, {"_csrf": ""}, {"_csrf": "é"}, {"_csrf": "AAAA"}, {"_csrf": strangers}):
        assert (await client.post("/sign-out", data=data)).status_code == 403, data
    assert (await client.get("/roles")).status_code == 200
    assert (await client.post("/sign-out", json={"_csrf": strangers})).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.local.evil.example"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_form_from_another_site_is_refused_even_with_a_token(
    client: httpx.AsyncClient, link: str, headers: dict[str, str]
) -> None:
    await come_in(client, link)
    data = {"_csrf": token_on(await client.get("/roles"))}
    assert (await client.post("/sign-out", data=data, headers=headers)).status_code == 403
    own = {"origin": "http://testserver.local", "sec-fetch-site": "same-origin"}
    assert (await client.post("/sign-out", data=data, headers=own)).status_code == 303


async def test_every_answer_tells_the_browser_to_be_strict(client: httpx.AsyncClient, link: str) -> None:
    await come_in(client, link)
    for path in ("/", "/roles", "/nothing-here", "/static/nothing.css", "/api/v1/nothing"):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert headers["cross-origin-opener-policy"] == "same-origin", path
        assert headers["x-request-id"], path
    assert (await client.get("/roles")).headers["cache-control"] == "no-store"


async def test_no_page_holds_a_script_or_a_style_of_its_own(client: httpx.AsyncClient, link: str) -> None:
    await come_in(client, link)
    for path in ("/", "/sign-in", "/coaches", "/how", "/roles", "/nothing-here"):
        page = (await client.get(path)).text
        assert re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", page) is None, path


async def test_what_is_missing_and_what_is_anothers_look_the_same(
    client: httpx.AsyncClient, link: str, fresh_database: RealDatabase
) -> None:
    """Byte for byte, but for the form's token, which looks different on every page."""
    async with fresh_database.sessions.begin() as db:
        stranger = await a.an_actor(db, Role.JOBSEEKER, None, "Aino Kettunen", at=clock())
        theirs = (await people.list_memberships(db, stranger.person_id))[0].id
    await come_in(client, link)
    data = {"_csrf": token_on(await client.get("/roles"))}
    bodies = []
    for membership_id in (theirs, new_id()):
        answer = await client.post(f"/roles/{membership_id}", data=data)
        assert answer.status_code == 404
        bodies.append(TOKEN.sub("", answer.text).replace(str(membership_id), ""))
    assert bodies[0] == bodies[1]


async def test_a_page_of_a_role_is_not_for_the_others(client: httpx.AsyncClient, link: str) -> None:
    assert (await client.get("/procurer")).headers["location"] == "/sign-in?next=/procurer"
    await come_in(client, link)
    for path in ("/procurer", "/provider"):
        assert (await client.get(path)).status_code == 403, path


async def test_machines_are_answered_with_problem_documents(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["status"] == 404


@pytest.mark.parametrize(
    ("asked", "accepts", "expected"),
    [
        ("", "sv-FI,sv;q=0.9,en;q=0.5", "sv"),
        ("", "de-DE,de;q=0.9", "fi"),
        ("", "de, en;q=0.3, fi;q=0.8", "fi"),
        ("?lang=en", "fi", "en"),
        ("?lang=xx", "en", "en"),
    ],
)
async def test_a_page_speaks_the_readers_language(
    client: httpx.AsyncClient, asked: str, accepts: str, expected: str
) -> None:
    page = await client.get(f"/{asked}", headers={"accept-language": accepts})
    assert f'<html lang="{expected}"' in page.text


async def test_a_chosen_language_is_remembered(client: httpx.AsyncClient) -> None:
    await client.get("/?lang=en", headers={"accept-language": "fi"})
    assert '<html lang="en"' in (await client.get("/", headers={"accept-language": "fi"})).text


async def test_the_log_holds_no_secret_that_an_address_carries(client: httpx.AsyncClient) -> None:
    logged: list[MutableMapping[str, Any]]
    with structlog.testing.capture_logs() as logged:
        await client.get("/claim/a-secret-of-somebody")
        await client.get("/sign-in/link?token=a-secret-of-somebody")
        await client.get("/nothing/a-secret-of-somebody")
    assert len([entry for entry in logged if entry["event"] == "request"]) == 3
    assert "a-secret-of-somebody" not in repr(logged)


async def test_a_letter_is_no_way_in_as_somebody_who_is_known_already(
    app: Any, client: httpx.AsyncClient, fresh_database: RealDatabase
) -> None:
    """Whoever issues a voucher knows its link, and could write an approver's address on it."""
    market = await a_market(fresh_database, at=clock(), key=app.state.code_key)
    desk, approver = market.actors[Role.CASE_WORKER], market.actors[Role.APPROVER]
    async with fresh_database.sessions.begin() as db:
        email = (await people.find_person(db, approver.person_id)).email
        order = IssueVoucher(programme_id=market.programme_id, name="Anybody", email=email)
        issued = await vouchers.issue(db, order, key=app.state.code_key, by=desk, at=clock())
    assert issued.person_id == approver.person_id
    place = f"/claim/{issued.claim_token}"
    answer = await client.post(place, data={"_csrf": token_on(await client.get(place))})
    assert "setori" not in answer.cookies
    assert "You have been here before" in answer.text or "Olet käynyt täällä ennenkin" in answer.text
    assert (await client.get("/roles")).status_code == 303, "nobody has come in"

    async with fresh_database.sessions() as db:
        (mail,) = (
            one
            for one in (await people.list_outbox(db, person_id=approver.person_id)).items
            if one.kind == "sign_in_link"
        )
    came = await come_in(client, str(mail.params["token"]))
    assert came.headers["location"] == place, "the own link leads to the voucher"
    taken = await client.post(place, data={"_csrf": token_on(await client.get(place))})
    assert taken.headers["location"] == "/wallet"
    again = await client.post(place, data={"_csrf": token_on(await client.get("/roles"))})
    assert again.status_code == 409


async def test_a_jobseeker_who_is_signed_in_takes_the_next_voucher_with_one_press(
    app: Any, client: httpx.AsyncClient, fresh_database: RealDatabase, link: str
) -> None:
    market = await a_market(fresh_database, at=clock(), key=app.state.code_key)
    secret = (await come_in(client, link)).cookies["setori"]
    async with fresh_database.sessions.begin() as db:
        actor = await people.find_sign_in(db, secret, at=clock())
        assert actor
        email = (await people.find_person(db, actor.person_id)).email
        order = IssueVoucher(programme_id=market.programme_id, name="Veera", email=email)
        issued = await vouchers.issue(
            db, order, key=app.state.code_key, by=market.actors[Role.CASE_WORKER], at=clock()
        )
    taken = await client.post(
        f"/claim/{issued.claim_token}", data={"_csrf": token_on(await client.get("/roles"))}
    )
    assert taken.headers["location"] == "/wallet"
    assert await is_let_in(client, secret), "the same sign-in goes on"
