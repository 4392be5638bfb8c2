"""The registrar decides with reasons, writes rulebooks row by row, and suspends; nothing typed is lost."""

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from setori import registry
from setori.app import clock
from setori.days import local_day
from setori.people import Role
from setori.registry import ApprovalStatus, RulebookStatus
from tests.domains import builders as a


@pytest.fixture
async def application(world):
    """An application of a firm that is not approved yet."""
    async with world.sessions.begin() as db:
        provider_id = await a.a_provider(db, "Uusi Oy")
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, provider_id)
        return await a.an_application(db, world.rulebook_id, owner)


async def find(world, application_id):
    async with world.sessions.begin() as db:
        return await registry.find_application(db, application_id, by=world.actors[Role.REGISTRAR])


MET = {"met-D1": "yes", "met-N1": "yes", "met-T1": "yes", "met-R1": "yes"}


async def test_an_application_is_approved_once_every_criterion_is_marked(world, visitor, application) -> None:
    who = await visitor(Role.REGISTRAR)
    path = f"/procurer/applications/{application}/decision"
    half = await who.post(path, **{"met-D1": "yes", "outcome": "approved", "reason": "Kaikki kunnossa."})
    assert half.status_code == 422
    for code in ("N1", "R1"):
        assert f"Mark whether {code} is met." in half.text
    assert "Kaikki kunnossa." in half.text, "what was typed stands"
    done = await who.post(path, **MET, outcome="approved", reason="Kaikki kunnossa.")
    assert done.status_code == 303
    seen = await find(world, application)
    assert seen.row.status == "approved"
    page = (await who.get(f"/procurer/applications/{application}")).text
    assert "How to appeal" in page
    assert "Kaikki kunnossa." in page


async def test_a_decision_is_looked_at_before_it_is_given(world, visitor, application) -> None:
    who = await visitor(Role.REGISTRAR)
    path = f"/procurer/applications/{application}/check"
    typed = {**MET, "outcome": "approved", "reason": "Kaikki kunnossa <b>."}
    assert f'action="{path}"' in (await who.get(f"/procurer/applications/{application}")).text
    assert (await who.post(path, **typed | {"met-N1": ""})).status_code == 422
    check = await who.post(path, **typed)
    assert check.status_code == 200
    assert "Give this decision?" in check.text
    assert check.text.count("Kaikki kunnossa &lt;b&gt;.") == 2, "shown, and carried along"
    assert (await find(world, application)).row.status == "submitted", "nothing is decided by looking"
    back = await who.post(path, **typed, back="yes")
    assert "Give this decision?" not in back.text
    assert "Kaikki kunnossa &lt;b&gt;." in back.text, "what was typed stands"
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', check.text))
    del fields["_csrf"]
    given = await who.post(
        f"/procurer/applications/{application}/decision",
        **{name: html.unescape(value) for name, value in fields.items()},
    )
    assert given.status_code == 303
    decision = (await find(world, application)).decision
    assert decision.reason == "Kaikki kunnossa <b>."
    late = await who.post(path, **typed)
    assert "Give this decision?" not in late.text, "decided already"


async def test_a_mandatory_criterion_that_is_not_met_stops_the_approval_at_its_field(
    world, visitor, application
) -> None:
    who = await visitor(Role.REGISTRAR)
    answers = {**MET, "met-N1": "no", "why-N1": "Liian vähän valmentajia."}
    page = await who.post(
        f"/procurer/applications/{application}/decision", **answers, outcome="approved", reason="Riittää."
    )
    assert page.status_code == 422
    assert 'href="#f-why-N1"' in page.text
    assert (await find(world, application)).row.status == "submitted"


async def test_a_rejection_needs_its_reason_and_keeps_each_verdict(world, visitor, application) -> None:
    who = await visitor(Role.REGISTRAR)
    path = f"/procurer/applications/{application}/decision"
    verdict = {"met-N1": "no", "why-N1": "Liian vähän valmentajia."}
    assert (await who.post(path, **verdict, outcome="rejected", reason="")).status_code == 422
    assert (
        await who.post(path, **verdict, outcome="rejected", reason="Ehto N1 ei täyty.")
    ).status_code == 303
    seen = await find(world, application)
    assert [(one.asked.code, one.verdict_reason) for one in seen.criteria if one.met is False] == [
        ("N1", "Liian vähän valmentajia.")
    ]
    again = await who.post(path, **MET, outcome="approved", reason="Sittenkin hyvä.")
    assert again.status_code == 409, "decided once"


def rows_of(page: str) -> dict[str, str]:
    """The fields of the rulebook form as a browser would send them back."""
    fields = dict(
        re.findall(r'<input class="input[^"]*" id="[^"]*" name="([^"]+)" type="text" value="([^"]*)"', page)
    )
    fields |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', page))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        fields[name] = re.findall(r'value="([^"]*)" selected', options)[0]
    for name in re.findall(r'<input type="checkbox" name="([^"]+)" value="yes" checked>', page):
        fields[name] = "yes"
    return fields


async def test_a_rulebook_is_copied_changed_without_scripts_and_published(world, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    page = (await who.get(f"/procurer/rulebooks/new?service={world.service_id}")).text
    fields = rows_of(page) | {"service_id": str(world.service_id)}
    assert fields["criteria.1.code"] == "N1", "the version in force is copied"
    assert fields["criteria.1.maximum"] == "50"
    shorter = await who.post("/procurer/rulebooks", **fields, do="remove-0")
    fields = rows_of(shorter.text) | {"service_id": str(world.service_id)}
    assert fields["criteria.0.code"] == "N1"
    longer = await who.post("/procurer/rulebooks", **fields, do="add")
    assert "Criterion 4" in longer.text
    last = {"criteria.3.code": "N1", "criteria.3.kind": "text", "criteria.3.text.fi": "Kuvaus"}
    twice = await who.post("/procurer/rulebooks", **fields, **last, do="save")
    assert twice.status_code == 422, "two criteria cannot share a code"
    kept = await who.post("/procurer/rulebooks", **fields, **(last | {"criteria.3.code": "T2"}), do="save")
    assert kept.status_code == 303
    place = kept.headers["location"]
    assert (await who.post(f"{place}/publication")).status_code == 303
    assert (await who.post(f"{place}/publication")).status_code == 409
    async with world.sessions.begin() as db:
        books = await registry.list_rulebooks(db, by=world.actors[Role.REGISTRAR])
        newest = await registry.find_rulebook(db, books[0].id, by=world.actors[Role.REGISTRAR])
    assert [book.status for book in books] == [RulebookStatus.PUBLISHED, RulebookStatus.SUPERSEDED]
    assert [one.code for one in newest.criteria] == ["N1", "T1", "R1", "T2"]


async def test_bounds_that_no_answer_fits_are_refused(world, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    row = {"criteria.0.code": "N1", "criteria.0.kind": "number", "criteria.0.text.fi": "Montako?"}
    bounds = {"criteria.0.minimum": "9", "criteria.0.maximum": "2"}
    title = {"service_id": str(world.service_id), "title.fi": "Ehdot", "do": "save"}
    page = await who.post("/procurer/rulebooks", **title, **row, **bounds)
    assert page.status_code == 422
    assert "#f-criteria-0-maximum" in page.text


async def test_an_approval_is_suspended_with_its_reason(world, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    path = f"/procurer/approvals/{world.approval_id}/suspension"
    assert (await who.post(path, reason="")).status_code == 422
    unheard = await who.post(path, reason="Vakuutus on rauennut.")
    assert unheard.status_code == 409
    assert "Hear the provider first" in unheard.text
    assert (await who.post(path, reason="Vakuutus on rauennut.", is_urgent="true")).status_code == 303
    listed = (await who.get("/procurer/providers?status=suspended")).text
    assert "Suunta Oy" in listed
    assert "Vakuutus on rauennut." in listed
    assert (await who.post(path, reason="Toistamiseen.", is_urgent="true")).status_code == 409
    async with world.sessions.begin() as db:
        approvals = await registry.list_approvals(db, world.provider_id, on=local_day(clock()))
    assert [one.status for one in approvals] == [ApprovalStatus.SUSPENDED]


async def test_another_procurers_papers_are_as_missing_ones(world, visitor, application) -> None:
    async with world.sessions.begin() as db:
        stranger = await a.an_actor(db, Role.REGISTRAR, world.neighbour_id, "Naapurin Rekisteri")
    who = await visitor(stranger)
    paths = [
        "/procurer/applications/{}",
        "/procurer/rulebooks/{}",
        "/procurer/rulebooks/{}/publication",
        "/procurer/approvals/{}/suspension",
    ]
    ids = [application, world.rulebook_id, world.rulebook_id, world.approval_id]
    for path, id in zip(paths, ids, strict=True):
        theirs, missing = await who.get(path.format(id)), await who.get(path.format(uuid4()))
        assert (theirs.status_code, missing.status_code) == (404, 404), path
    decide = await who.post(
        f"/procurer/applications/{application}/decision", **MET, outcome="approved", reason="Hyvä."
    )
    publish = await who.post(f"/procurer/rulebooks/{world.rulebook_id}/publication")
    suspend = await who.post(f"/procurer/approvals/{world.approval_id}/suspension", reason="Ei käy.")
    assert {decide.status_code, publish.status_code, suspend.status_code} == {404}


def typed_in(page: str, world) -> dict[str, str]:
    """What stands in a draft's form, with what it carries along unseen."""
    hidden = re.findall(r'<input type="hidden" name="(seen|service_id)" value="([^"]*)">', page)
    return {"service_id": str(world.service_id), **rows_of(page), **dict(hidden)}


async def a_draft(who, world, **typed) -> tuple[str, dict[str, str]]:
    """A draft that was kept, and its form as it is opened for editing."""
    page = (await who.get(f"/procurer/rulebooks/new?service={world.service_id}")).text
    fields = typed_in(page, world)
    kept = await who.post("/procurer/rulebooks", **fields | typed, do="save")
    path = kept.headers["location"]
    return path, typed_in((await who.get(f"{path}/edit")).text, world)


async def test_what_a_colleague_kept_meanwhile_is_not_overwritten_unseen(world, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    path, mine = await a_draft(who, world)
    theirs = typed_in((await who.get(f"{path}/edit")).text, world)
    assert (await who.post(path, **theirs | {"title.fi": "Heidän otsikkonsa"}, do="save")).status_code == 303
    refused = await who.post(path, **mine | {"title.fi": "Minun otsikkoni"}, do="save")
    assert refused.status_code == 409
    assert "Somebody has changed this draft" in refused.text
    assert "Minun otsikkoni" in refused.text, "nothing typed is lost"
    assert "Heidän otsikkonsa" in (await who.get(path)).text
    once_more = typed_in(refused.text, world)
    assert (await who.post(path, **once_more, do="save")).status_code == 303
    assert "Minun otsikkoni" in (await who.get(path)).text


async def test_a_draft_is_thrown_away_and_what_others_have_seen_is_not(world, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    path, _ = await a_draft(who, world)
    assert f"{path}/discarding" in (await who.get(path)).text
    assert "cannot be brought back" in (await who.get(f"{path}/discarding")).text
    assert (await who.post(f"{path}/discarding")).headers["location"] == "/procurer/rulebooks"
    assert (await who.get(path)).status_code == 404
    published = f"/procurer/rulebooks/{world.rulebook_id}"
    assert f"{published}/discarding" not in (await who.get(published)).text
    assert (await who.post(f"{published}/discarding")).status_code == 409
    opened, _ = await a_draft(who, world)
    day = local_day(clock()) + timedelta(days=20)
    talk = await who.post(f"{opened}/dialogue", closes_on=str(day), shows="at_once")
    assert (await who.get(f"{opened}/dialogue")).headers["location"] == talk.headers["location"]
    assert (await who.post(f"{opened}/discarding")).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"criteria.0.code": "not a code"}, "Write a short code without spaces"),
        ({"criteria.1.code": "D1", "criteria.0.code": "D1"}, "Two criteria have the same code."),
    ],
)
async def test_a_code_that_does_not_do_is_marked_at_its_field(world, visitor, wrong, says) -> None:
    who = await visitor(Role.REGISTRAR)
    fields = typed_in((await who.get(f"/procurer/rulebooks/new?service={world.service_id}")).text, world)
    answer = await who.post("/procurer/rulebooks", **fields | wrong, do="save")
    assert answer.status_code == 422
    assert says in answer.text
    name = sorted(wrong)[-1].replace(".", "-")
    assert f'id="f-{name}-error"' in answer.text


async def test_a_suspended_approval_comes_back_and_an_ended_one_does_not(world, visitor) -> None:
    who, owner = await visitor(Role.REGISTRAR), await visitor(world.owner)
    path = f"/procurer/approvals/{world.approval_id}"
    assert (await who.post(f"{path}/reinstatement", reason="Nothing to bring back.")).status_code == 409
    gone = await who.post(f"{path}/suspension", reason="Vakuutus puuttuu.", code="breach", is_urgent="true")
    assert gone.headers["location"] == path
    assert "Vakuutus puuttuu." in (await who.get(path)).text
    theirs = (await owner.get("/provider/approvals")).text
    assert "Vakuutus puuttuu." in theirs, "the mail leads here: it says why"
    assert "it can bring the approval back" in theirs
    assert (await who.post(f"{path}/reinstatement", reason="")).status_code == 422
    back = await who.post(f"{path}/reinstatement", reason="Vakuutus on uusittu.")
    again = back.headers["location"]
    assert again != path
    assert "In force" in (await who.get(again)).text
    assert "Vakuutus puuttuu." not in (await owner.get("/provider/approvals")).text

    heard = await who.post(
        f"{again}/suspension", reason="Toistuvia puutteita.", code="breach", is_final="true"
    )
    assert heard.status_code == 409, "a breach is heard first"
    ended = await who.post(
        f"{again}/suspension", reason="Lopettaa toimintansa.", code="asked_by_provider", is_final="true"
    )
    assert ended.status_code == 303
    assert (await who.post(f"{again}/reinstatement", reason="Sittenkin.")).status_code == 409
    assert "You can apply anew." in (await owner.get("/provider/approvals")).text


async def test_an_old_draft_does_not_come_back_over_a_later_version(world, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    old, _ = await a_draft(who, world)
    newer, _ = await a_draft(who, world)
    assert (await who.post(f"{newer}/publication")).status_code == 303
    refused = await who.post(f"{old}/publication")
    assert refused.status_code == 409
    assert "A later version has been published" in refused.text
