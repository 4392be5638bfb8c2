"""The check of a decision refuses all that giving it would refuse, and a reason goes with the verdict it was for."""

from datetime import timedelta

import pytest

from setori import registry
from setori.app import clock
from setori.days import local_day
from setori.people import Role
from setori.registry import AskForCompletion, AssessApplication, GiveVerdict
from tests.domains import builders as a
from tests.reading import words_of

MET = {"met-D1": "yes", "met-N1": "yes", "met-T1": "yes", "met-R1": "yes"}
UNMET = {"met-N1": "no", "why-N1": "Liian vähän valmentajia."}
YES = {"outcome": "approved", "reason": "Kaikki kunnossa."}
ASKED = ("D1", "N1", "R1")


@pytest.fixture
async def application(world):
    """An application of a firm that is not approved yet; its optional T1 has no answer."""
    async with world.sessions.begin() as db:
        world.applicant = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db, "Uusi Oy"))
        return await a.an_application(db, world.rulebook_id, world.applicant)


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({**MET, **YES, "met-N1": "no"}, "why-N1", "N1: Tell why this is not met."),
        ({**MET, **YES, **UNMET}, "why-N1", "N1: This is mandatory"),
        ({**MET, **YES, "met-D1": ""}, "met-D1", "Mark whether D1 is met."),
        ({**MET, **YES, "reason": ""}, "reason", "Give a reason for the decision"),
        ({"met-N1": "no", "outcome": "rejected", "reason": "Ei."}, "why-N1", "N1: Tell why this is not met."),
        ({**MET, "reason": "Hyvä on."}, "outcome", ""),
    ],
)
async def test_what_giving_refuses_the_check_refuses_at_the_same_field(
    visitor, application, typed, field, says
) -> None:
    who = await visitor(Role.REGISTRAR)
    for door in ("check", "decision"):
        answer = await who.post(f"/procurer/applications/{application}/{door}", **typed)
        assert answer.status_code == 422, door
        assert f'href="#f-{field}"' in answer.text, "told in the summary, which leads to the field"
        assert says in answer.text
        assert f'id="f-{field}-error"' in answer.text, "and told at the field"


async def test_all_errors_are_told_at_once_in_the_order_of_the_page(visitor, application) -> None:
    who = await visitor(Role.REGISTRAR)
    typed = {"met-N1": "no", "outcome": "conditional"}
    page = (await who.post(f"/procurer/applications/{application}/check", **typed)).text
    places = [page.find(f'href="#f-{one}"') for one in ("met-D1", "why-N1", "met-R1", "conditions", "reason")]
    assert -1 not in places
    assert places == sorted(places)


async def test_what_was_left_unanswered_and_is_not_mandatory_needs_no_mark(
    world, visitor, application
) -> None:
    who = await visitor(Role.REGISTRAR)
    typed = {f"met-{code}": "yes" for code in ASKED} | YES
    path = f"/procurer/applications/{application}"
    assert (await who.post(f"{path}/check", **typed)).status_code == 200
    assert (await who.post(f"{path}/decision", **typed)).status_code == 303
    async with world.sessions.begin() as db:
        seen = await registry.find_application(db, application, by=world.actors[Role.REGISTRAR])
    assert {one.asked.code: one.met for one in seen.criteria} == {
        "D1": True,
        "N1": True,
        "T1": None,
        "R1": True,
    }


async def test_the_check_says_that_the_firm_is_approved_already(world, visitor, application) -> None:
    async with world.sessions.begin() as db:
        await a.an_approval(db, world.rulebook_id, world.applicant.organisation_id, at=clock())
    who = await visitor(Role.REGISTRAR)
    for door in ("check", "decision"):
        answer = await who.post(f"/procurer/applications/{application}/{door}", **MET, **YES)
        assert answer.status_code == 409
        assert "already approved" in answer.text
        assert "Kaikki kunnossa." in answer.text, "what was typed stands"


async def test_a_reason_does_not_outlive_its_verdict(world, visitor, application) -> None:
    """Not met with an internal note in round 1, met in round 2: the note reaches nobody."""
    registrar, at = world.actors[Role.REGISTRAR], clock()
    note = "Sisäinen huomio."
    async with world.sessions.begin() as db:
        await registry.assign(db, application, registrar.person_id, by=registrar, at=at)
        marks = {code: GiveVerdict(met=True) for code in ASKED} | {"N1": GiveVerdict(met=False, reason=note)}
        order = AssessApplication(marks=marks, is_done=True)
        await registry.assess(db, application, order, by=registrar, at=at)
        back = AskForCompletion(message="Kertokaa lisää.", due_on=local_day(at) + timedelta(days=9))
        await registry.ask_for_completion(db, application, back, by=registrar, at=at)
        await registry.submit(db, application, by=world.applicant, at=at)
        await registry.assign(db, application, registrar.person_id, by=registrar, at=at)
    who, path = await visitor(Role.REGISTRAR), f"/procurer/applications/{application}"
    assert note in (await who.get(f"{path}/assessment")).text, "one's own mark, to begin from"
    met = {f"met-{code}": "yes" for code in ASKED}
    given = await who.post(f"{path}/assessment", **met, **{"why-N1": note}, do="done")
    assert given.status_code == 303
    assert note not in (await who.get(path)).text, "not offered for the decision"
    check = await who.post(f"{path}/check", **met, **YES, **{"why-N1": note})
    assert note not in check.text.split("<form")[0], "the check shows what the firm will read"
    assert (await who.post(f"{path}/decision", **met, **YES, **{"why-N1": note})).status_code == 303
    firm = await visitor(world.applicant)
    for base, reader in ((path, who), (f"/provider/applications/{application}", firm)):
        assert note not in (await reader.get(base)).text
        assert note not in (await reader.get(f"{base}/decision")).text
        told = words_of((await reader.get(f"{base}/decision.pdf")).content)
        assert "Kaikkikunnossa." in told
        assert "huomio" not in told
