"""A form sent after one was signed out: nothing typed is lost, nothing is done unasked."""

import re
from uuid import uuid4

import pytest

from setori import people
from setori.app import clock
from setori.people import Role
from tests.domains import builders as a
from tests.web.visiting import visitor

CSRF = re.compile(r'name="_csrf" value="([^"]+)"')
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
OURS = {"sec-fetch-site": "same-origin", "accept-language": "en"}


@pytest.fixture
async def owner(fresh_database):
    async with fresh_database.sessions.begin() as db:
        return await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db))


def again(page: str) -> dict[str, list[str]]:
    """The form that a page offers to send once more."""
    typed: dict[str, list[str]] = {"_csrf": [CSRF.findall(page)[-1]]}
    for name, value in FIELD.findall(page):
        if name != "_csrf":
            typed.setdefault(name, []).append(value.replace("&lt;", "<").replace("&gt;", ">"))
    return typed


async def test_what_was_typed_comes_back_and_is_sent_after_signing_in(client, fresh_database, owner):
    typed = {
        "_csrf": "old",
        "city": "Orivesi",
        "summary.fi": "Olemme pieni ja <hidas> talo.",
        "languages": "fi",
    }
    refused = await client.post("/provider/profile", data=typed, headers=OURS)
    assert refused.status_code == 401
    assert refused.headers["cache-control"] == "no-store"
    assert "Nothing has been sent yet" in refused.text
    assert '<p class="typed">Olemme pieni ja &lt;hidas&gt; talo.</p>' in refused.text
    form = again(refused.text)
    assert form["city"] == ["Orivesi"]

    still_out = await client.post("/provider/profile", data=form, headers=OURS)
    assert still_out.status_code == 401
    self = await visitor(client, fresh_database.sessions, owner)
    asked = await client.post("/provider/profile", data=form, headers={**self.headers, **OURS})
    assert asked.status_code == 403, "not done before one has seen as whom"
    assert "You are Aino Virtanen now" in asked.text
    sent = await client.post("/provider/profile", data=again(asked.text), headers={**self.headers, **OURS})
    assert sent.headers["location"] == "/provider/profile?said=saved"
    assert "Olemme pieni ja &lt;hidas&gt; talo." in (await self.get("/provider/profile")).text


async def test_another_site_gets_no_such_page(client, fresh_database, owner):
    self = await visitor(client, fresh_database.sessions, owner)
    for told in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ):
        answer = await client.post(
            "/provider/profile", data={"city": "Oulu"}, headers={**self.headers, **told}
        )
        assert answer.status_code == 403
        assert "Oulu" not in answer.text
        assert "Send it now" not in answer.text


async def test_tokens_are_not_given_back_and_a_file_is_chosen_anew(client):
    typed = {"token": "a-secret-of-somebody", "text": "Words that are worth keeping."}
    refused = await client.post("/provider/profile", data=typed, headers=OURS)
    assert "a-secret-of-somebody" not in refused.text
    assert "worth keeping" in refused.text
    sheet = {"file": ("paper.pdf", b"%PDF-", "application/pdf")}
    refused = await client.post("/provider/documents", data={"_csrf": "x"}, files=sheet, headers=OURS)
    assert refused.status_code == 401
    assert "choose it again" in refused.text
    assert "go on</button>" not in refused.text


async def test_a_page_that_was_asked_for_is_shown_after_signing_in_with_its_filters(client):
    answer = await client.get(f"/provider/sessions?status=held&after={uuid4()}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=/provider/sessions%3Fstatus%3Dheld")


async def test_a_part_of_a_page_is_told_so_and_nothing_more(client):
    answer = await client.post(
        "/provider/profile", data={"city": "Oulu"}, headers={**OURS, "hx-request": "true"}
    )
    assert (answer.status_code, answer.content) == (401, b"")


async def test_a_role_that_may_not_is_refused_as_ever(client, fresh_database, owner):
    async with fresh_database.sessions.begin() as db:
        coach = await a.an_actor(db, Role.COACH, owner.organisation_id, at=clock())
        assert await people.list_memberships(db, coach.person_id)
    self = await visitor(client, fresh_database.sessions, coach)
    answer = await self.post("/provider/profile", {"city": "Oulu"})
    assert answer.status_code == 403
    assert "Send it now" not in answer.text
