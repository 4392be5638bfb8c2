"""Places: a postal code tells the employment area."""

from setori import places


async def test_a_postal_code_tells_its_area_and_loading_again_corrects_a_name(db):
    await places.load_areas(db, {"9001": {"fi": "Koealue"}})
    await places.load_municipalities(db, [("991", "9001", {"fi": "Äkkikylä", "sv": "Ekby"})])
    await places.load_postal_codes(db, [("99991", "991", {"fi": "Keskusta"})])
    await places.load_areas(db, {"9001": {"fi": "Uusi nimi"}})

    area = await places.find_area_of_postal_code(db, " 99991 ")
    assert area is not None
    assert (area.code, area.name["fi"]) == ("9001", "Uusi nimi")
    assert await places.find_area_of_postal_code(db, "00000x") is None
    assert [m.code for m in await places.find_municipalities(db, "äkki")] == ["991"]
    assert [m.code for m in await places.find_municipalities(db, "EKBY")] == ["991"]
    assert await places.find_municipalities(db, "%") == []
