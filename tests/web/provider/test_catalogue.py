"""An owner keeps the firm's profile, coaches and offerings; what was typed is never lost."""

from uuid import uuid4


def offering(world, **other):
    told = {
        "service_id": str(world.service_id),
        "title.fi": "Ensimmäinen työpaikka",
        "title.sv": "",
        "title.en": "First job",
        "price_euros": "85,00",
        "unit": "session",
        "minutes": "60",
        "languages": ["fi"],
        "ways": ["in_person", "video"],
        "area_codes": ["0011"],
        "coach_ids": [str(world.coach_id)],
    }
    return {**told, **other}


async def test_an_offering_is_published_and_taken_down(world, visitor) -> None:
    owner = await visitor(world.owner)
    sent = await owner.post("/provider/offerings", offering(world))
    assert sent.status_code == 303
    page = (await owner.get(sent.headers["location"])).text
    assert "First job" in page
    assert "€85.00" in page
    place = f"/provider/offerings/{world.offering_id}/removal"
    assert "Nobody can choose it any more" in (await owner.get(place)).text
    await owner.post(place)
    assert "Taken down" in (await owner.get("/provider/offerings")).text


async def test_what_was_typed_in_an_offering_is_shown_again_with_the_errors(world, visitor) -> None:
    owner = await visitor(world.owner)
    wrong = await owner.post("/provider/offerings", offering(world, price_euros="halpa", languages=[]))
    assert wrong.status_code == 422
    assert 'value="halpa"' in wrong.text
    assert "Ensimmäinen työpaikka" in wrong.text
    assert 'value="0011" id="f-area_codes" checked' in wrong.text
    foreign = await owner.post("/provider/offerings", offering(world, coach_ids=[str(uuid4())]))
    assert foreign.status_code == 422


async def test_a_rivals_offering_cannot_be_taken_down(world, visitor) -> None:
    rival = await visitor(world.rival)
    place = f"/provider/offerings/{world.offering_id}/removal"
    assert (await rival.get(place)).status_code == 404
    assert (await rival.post(place)).status_code == 404


async def test_the_account_number_is_checked_and_nothing_else_is_lost(world, visitor) -> None:
    owner = await visitor(world.owner)
    form = {"summary.fi": "Kuljemme rinnalla.", "website": "", "city": "Nokia", "languages": ["fi", "sv"]}
    wrong = await owner.post("/provider/profile", {**form, "iban": "FI21 1234 5600 0007 86"})
    assert wrong.status_code == 422
    assert "This is not an IBAN account number" in wrong.text
    assert "Kuljemme rinnalla." in wrong.text
    saved = await owner.post("/provider/profile", {**form, "iban": "FI21 1234 5600 0007 85"})
    assert saved.status_code == 303
    page = (await owner.get("/provider/profile")).text
    assert 'value="Nokia"' in page
    assert 'value="FI2112345600000785"' in page


async def test_a_coach_is_added_with_specialities_one_a_line(world, visitor) -> None:
    owner = await visitor(world.owner)
    form = {
        "name": "Sami Kangas",
        "own_words.fi": "Aloitan aina kuuntelemalla.",
        "languages": ["fi"],
        "ways": ["phone"],
        "specialities": "Ensimmäinen työpaikka\n\nAlanvaihto\n",
        "person_id": "",
    }
    assert (await owner.post("/provider/coaches", form)).status_code == 303
    assert "Sami Kangas" in (await owner.get("/provider/coaches")).text
    stranger = await owner.post("/provider/coaches", {**form, "person_id": str(world.rival.person_id)})
    assert stranger.status_code == 422
    assert "Choose one from the list." in stranger.text
