"""The wallet over the web: files in and out, what is wrong told in the form, and everybody kept to one's own."""

import hashlib
import re
from datetime import timedelta

import pytest

from setori import evidence, people, registry
from setori.app import clock
from setori.days import local_day
from setori.evidence import LARGEST
from setori.people import Role
from setori.registry import DecideApplication
from tests.domains import builders as a
from tests.domains import papers as p

TODAY = local_day(clock())
TYPED = {
    "kind": "liability_insurance",
    "label": "Policy 12",
    "issuer": "Vakuutus Oy",
    "valid_from": "1.1.2026",
    "valid_until": "31.12.2099",
}


async def send(who, path, content, name="insurance.pdf", **typed):
    """A form with a file, as a browser sends it."""
    token = re.search(r'name="_csrf" value="([^"]+)"', (await who.get("/roles")).text)[1]
    return await who.client.post(
        path,
        data={"_csrf": token, **TYPED, **typed},
        files={"file": (name, content, "application/pdf")},
        headers=who.headers,
    )


def file_of(page):
    return re.search(r"/provider/document-versions/[0-9a-f-]+/file", page)[0]


@pytest.fixture
async def owner(world, visitor):
    return await visitor(world.owner)


@pytest.fixture
async def book(world):
    async with world.sessions.begin() as db:
        return await p.a_rulebook_of_papers(db, world.registrar, at=clock())


async def test_a_document_is_kept_shown_renewed_withdrawn_and_taken_back(owner):
    assert "No documents yet." in (await owner.get("/provider/documents")).text
    kept = await send(owner, "/provider/documents", p.a_pdf())
    assert kept.status_code == 303
    place = kept.headers["location"].split("?")[0]
    page = (await owner.get(place)).text
    for words in ("Liability insurance: Policy 12", "Vakuutus Oy", "31 Dec 2099", "insurance.pdf"):
        assert words in page
    assert (await owner.get(place + "/renewal")).status_code == 200
    newer = await send(owner, place + "/renewal", p.a_picture(), "IMG_1.HEIC", valid_until="")
    assert newer.headers["location"] == place + "?said=renewed"
    page = (await owner.get(newer.headers["location"])).text
    assert "IMG_1.HEIC.jpg" in page
    assert page.count('/file"') == 2
    assert "Withdraw the document" in (await owner.get(place + "/withdrawal")).text
    assert (await owner.post(place + "/withdrawal")).status_code == 303
    assert "Withdrawn" in (await owner.get(place)).text
    assert "take it back into use" in (await owner.get(place + "/renewal")).text.lower()
    refused = await send(owner, place + "/renewal", p.a_pdf())
    assert refused.status_code == 409
    assert (await owner.post(place + "/return")).headers["location"] == place + "?said=restored"
    assert "The document is in use again." in (await owner.get(place + "?said=restored")).text


async def test_a_file_comes_back_to_be_saved_and_never_to_be_shown(owner):
    kept = await send(owner, "/provider/documents", p.a_pdf(), 'pä"ivä\u202e;../x.pdf')
    file = await owner.get(file_of((await owner.get(kept.headers["location"])).text))
    assert file.content == p.a_pdf()
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["content-disposition"] == "attachment; filename=\"x.pdf\"; filename*=UTF-8''x.pdf"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "no-store" in file.headers["cache-control"]
    kept = await send(owner, "/provider/documents", p.a_pdf(), "päivä (1).pdf")
    file = await owner.get(file_of((await owner.get(kept.headers["location"])).text))
    said = "attachment; filename=\"p_iv_ _1_.pdf\"; filename*=UTF-8''p%C3%A4iv%C3%A4%20%281%29.pdf"
    assert file.headers["content-disposition"] == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (p.a_pdf_of(LARGEST + 1), "The file is over 10 MB."),
        (b"%PDF-1.7" + b"x" * (3 * LARGEST), "The file is over 10 MB."),
        (b"", "Choose a file."),
        (b"<html>", "This is not a PDF, JPEG or PNG"),
        (p.a_running_pdf(), "The PDF holds a program."),
    ],
    ids=["one byte over", "30 MB", "empty", "HTML", "JavaScript"],
)
async def test_what_is_wrong_with_a_file_is_told_and_the_rest_of_the_form_stays(owner, content, said):
    refused = await send(owner, "/provider/documents", content, issuer="Kallen vakuutus")
    assert refused.status_code == 422
    assert said in refused.text
    assert 'href="#f-file"' in refused.text
    for words in ("Kallen vakuutus", "Policy 12", "31.12.2099", 'value="liability_insurance" selected'):
        assert words in refused.text
    assert "Choose the file again" in refused.text
    assert "No documents yet." in (await owner.get("/provider/documents")).text


async def test_all_that_is_wrong_is_told_at_once(owner):
    refused = await send(owner, "/provider/documents", b"<html>", issuer="", valid_from="soon")
    assert {"issuer", "valid_from", "file"} <= set(re.findall(r'href="#f-(\w+)"', refused.text))
    refused = await send(
        owner, "/provider/documents", p.a_pdf(), valid_from="2.1.2026", valid_until="1.1.2026"
    )
    assert "The last day cannot be before the first." in refused.text


async def test_a_form_that_is_far_too_large_says_so(owner):
    refused = await send(owner, "/provider/documents", b"x" * (41 * 1024 * 1024))
    assert refused.status_code == 413
    assert "A file may be at most 10 MB." in refused.text


async def test_a_form_without_a_file_or_its_token_changes_nothing(owner):
    assert (await owner.post("/provider/documents", TYPED)).status_code == 422
    bare = await owner.client.post(
        "/provider/documents", data=TYPED, files={"file": ("a.pdf", p.a_pdf())}, headers=owner.headers
    )
    assert bare.status_code == 403


async def test_an_application_is_answered_with_a_document_uploaded_on_the_spot(world, owner, visitor, book):
    async with world.sessions.begin() as db:
        application = await registry.start_application(db, book, by=world.owner, at=clock())
    base = f"/provider/applications/{application}"
    page = (await owner.get(base + "/questions/N1")).text
    assert "Your wallet has no document of this kind yet: Liability insurance." in page
    refused = await send(owner, base + "/questions/N1/document", b"<html>", issuer="Kallen vakuutus")
    assert refused.status_code == 422
    assert "Kallen vakuutus" in refused.text
    endless = await send(owner, base + "/questions/N1/document", p.a_pdf(), valid_until="")
    assert "Give the last day: the rulebook asks for it." in endless.text
    coach = await visitor(world.coach)
    answered = await send(coach, base + "/questions/N1/document", p.a_pdf(), kind="licence")
    assert answered.headers["location"] == base + "/check"
    check = (await owner.get(base + "/check")).text
    assert "Liability insurance: Policy 12" in check, "the question says of which kind it is"
    assert "insurance.pdf" in check
    assert (await send(owner, base + "/questions/D9/document", p.a_pdf())).status_code == 404


async def test_a_document_is_chosen_from_the_wallet_and_seen_at_the_desk_where_each_look_is_told(
    world, owner, visitor, book
):
    async with world.sessions.begin() as db:
        first = await p.a_document(db, world.owner, until=TODAY + timedelta(days=40), at=clock())
        application = await registry.start_application(db, book, by=world.owner, at=clock())
        await registry.answer(
            db, application, registry.AnswerCriteria(answers={"N1": ""}), by=world.owner, at=clock()
        )
        known = await evidence.list_versions(db, [first], provider_id=world.owner.organisation_id)
    place = f"/provider/documents/{known[first].document_id}"
    base = f"/provider/applications/{application}"
    page = (await owner.get(base + "/questions/N1")).text
    assert f'value="{first}"' in page
    assert "Ends soon" in page
    registrar = await visitor(world.registrar)
    at_desk = f"/procurer/document-versions/{first}/file"
    assert (await registrar.get(at_desk)).status_code == 404, "nothing has been sent yet"
    chosen = await owner.post(base + "/answers", {"answers.N1": str(first), "over.N1": ""})
    assert chosen.headers["location"] == base + "/check"
    assert (await owner.post(base + "/submission")).status_code == 303
    desk = (await registrar.get(f"/procurer/applications/{application}")).text
    assert at_desk in desk
    assert "Vakuutus Oy" in desk
    assert at_desk in (await registrar.get(f"/procurer/applications/{application}/filings/1")).text
    assert "No employment area has opened it yet." in (await owner.get(place)).text
    file = await registrar.get(at_desk)
    assert hashlib.sha256(file.content).hexdigest() == known[first].sha256
    assert file.headers["content-disposition"].startswith("attachment;")
    shown = (await owner.get(place)).text
    assert "Pirkanmaan työllisyysalue" in shown
    assert world.registrar.name in shown
    worker = await visitor(world.desk)
    assert (await worker.get(at_desk)).status_code == 403, "who does not assess does not read"
    async with world.sessions.begin() as db:
        await registry.decide(
            db,
            application,
            DecideApplication(outcome="approved", reason="All is met."),
            by=world.registrar,
            at=clock(),
        )
    for page in ("/provider/documents", "/provider/approvals", place):
        assert "no new clients from" in (await owner.get(page)).text, page


async def test_a_rival_and_another_procurer_see_nothing(world, owner, visitor, book):
    kept = await send(owner, "/provider/documents", p.a_pdf())
    place = kept.headers["location"].split("?")[0]
    file = file_of((await owner.get(place)).text)
    async with world.sessions.begin() as db:
        elsewhere = await a.a_procurer(db, "0022", "Varsinais-Suomi", at=clock())
        stranger = await a.an_actor(db, Role.REGISTRAR, elsewhere, at=clock())
    rival, stranger = await visitor(world.rival), await visitor(stranger)
    for path in (place, place + "/renewal", place + "/withdrawal", file):
        assert (await rival.get(path)).status_code == 404
    assert (await send(rival, place + "/renewal", p.a_pdf())).status_code == 404
    assert (await stranger.get(file.replace("/provider/", "/procurer/"))).status_code == 404
    assert "insurance.pdf" not in (await rival.get("/provider/documents")).text


async def test_the_letter_before_a_document_ends_names_it_in_its_readers_language(world, owner):
    async with world.sessions.begin() as db:
        await p.a_document(db, world.owner, until=TODAY + timedelta(days=60), at=clock() - timedelta(days=30))
        assert await evidence.remind(db, at=clock()) == 1
        assert [mail.kind for mail in (await people.list_outbox(db)).items].count("document_ends") == 1
    assert "Vastuuvakuutus: viimeinen päivä on" in (await owner.get("/demo/mail")).text


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_pages_stand_in_three_languages(owner, language):
    kept = await send(owner, "/provider/documents", p.a_pdf())
    place = kept.headers["location"].split("?")[0]
    for path in (
        "/provider/documents",
        "/provider/documents/new",
        place,
        place + "/renewal",
        place + "/withdrawal",
    ):
        page = await owner.get(path, language)
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text


async def test_a_long_wallet_is_paged(world, owner):
    file = await p.a_file()
    async with world.sessions.begin() as db:
        for _ in range(30):
            await p.a_document(db, world.owner, at=clock(), file=file)
    first = (await owner.get("/provider/documents")).text
    following = re.search(r"/provider/documents\?after=[0-9a-f-]+", first)[0]
    second = (await owner.get(following)).text
    rows = [
        set(re.findall(r'href="(/provider/documents/[0-9a-f]{8}-[^"/?]+)"', page)) for page in (first, second)
    ]
    assert [len(one) for one in rows] == [25, 5]
    assert rows[0] & rows[1] == set()


@pytest.mark.parametrize("label", ["Maija 131052-308T", "131052−308t", "Kortti (010100a9481)"])
async def test_a_personal_identity_code_is_refused_as_a_label(owner, label):
    answer = await send(owner, "/provider/documents", p.a_pdf(), label=label)
    assert answer.status_code == 422
    assert "This contains a personal identity code. Leave it out" in answer.text
    assert 'id="f-label-error"' in answer.text
    assert "No documents yet." in (await owner.get("/provider/documents")).text


@pytest.mark.parametrize("label", ["Policy 131052-3081", "131052-308U", "1310520-308T", "Dnro 2026-123"])
async def test_a_number_that_only_looks_like_one_is_kept(owner, label):
    assert (await send(owner, "/provider/documents", p.a_pdf(), label=label)).status_code == 303


@pytest.mark.parametrize("must_end", [True, False])
async def test_the_question_says_beforehand_whether_a_last_day_is_required(world, owner, must_end):
    async with world.sessions.begin() as db:
        book = await p.a_rulebook_of_papers(db, world.registrar, expires=must_end, at=clock())
        application = await registry.start_application(db, book, by=world.owner, at=clock())
    page = (await owner.get(f"/provider/applications/{application}/questions/N1")).text
    field = page.split('for="f-valid_until"')[1].split("<input")[0]
    assert ("Required here: the rulebook asks for a document with a last day." in field) is must_end
    assert ("(optional)" in field) is not must_end
    assert ("Leave it empty" in field) is not must_end


@pytest.mark.parametrize("must_end", [True, False])
async def test_a_renewal_asks_for_a_last_day_where_an_approval_rests_on_it(world, owner, must_end):
    async with world.sessions.begin() as db:
        book = await p.a_rulebook_of_papers(db, world.registrar, expires=must_end, at=clock())
        version = await p.a_document(db, world.owner, until=TODAY + timedelta(days=20), at=clock())
        await a.an_approval(db, book, world.owner.organisation_id, at=clock())
        known = await evidence.list_versions(db, [version], provider_id=world.owner.organisation_id)
    place = f"/provider/documents/{known[version].document_id}/renewal"
    assert ("Required here" in (await owner.get(place)).text) is must_end
    endless = await send(owner, place, p.a_pdf("Another"), valid_until="")
    assert endless.status_code == (422 if must_end else 303)
    assert ("Give the last day: the rulebook asks for it." in endless.text) is must_end
    assert (await send(owner, place, p.a_pdf("A third"))).status_code == 303
