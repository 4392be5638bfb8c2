"""Coming in over the pages: from the letter to the desk, and every wrong turn on the way."""

import re

import httpx
import pytest

from setori import people, registry
from setori.app import clock
from setori.people import Role
from tests.domains import builders as a
from tests.web.visiting import Visitor, visitor

CSRF = re.compile(r'name="_csrf" value="([^"]+)"')
ASKED = {"name": "Tuire Testi", "email": "tuire@example.fi"}


def a_firm(**others: str) -> dict[str, str]:
    told = {"business_id": a.a_business_id(), "name": "Testi Oy", "own_name": "Tuire Testi", "may_act": "yes"}
    return {**told, **others}


@pytest.fixture
def stranger(client: httpx.AsyncClient) -> "Stranger":
    return Stranger(client)


class Stranger:
    """Somebody without a sign-in, with a browser of one's own."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers={"accept-language": "en"})

    async def post(self, path: str, typed: dict[str, str], *, page: str | None = None) -> httpx.Response:
        shown = await self.get(page or path)
        cookie = "; ".join(f"{name}={value}" for name, value in shown.cookies.items())
        found = CSRF.search(shown.text)
        assert found
        headers = {"accept-language": "en", "cookie": cookie}
        return await self.client.post(path, data={"_csrf": found[1], **typed}, headers=headers)


async def letter_to(database, email: str) -> str:
    """The path that the newest letter to an address leads to."""
    async with database.sessions.begin() as db:
        mail = next(one for one in (await people.list_outbox(db)).items if one.email == email)
    return f"/join/invitation?token={mail.params['token']}"


async def registrar_of(database, client) -> tuple[Visitor, str]:
    """A registrar at the desk, and a rulebook that takes applications."""
    async with database.sessions.begin() as db:
        procurer = await a.a_procurer(db)
        who = await a.an_actor(db, Role.REGISTRAR, procurer)
        book = await a.a_rulebook(db, who, await a.a_service(db))
    return await visitor(client, database.sessions, who), str(book)


def cookie_of(answer: httpx.Response) -> str:
    found = re.search(r"setori=([^;]+)", ";".join(answer.headers.get_list("set-cookie")))
    assert found
    return found[1]


async def test_a_firm_registers_and_stands_at_its_desk(client, fresh_database, stranger):
    sent = await stranger.post("/join", ASKED)
    assert "A link is on its way to tuire@example.fi" in sent.text
    letter = await letter_to(fresh_database, "tuire@example.fi")
    token = letter.partition("=")[2]
    shown = await stranger.get(letter)
    assert "Business ID" in shown.text
    assert 'value="Tuire Testi"' in shown.text
    come = await stranger.post("/join/invitation", {"token": token, **a_firm()}, page=letter)
    assert (come.status_code, come.headers["location"]) == (303, "/provider")
    owner = Visitor(client, cookie_of(come))
    desk = await owner.get("/provider")
    assert "Your firm is registered. What next?" in desk.text
    assert "Testi Oy" in desk.text
    assert (await owner.get("/provider/profile")).status_code == 200
    again = await stranger.get(letter)
    assert again.status_code == 409
    assert "sign in as always" in again.text


async def test_nothing_typed_is_lost_and_every_error_stands_at_its_field(client, fresh_database, stranger):
    empty = await stranger.post("/join", {"name": "", "email": "tuire"})
    assert empty.status_code == 422
    assert 'href="#f-name"' in empty.text
    assert 'href="#f-email"' in empty.text
    await stranger.post("/join", ASKED)
    letter = await letter_to(fresh_database, "tuire@example.fi")
    token = letter.partition("=")[2]
    async with fresh_database.sessions.begin() as db:
        known = (await people.find_organisation(db, await a.a_provider(db))).business_id
    for typed, said in (
        ({"business_id": "1234567-0"}, "This is not a Finnish Business ID"),
        ({"business_id": known}, "This firm is here already. Ask its owner to invite you."),
        ({"may_act": ""}, "Tick this if it is so."),
        ({"name": ""}, "Fill this in."),
    ):
        told = {"token": token, **a_firm(own_name="Tuire Tarkka"), **typed}
        refused = await stranger.post("/join/invitation", told, page=letter)
        assert refused.status_code == 422
        assert said in refused.text
        assert 'value="Tuire Tarkka"' in refused.text
    assert (await stranger.get(letter)).status_code == 200, "the letter is good still"


async def test_an_invited_firm_sees_the_rulebook_first_and_the_registrar_sees_how_it_came(
    client, fresh_database, stranger
):
    desk, book = await registrar_of(fresh_database, client)
    assert "Nobody has been invited yet." in (await desk.get("/procurer/invitations")).text
    sent = await desk.post("/procurer/invitations", {"firm_name": "Testi Oy", "rulebook_id": book, **ASKED})
    assert sent.headers["location"] == "/procurer/invitations?said=invited"
    assert "good until" in (await desk.get("/procurer/invitations")).text
    letter = await letter_to(fresh_database, "tuire@example.fi")
    assert "has asked you to come" in (await stranger.get(letter)).text
    come = await stranger.post(
        "/join/invitation", {"token": letter.partition("=")[2], **a_firm()}, page=letter
    )
    assert come.headers["location"] == f"/provider/rulebooks/{book}"
    owner = Visitor(client, cookie_of(come))
    begun = await owner.post(f"/provider/rulebooks/{book}/applications")
    application = begun.headers["location"].rpartition("/")[2]
    assert application
    assert "Has come in" in (await desk.get("/procurer/invitations")).text
    async with fresh_database.sessions.begin() as db:
        found = await people.find_by_email(db, "tuire@example.fi")
        (held,) = await people.list_memberships(db, found)
        came = people.Actor(found, held.role, held.organisation_id, "Tuire Testi", "fi")
        sent_in = await a.an_application(db, (await other_book(db)), came, at=clock())
    shown = await desk.get(f"/procurer/applications/{sent_in}")
    assert "by Tuire Testi, whom Pirkanmaan työllisyysalue had invited." in shown.text


async def other_book(db):
    """Another rulebook of the one procurer there is."""
    procurers = await people.list_organisations(db, people.OrganisationKind.PROCURER)
    registrar = await a.an_actor(db, Role.REGISTRAR, procurers[0].id)
    return await a.a_rulebook(db, registrar, await a.a_service(db, "another"), at=clock())


async def test_letters_are_sent_again_and_taken_back(client, fresh_database, stranger):
    desk, _ = await registrar_of(fresh_database, client)
    await desk.post("/procurer/invitations", {"firm_name": "Testi Oy", **ASKED})
    first = await letter_to(fresh_database, "tuire@example.fi")
    listed = (await desk.get("/procurer/invitations")).text
    (id,) = set(re.findall(r"/procurer/invitations/([0-9a-f-]{36})/again", listed))
    await desk.post(f"/procurer/invitations/{id}/again")
    second = await letter_to(fresh_database, "tuire@example.fi")
    assert (await stranger.get(first)).status_code == 409
    assert (await stranger.get(second)).status_code == 200
    taken = await desk.post(f"/procurer/invitations/{id}/take-back")
    assert taken.headers["location"].endswith("said=taken_back")
    assert (await stranger.get(second)).status_code == 409
    assert "Taken back" in (await desk.get("/procurer/invitations")).text
    refused = await desk.post(f"/procurer/invitations/{id}/again")
    assert refused.status_code == 409
    assert "Write a new one." in refused.text


async def an_owner(database, client) -> tuple[Visitor, people.Actor]:
    async with database.sessions.begin() as db:
        who = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db, "Suunta Oy"))
    return await visitor(client, database.sessions, who), who


async def test_a_colleague_comes_and_goes(client, fresh_database, stranger):
    owner, _ = await an_owner(fresh_database, client)
    empty = await owner.post("/provider/people", {"name": "Kalle", "email": "kalle@example.fi"})
    assert empty.status_code == 422, "nothing is chosen for the owner"
    asked = {"name": "Kalle Kollega", "email": "kalle@example.fi", "role": "coach"}
    await owner.post("/provider/people", asked)
    shown = (await owner.get("/provider/people?said=invited")).text
    assert "The invitation is on its way." in shown
    assert "Kalle Kollega" in shown
    letter = await letter_to(fresh_database, "kalle@example.fi")
    assert "Aino Virtanen asks you to act for Suunta Oy" in (await stranger.get(letter)).text
    come = await stranger.post("/join/invitation", {"token": letter.partition("=")[2]}, page=letter)
    assert come.headers["location"] == "/provider"
    colleague = Visitor(client, cookie_of(come))
    assert (await colleague.get("/provider")).status_code == 200
    assert (await colleague.get("/provider/people")).status_code == 403
    twice = await owner.post("/provider/people", asked)
    assert (twice.status_code, "has that role in your firm already" in twice.text) == (409, True)

    ends = re.findall(r"/provider/people/([0-9a-f-]{36})/end", (await owner.get("/provider/people")).text)
    assert "A firm needs an owner" in (await owner.post(f"/provider/people/{ends[0]}/end")).text
    ask = await owner.get(f"/provider/people/{ends[1]}/end")
    assert "signed out of the firm at once" in ask.text
    gone = await owner.post(f"/provider/people/{ends[1]}/end")
    assert gone.headers["location"] == "/provider/people?said=ended"
    assert (await colleague.get("/provider")).status_code == 303, "signed out"


async def test_an_owner_who_ends_the_own_role_is_out(client, fresh_database):
    owner, who = await an_owner(fresh_database, client)
    async with fresh_database.sessions.begin() as db:
        await a.an_actor(db, Role.PROVIDER_OWNER, who.organisation_id, "Toinen Omistaja")
        (held,) = await people.list_memberships(db, who.person_id)
    assert "This is your own role" in (await owner.get(f"/provider/people/{held.id}/end")).text
    gone = await owner.post(f"/provider/people/{held.id}/end")
    assert gone.headers["location"] == "/"
    assert (await owner.get("/provider")).status_code == 303


async def test_a_letter_to_somebody_who_is_here_asks_for_an_own_link(client, fresh_database, stranger):
    owner, _ = await an_owner(fresh_database, client)
    async with fresh_database.sessions.begin() as db:
        approver = await a.an_actor(db, Role.APPROVER, await a.a_procurer(db), "Hilkka Hyväksyjä")
        email = (await people.find_person(db, approver.person_id)).email
    await owner.post("/provider/people", {"name": "?", "email": email, "role": "provider_owner"})
    letter = await letter_to(fresh_database, email)
    token = letter.partition("=")[2]
    assert "so we make sure that it is you" in (await stranger.get(letter)).text
    asked = await stranger.post("/join/invitation", {"token": token}, page=letter)
    assert (asked.status_code, "set-cookie" in asked.headers) == (200, False)
    async with fresh_database.sessions.begin() as db:
        mail = next(one for one in (await people.list_outbox(db)).items if one.email == email)
        assert mail.kind == "sign_in_link"
        seen = await people.look_at_link(db, str(mail.params["token"]), at=clock())
    assert seen.next_path == letter, "it leads back to the invitation"
    as_owner = await owner.get(letter)
    assert "You are signed in as somebody else" in as_owner.text
    self = await visitor(client, fresh_database.sessions, approver)
    come = await self.post("/join/invitation", {"token": token})
    assert come.headers["location"] == "/provider"
    assert (await self.get("/procurer")).status_code == 303, "the former sign-in has ended"


async def test_a_firm_without_anybody_is_given_an_owner_by_who_approved_it(client, fresh_database):
    desk, book = await registrar_of(fresh_database, client)
    async with fresh_database.sessions.begin() as db:
        firm = await a.a_provider(db, "Tuotu Oy")
        approval = await a.an_approval(db, book, firm)
        other = await a.a_provider(db, "Muu Oy")
    shown = (await desk.get(f"/procurer/approvals/{approval}")).text
    assert f"/procurer/invitations/new?provider={firm}" in shown
    form = await desk.get(f"/procurer/invitations/new?provider={firm}")
    assert "Whoever accepts becomes its owner" in form.text
    assert (await desk.get(f"/procurer/invitations/new?provider={other}")).status_code == 404
    asked = {"provider_id": str(firm), "firm_name": "Tuotu Oy", **ASKED}
    assert (await desk.post("/procurer/invitations", asked)).status_code == 303
    asked["provider_id"] = str(other)
    assert (await desk.post("/procurer/invitations", asked)).status_code == 409


async def test_a_stranger_does_not_fill_the_mailboxes_of_others(stranger):
    for _ in range(10):
        assert (await stranger.post("/join", ASKED)).status_code == 200
    refused = await stranger.post("/join", ASKED)
    assert refused.status_code == 429
    assert refused.headers["retry-after"]
    assert 'value="tuire@example.fi"' in refused.text


async def test_letters_speak_the_language_they_were_asked_in(client, fresh_database):
    desk, book = await registrar_of(fresh_database, client)
    await desk.post(
        "/procurer/invitations", {"firm_name": "Testi Ab", "rulebook_id": book, "language": "sv", **ASKED}
    )
    async with fresh_database.sessions.begin() as db:
        (mail,) = [one for one in (await people.list_outbox(db)).items if one.email == ASKED["email"]]
        title = (await registry.find_rulebook(db, mail.params["title"] and book)).title
    assert (mail.language, mail.params["title"]) == ("sv", title)
