"""Words that are typed: stems of three languages, parts of words, missing dots, slips of the pen, unfinished words."""

import pytest
from sqlalchemy import text

from setori import catalogue, places
from setori.catalogue import ImportOffering, PublishOffering, Search
from setori.people import Role
from tests.domains import builders as a

TODAY = a.NOON.date()


@pytest.fixture
async def market(db):
    """Aino, who rehearses interviews, and Bo, who knows kitchens, in two firms."""
    registrar = await a.an_actor(db, Role.REGISTRAR, await a.a_procurer(db))
    await places.load_municipalities(db, [("837", "0011", {"fi": "Tampere", "sv": "Tammerfors"})])
    service = await a.a_service(db)
    rulebook = await a.a_rulebook(db, registrar, service)
    told = {
        "Aino Äijälä": {
            "own_words": {
                "fi": "Harjoitellaan työhaastattelut nuorten kanssa.",
                "en": "We rehearse interviews until they are a chat.",
            },
            "specialities": ["hakemus ja CV"],
        },
        "Bo Åkerman": {
            "own_words": {"sv": "Jag har arbetat i restaurangernas kök."},
            "specialities": ["keittiöt"],
        },
    }
    owners = []
    for number, (name, words) in enumerate(told.items()):
        firm = await a.a_provider(db, ("Suunta Oy", "Nordisk Väg Ab")[number])
        owners.append(await a.an_actor(db, Role.PROVIDER_OWNER, firm))
        await a.an_approval(db, rulebook, firm)
        coach = await a.a_coach(db, firm, name, **words)
        await a.an_offering(db, owners[-1], service, [coach], title={"fi": "Työhönvalmennus"})
    return owners, service


async def names(db, q) -> list[str]:
    found = await catalogue.search(db, Search(q=q), on=TODAY)
    return sorted(card.coach_name.split()[0] for card in found.cards)


@pytest.mark.parametrize(
    ("q", "who"),
    [
        ("haastattelu", "Aino"),  # a part of a compound, inflected otherwise
        ("työhaastattelun", "Aino"),  # Finnish inflection
        ("nuoria", "Aino"),
        ("interviewing", "Aino"),  # English inflection
        ("restaurangerna", "Bo"),  # Swedish inflection
        ("kök", "Bo"),
        ("kok", "Bo"),  # without the dots
        ("aijala", "Aino"),
        ("ÄIJÄLÄ", "Aino"),
        ("akerman", "Bo"),
        ("keittiö", "Bo"),  # a speciality
        ("suunta", "Aino"),  # a firm
        ("äijälän", "Aino"),
        ("tampe", "Aino Bo"),
        ("suunnta", "Aino"),  # a slip of the pen
        ("haastatelu", "Aino"),
        ("interveiws", "Aino"),
        ("haast", "Aino"),  # not finished yet
        ("cv hakem", "Aino"),
        ("rehearse and interviews", "Aino"),  # a word that says nothing
        ("tammerfors", "Aino Bo"),  # a municipality of the area
        ("tampereella", "Aino Bo"),
        ("coaching", "Aino Bo"),  # a service
        ("työhönvalmennusta", "Aino Bo"),
        ("aino kök", ""),  # each word must be found
        ("kulkki", ""),
        ("xyz", ""),
        ("%", ""),
        ("_", ""),
        ("\\", ""),
        ("'; drop table offering", ""),
        ("& | ! :*", ""),
        ("haastattelu:* | kök", ""),
    ],
)
async def test_who_is_found(db, market, q, who):
    assert await names(db, q) == who.split()


async def test_a_slip_of_the_pen_is_looked_for_only_where_the_word_leads_nowhere(db, market):
    owners, service = market
    coach = await a.a_coach(db, owners[0].organisation_id, "Haastattelija Haastatelu")
    await a.an_offering(db, owners[0], service, [coach])
    assert await names(db, "haastatelu") == ["Haastattelija"]


async def test_a_name_does_not_lead_to_what_only_begins_like_it(db, market):
    owners, service = market
    await places.load_municipalities(db, [("202", "0011", {"fi": "Kaarina", "sv": "S:t Karins"})])
    assert await names(db, "kaarna") == ["Aino", "Bo"], "there is nobody of that name, so it may be Kaarina"
    await a.an_offering(
        db, owners[0], service, [await a.a_coach(db, owners[0].organisation_id, "Oona Kaarna")]
    )
    assert await names(db, "kaarna") == ["Oona"]
    assert await names(db, "kaarina") == ["Aino", "Bo", "Oona"]


async def test_words_follow_what_changes(db, market):
    owners, service = market
    firm = owners[0].organisation_id
    coach = (await catalogue.list_coaches(db, firm))[0].id
    (row,) = await catalogue.list_offerings(db, firm)
    order = PublishOffering(
        service_id=service,
        title={"en": "Welding"},
        price_cents=10_00,
        languages=["fi"],
        ways=["video"],
        area_codes=["0011"],
        coach_ids=[coach],
    )
    await catalogue.change_offering(db, row.id, order, by=owners[0], at=a.NOON)
    assert await names(db, "weld") == ["Aino"]
    assert await names(db, "työhönvalmennus") == ["Aino", "Bo"], "the service is still called so"
    await db.exec(text("update organisation set name = 'Polku Oy' where id = :id").bindparams(id=firm))
    assert (await names(db, "polku"), await names(db, "suunta")) == (["Aino"], [])
    await db.exec(text("update coach set name = 'Oili' where id = :id").bindparams(id=coach))
    assert (await names(db, "oili"), await names(db, "äijälä")) == (["Oili"], [])
    await db.exec(text('update service set name = \'{"fi": "Uravalmennus"}\''))
    assert await names(db, "uravalmennuksen") == ["Bo", "Oili"]
    unstaffed = order.model_copy(update={"coach_ids": []})
    await catalogue.change_offering(db, row.id, unstaffed, by=owners[0], at=a.NOON)
    found = await catalogue.search(db, Search(q="welding"), on=TODAY)
    assert [card.coach_id for card in found.cards] == [None]
    number = (await db.exec(text("select count(*) from search_entry"))).scalar_one()
    assert number == 2


async def test_an_entry_keeps_its_number_whatever_changes_of_it(db, market):
    async def entries():
        rows = (await db.exec(text("select id, offering_id from search_entry order by 1"))).all()
        return [tuple(row) for row in rows]

    before = await entries()
    await db.exec(text("update offering set price_cents = price_cents + 1"))
    await db.exec(text("update coach set own_words = '{}'"))
    assert await entries() == before
    imported = await catalogue.import_offering(
        db,
        ImportOffering(
            provider_id=market[0][0].organisation_id,
            foreign_id="P-1",
            source="A register",
            service_id=market[1],
            title={"en": "Welding"},
            price_cents=10_00,
            area_codes=["0011"],
        ),
        at=a.NOON,
    )
    assert [one for _, one in await entries()].count(imported) == 1
