"""Changing and withdrawing what one said in a dialogue, over the pages: signed in, and by the link of the mail."""

import csv
import html
import io
from datetime import timedelta

import pytest

from setori import dialogue
from setori.app import clock
from setori.days import local_day
from setori.dialogue import OpenDialogue, Shows
from setori.people import Role
from tests.domains import builders as a
from tests.domains.test_dialogue import a_draft
from tests.web.test_dialogue import link_to, outsider_posts
from tests.web.visiting import visitor

GONE = "Withdrawn by its author"


@pytest.fixture
async def talk(fresh_database):
    async with fresh_database.sessions.begin() as db:
        procurer_id = await a.a_procurer(db)
        registrar = await a.an_actor(db, Role.REGISTRAR, procurer_id)
        book = await a_draft(db, registrar, await a.a_service(db), at=clock())
        order = OpenDialogue(closes_on=local_day(clock()) + timedelta(days=14), shows=Shows.AT_ONCE)
        id = await dialogue.open_dialogue(db, book, order, by=registrar, at=clock())
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db))
        rival = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db, "Kilpa Oy"))
    return id, registrar, owner, rival, fresh_database.sessions


async def link_on(browser, talk_id) -> str:
    page = (await browser.get(f"/dialogue/{talk_id}")).text
    assert 'href="/provider/remarks/' in page
    return "/provider/remarks/" + page.split('href="/provider/remarks/')[1].split('"')[0]


async def test_a_firm_changes_what_it_said_and_takes_it_back(client, talk) -> None:
    id, registrar, owner, rival, sessions = talk
    mine, theirs = await visitor(client, sessions, owner), await visitor(client, sessions, rival)
    await mine.post(f"/dialogue/{id}/remarks", {"kind": "comment", "text": "Too strict <b>by far"})
    path = await link_on(mine, id)
    assert "/provider/remarks/" not in (await theirs.get(f"/dialogue/{id}")).text
    assert (await theirs.get(path)).status_code == 404
    page = (await mine.get(path)).text
    assert 'name="over" value="Too strict &lt;b&gt;by far"' in page
    short = await mine.post(path, {"text": "x", "over": "Too strict <b>by far"})
    assert short.status_code == 422
    stale = await mine.post(path, {"text": "Rather strict", "over": "Something else"})
    assert (stale.status_code, "Rather strict" in stale.text) == (409, True), "what was typed stands"
    done = await mine.post(path, {"text": "Rather strict", "over": "Too strict <b>by far"})
    assert done.headers["location"] == f"/dialogue/{id}?said=mended#said"
    public = (await client.get(f"/dialogue/{id}?lang=en")).text
    assert "Rather strict" in public
    assert "Too strict" not in public
    assert ", changed " in public
    assert "cannot be undone" in (await mine.get(f"{path}/withdrawal")).text
    assert (await mine.post(f"{path}/withdrawal")).status_code == 303
    public = (await client.get(f"/dialogue/{id}?lang=en")).text
    assert (GONE in public, "Rather strict" in public) == (True, False)
    said = (await client.get(f"/dialogue/{id}/remarks.csv?lang=en")).text.lstrip("\ufeff")
    assert [row["Text"] for row in csv.DictReader(io.StringIO(said))] == [GONE]
    desk = (await (await visitor(client, sessions, registrar)).get(f"/procurer/dialogues/{id}")).text
    assert (GONE in desk, 'name="remark_ids"' in desk) == (True, False)
    again = (await mine.get(path)).text
    assert "You have withdrawn this" in again
    assert 'name="text"' not in again


async def test_an_outsider_does_so_by_the_link_of_the_mail(client, talk) -> None:
    id, *_, sessions = talk
    typed = {"kind": "comment", "text": "From outside", "name": "Olli", "email": "olli@example.fi"}
    assert (await outsider_posts(client, f"/dialogue/{id}/remarks", typed)).status_code == 200
    token = await link_to(sessions, "olli@example.fi")
    link = f"/dialogue/confirmation?token={token}"
    assert "Did you write this?" in (await client.get(link + "&lang=en")).text
    early = await outsider_posts(client, "/dialogue/confirmation/withdrawal", {"token": token})
    assert early.status_code == 409, "what was not sent in cannot be taken back"
    await outsider_posts(client, "/dialogue/confirmation", {"token": token})
    page = (await client.get(link, headers={"accept-language": "en"})).text
    assert "Keep the new words" in page
    empty = await outsider_posts(client, "/dialogue/confirmation/mending", {"token": token, "text": ""})
    assert empty.status_code == 422
    new = {"token": token, "text": "In other words", "over": "From outside"}
    assert (await outsider_posts(client, "/dialogue/confirmation/mending", new)).status_code == 303
    assert "In other words" in (await client.get(f"/dialogue/{id}")).text
    before = (await client.get(f"/dialogue/confirmation/withdrawal?token={token}&lang=en")).text
    assert "Withdraw what you wrote?" in html.unescape(before)
    gone = await outsider_posts(client, "/dialogue/confirmation/withdrawal", {"token": token})
    assert gone.headers["location"] == f"/dialogue/{id}?said=withdrawn#said"
    public = (await client.get(f"/dialogue/{id}?said=withdrawn&lang=en")).text
    assert (GONE in public, "In other words" in public) == (True, False)
    for path in ("/dialogue/confirmation/mending", "/dialogue/confirmation/withdrawal"):
        guessed = await outsider_posts(client, path, {"token": "guessed", "text": "Mine now"})
        assert guessed.status_code == 409
