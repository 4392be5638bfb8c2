"""Every page of the provider's desk opens for whoever it is for, in both languages, and for nobody else."""

import pytest

PAGES = {
    "/provider": "coach owner",
    "/provider/clients": "coach owner",
    "/provider/clients?show=ended": "coach owner",
    "/provider/sessions": "coach owner",
    "/provider/sessions?status=held": "coach owner",
    "/provider/sessions/new": "coach owner",
    "/provider/sessions/{session}": "coach owner",
    "/provider/sessions/{session}/reversal": "coach owner",
    "/provider/statements": "owner",
    "/provider/reviews": "coach owner",
    "/provider/profile": "owner",
    "/provider/rulebooks": "coach owner",
    "/provider/rulebooks/{rulebook}": "coach owner",
    "/provider/applications": "coach owner",
    "/provider/offerings": "coach owner",
    "/provider/offerings/new": "owner",
    "/provider/offerings/{offering}/removal": "owner",
    "/provider/coaches": "owner",
    "/provider/coaches/new": "owner",
}


@pytest.mark.parametrize("language", ["fi", "en"])
async def test_each_role_opens_its_own_pages_and_no_others(language, world, visitor) -> None:
    session = await world.a_session(await world.a_client())
    places = {"session": session, "rulebook": world.rulebook_id, "offering": world.offering_id}
    for role, actor in (("coach", world.coach), ("owner", world.owner)):
        who = await visitor(actor)
        answers = {path: (await who.get(path.format(**places), language)).status_code for path in PAGES}
        assert answers == {path: 200 if role in roles.split() else 403 for path, roles in PAGES.items()}


async def test_the_desk_is_not_for_clients_procurers_or_strangers(world, visitor, client) -> None:
    jobseeker = await visitor((await world.a_client()).actor)
    assert (await jobseeker.get("/provider")).status_code == 403
    assert (await jobseeker.get("/redeem")).headers["location"] == "/wallet"
    assert (await (await visitor(world.desk)).get("/provider/sessions")).status_code == 403
    assert (await client.get("/provider/sessions")).headers["location"].startswith("/sign-in")
