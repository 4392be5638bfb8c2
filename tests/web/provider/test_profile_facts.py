"""A firm reads on its own profile what the registers say of it, and when they were asked."""

from setori import facts
from setori.app import clock
from setori.facts import Office, Told
from setori.web import i18n


async def test_the_profile_shows_each_register_with_its_day(world, visitor) -> None:
    owner, firm = await visitor(world.owner), world.owner.organisation_id
    assert "The registers have not been asked yet." in (await owner.get("/provider/profile")).text
    at = clock()
    async with world.sessions.begin() as db:
        said = Told("Tax office (sample)", {"tax": "tax_debt", "pension": "pensions_paid"})
        await facts.keep(db, firm, Office.OBLIGATIONS, said, at=at)
        await facts.keep_silence(db, firm, Office.COMPANY, "HTTP 503", at=at)
    i18n.language.set("en")
    page = (await owner.get("/provider/profile")).text
    assert "Tax debt" in page
    assert "Tax office (sample)" in page
    assert i18n.moment(at) in page
    assert "Could not be asked since" in page
    assert "That says nothing of the firm." in page
    wrong = await owner.post("/provider/profile", {"website": "not an address"})
    assert wrong.status_code == 422
    assert "Tax debt" in wrong.text
