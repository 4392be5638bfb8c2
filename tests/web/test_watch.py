"""A flag on pages: the registrar takes it up, the firm is asked and answers, both read how it ended; all is told."""

import re

import httpx
import pytest

from setori import reviews, watch
from setori.app import clock
from setori.db import new_id
from setori.people import Role
from setori.watch import rules
from setori.web import watching
from tests.conftest import RealDatabase
from tests.web.concern_things import flags
from tests.web.visiting import Visitor, visitor
from tests.world import a_market, a_session

LIMITS = [name for name in vars(rules) if name.isupper() and name != "FLAG_MOVES"]


async def test_from_the_night_to_the_outcome(client, app, fresh_database: RealDatabase) -> None:
    market = await a_market(fresh_database, at=clock(), key=app.state.code_key)
    async with fresh_database.sessions.begin() as db:
        found = await flags(db, market, at=clock())
    registrar = await visitor(client, fresh_database.sessions, market.actors[Role.REGISTRAR])
    owner = await visitor(client, fresh_database.sessions, market.actors[Role.PROVIDER_OWNER])
    listed = (await registrar.get("/procurer/watch")).text
    assert all(f"/procurer/watch/{one}" in listed for one in found.values())
    assert "6 answers came within 48 hours. Usual in that time: 0." in listed
    path, theirs = (f"/{side}/watch/{found['flag that waits']}" for side in ("procurer", "provider"))
    assert "Nobody looks after it yet" in (await registrar.get(path)).text
    assert theirs not in (await owner.get("/provider/watch")).text
    assert (await owner.get(theirs)).status_code == 404
    assert (await registrar.post(f"{path}/taking", {"seen_with": ""})).headers["location"] == path
    empty = await registrar.post(f"{path}/question", {"question": " "})
    assert empty.status_code == 422
    early = await registrar.post(f"{path}/closing", {"outcome": "breach", "words": "So."})
    assert (early.status_code, "Ask the firm first" in early.text) == (409, True)
    assert "So." in early.text, "what was typed is still there"
    assert (await registrar.post(f"{path}/question", {"question": "Why six?"})).status_code == 303
    assert theirs in (await owner.get("/provider/watch")).text
    asked = (await owner.get(theirs)).text
    assert "Why six?" in asked
    assert "6 answers came" in asked
    assert (await owner.post(f"{theirs}/answer", {"answer": "A group."})).headers["location"] == theirs
    twice = await owner.post(f"{theirs}/answer", {"answer": "Again."})
    assert (twice.status_code, "A group." in twice.text) == (409, True)
    assert "A group." in (await registrar.get(path)).text
    closing = {"outcome": "explained", "words": "It was a group."}
    assert (await registrar.post(f"{path}/closing", closing)).status_code == 303
    assert "It was a group." in (await owner.get(theirs)).text
    assert path in (await registrar.get("/procurer/watch?done=yes")).text
    assert path not in (await registrar.get("/procurer/watch")).text


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
async def test_each_kind_is_told_in_every_language(client, app, fresh_database, language) -> None:
    market = await a_market(fresh_database, at=clock(), key=app.state.code_key)
    numbers = set(re.findall(r"%\((\w+)\)", " ".join(watching.EVIDENCE.values())))
    async with fresh_database.sessions.begin() as db:
        for kind in watch.FlagKind:
            db.add(
                watch.Flag(
                    id=new_id(),
                    procurer_id=market.procurer_id,
                    provider_id=market.provider_id,
                    kind=kind,
                    status=watch.FlagStatus.FOUND,
                    evidence=dict.fromkeys(numbers, 42),
                    found_on=clock().date(),
                    latest={},
                    seen_on=clock().date(),
                )
            )
    registrar = await visitor(client, fresh_database.sessions, market.actors[Role.REGISTRAR])
    answer = await registrar.get("/procurer/watch", **{"accept-language": language})
    assert answer.text.count("42") >= len(watch.FlagKind)
    assert "%(" not in answer.text
    assert " %%" not in answer.text


async def test_every_limit_stands_on_the_method_page(client, monkeypatch) -> None:
    anybody = Visitor(client)
    assert sorted(watching.NUMBERS) == sorted(LIMITS)
    before = (await anybody.get("/method")).text
    for name in LIMITS:
        with monkeypatch.context() as otherwise:
            otherwise.setattr(rules, name, getattr(rules, name) * 7)
            assert (await anybody.get("/method")).text != before, name


async def test_an_answer_by_letter_leaves_a_trace_and_one_from_nowhere_none(
    client, app, fresh_database: RealDatabase
) -> None:
    market = await a_market(fresh_database, units=2, at=clock(), key=app.state.code_key)
    session = await a_session(
        fresh_database.sessions, market, at=clock(), confirmed=True, key=app.state.code_key
    )
    async with fresh_database.sessions.begin() as db:
        pulse = await reviews.ask_after(db, session, at=clock())
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 50000))
    for way, traces in ((client, 0), (httpx.AsyncClient(transport=transport, base_url=client.base_url), 1)):
        holder = await visitor(way, fresh_database.sessions, market.actors[Role.JOBSEEKER])
        assert (await holder.post(f"/pulses/{pulse}", {"recommend": "5"})).status_code == 303
        async with fresh_database.sessions.begin() as db:
            assert await watch.erase_traces(db, at=clock() + 2 * rules.TRACES_KEPT) == traces
