"""Answers save themselves, colleagues answer side by side, what was sent is kept, and a return is completed."""

import io
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pikepdf
import pytest

from setori import registry
from setori.app import clock
from setori.days import local_day
from setori.people import Role
from setori.registry import AskForCompletion, DecideApplication
from tests.domains import builders as a

ANSWERS = {"answers.D1": "yes", "answers.N1": "4", "answers.T1": "Tulkkaus onnistuu: åäö ÅÄÖ š ž é."}


@pytest.fixture
async def application(world, visitor) -> str:
    """The page of an application that a rival firm has begun."""
    owner = await visitor(world.rival)
    return (await owner.post(f"/provider/rulebooks/{world.rulebook_id}/applications")).headers["location"]


def id_of(application: str) -> UUID:
    return UUID(application.split("/")[-1])


async def send(visit, application: str) -> str:
    await visit.post(f"{application}/answers", ANSWERS)
    return (await visit.post(f"{application}/submission")).headers["location"]


async def give_back(world, application: str) -> None:
    order = AskForCompletion(
        message="Kertokaa lisää.",
        due_on=local_day(clock()) + timedelta(days=14),
        to_mend={"N1": "Onko heitä varmasti neljä?"},
    )
    async with world.sessions.begin() as db:
        await registry.ask_for_completion(db, id_of(application), order, by=world.registrar, at=clock())


async def decide(world, application: str, **told: str) -> None:
    order = DecideApplication(**({"outcome": "approved", "reason": "Hyvä, täyttää ehdot."} | told))
    async with world.sessions.begin() as db:
        await registry.decide(db, id_of(application), order, by=world.registrar, at=clock())


async def test_an_answer_is_saved_while_it_is_typed(world, visitor, application) -> None:
    owner = await visitor(world.rival)
    page = (await owner.get(f"{application}/questions/N1")).text
    assert 'hx-trigger="input delay' in page
    assert 'id="saved" role="status"' in page
    owner.headers["hx-request"] = "true"
    told = await owner.post(f"{application}/answers", {"answers.N1": "mon", "over.N1": ""})
    assert told.status_code == 200
    assert "Saved " in told.text
    assert "Write a whole number." in told.text
    assert 'id="over-N1" value="mon" hx-swap-oob="true"' in told.text
    assert "<html" not in told.text
    del owner.headers["hx-request"]
    assert 'value="mon"' in (await owner.get(f"{application}/questions/N1")).text


async def test_a_colleagues_words_are_shown_before_they_are_written_over(world, visitor, application) -> None:
    async with world.sessions.begin() as db:
        colleague = await a.an_actor(db, Role.COACH, world.rival.organisation_id, "Kalle Kollega", at=clock())
    owner, coach = await visitor(world.rival), await visitor(colleague)
    await coach.post(f"{application}/answers", {"answers.T1": "Kallen sanat.", "over.T1": ""})
    mine = {"answers.T1": "Omistajan sanat.", "over.T1": ""}
    refused = await owner.post(f"{application}/answers", mine)
    assert refused.status_code == 409
    assert "Kallen sanat." in refused.text
    assert "Omistajan sanat.</textarea>" in refused.text, "what was typed stands"
    assert 'id="over-T1" value="Kallen sanat."' in refused.text
    owner.headers["hx-request"] = "true"
    by_itself = await owner.post(f"{application}/answers", mine)
    assert (by_itself.status_code, "changed this answer" in by_itself.text) == (409, True)
    del owner.headers["hx-request"]
    kept = await owner.post(f"{application}/answers", {**mine, "over.T1": "Kallen sanat."})
    assert kept.status_code == 303
    assert (await coach.post(f"{application}/submission")).status_code == 403, "a coach does not send"


async def test_the_receipt_tells_the_number_and_what_was_sent(world, visitor, application) -> None:
    owner = await visitor(world.rival)
    assert (await owner.get(f"{application}/receipt")).status_code == 404, "nothing has been sent"
    receipt = await send(owner, application)
    assert receipt == f"{application}/receipt"
    page = (await owner.get(receipt)).text
    assert "The decision is due by" in page
    assert f"{application}/filings/1" in page
    filed = (await owner.get(f"{application}/filings/1")).text
    assert "Tulkkaus onnistuu" in filed
    assert (await owner.get(f"{application}/filings/2")).status_code == 404


async def test_what_is_asked_is_mended_and_both_filings_stay(world, visitor, application) -> None:
    owner = await visitor(world.rival)
    await send(owner, application)
    await give_back(world, application)
    page = (await owner.get(application)).text
    assert "Kertokaa lisää." in page
    assert "Onko heitä varmasti neljä?" in page
    assert "Complete this" in page
    assert "Onko heitä varmasti neljä?" in (await owner.get(f"{application}/questions/N1")).text
    mended = await owner.post(f"{application}/answers", {"answers.N1": "6"})
    assert mended.status_code == 303
    assert "Complete this" not in (await owner.get(application)).text
    assert (await owner.post(f"{application}/submission")).status_code == 303
    second = (await owner.get(f"{application}/filings/2")).text
    assert second.count("Changed since the round before") == 1
    assert '<span class="as-typed">4</span>' in (await owner.get(f"{application}/filings/1")).text


async def test_a_second_application_begins_with_the_answers_of_the_first(world, visitor, application) -> None:
    owner = await visitor(world.rival)
    await send(owner, application)
    async with world.sessions.begin() as db:
        other = await a.a_rulebook(db, world.registrar, await a.a_service(db, "other"), at=clock())
    begun = (await owner.post(f"/provider/rulebooks/{other}/applications")).headers["location"]
    page = (await owner.get(begun)).text
    assert "4 of 4 done" in page
    assert page.count("From your application") == 3
    assert "also those from earlier applications" in (await owner.get(f"{begun}/check")).text


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_decision_is_a_page_and_a_pdf_with_every_letter(
    world, visitor, application, language
) -> None:
    owner = await visitor(world.rival)
    await send(owner, application)
    assert (await owner.get(f"{application}/decision")).status_code == 404, "not yet"
    assert (await owner.get(f"{application}/decision.pdf")).status_code == 404
    await decide(world, application, conditions="Kolmas valmentaja 31.5. mennessä. Åsa Öberg, Ääpö Šžé.")
    page = (await owner.get(f"{application}/decision", language)).text
    assert {"fi": "Hyväksytty ehdoin", "sv": "Godkänd med villkor", "en": "Approved with conditions"}[
        language
    ] in page
    told = await owner.get(f"{application}/decision.pdf", language)
    assert told.headers["content-type"] == "application/pdf"
    assert told.headers["content-disposition"].endswith('-1.pdf"')
    words = words_in(told.content)
    for letters in ("Åsa Öberg, Ääpö Šžé", "Hyvä, täyttää ehdot.", "Kilpa Oy"):
        assert letters in words
    asked = {"fi": "14 päivän kuluessa", "sv": "14 dagar", "en": "within 14 days"}[language]
    assert asked in words, "how to appeal"


def words_in(content: bytes) -> str:
    """The text of a PDF, read through its fonts' own tables of letters, as a screen reader reads it."""
    lines = []
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.Root.Lang in ("fi-FI", "sv-FI", "en-GB")
        for page in pdf.pages:
            tables = {}
            for name, font in page.Resources.Font.items():
                table = font.ToUnicode.read_bytes().decode()
                tables[name] = {
                    int(code, 16): chr(int(letter, 16))
                    for code, letter in re.findall(r"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>\s*\n", table)
                }
            letters: dict[int, str] = {}
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    letters = tables[str(operands[0])]
                elif str(operator) in ("Tj", "TJ"):
                    parts = operands[0] if str(operator) == "TJ" else operands
                    raw = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
                    codes = [raw[n] << 8 | raw[n + 1] for n in range(0, len(raw), 2)]
                    lines.append("".join(letters[code] for code in codes))
    return " ".join(lines)


async def test_a_neighbours_papers_are_not_found(world, visitor, application) -> None:
    owner, other = await visitor(world.rival), await visitor(world.owner)
    await send(owner, application)
    await decide(world, application)
    missing = f"/provider/applications/{uuid4()}"
    for tail in ("/receipt", "/filings/1", "/decision", "/decision.pdf"):
        assert (await owner.get(application + tail)).status_code == 200
        theirs, none = await other.get(application + tail), await other.get(missing + tail)
        assert (theirs.status_code, none.status_code) == (404, 404)
