"""The catalogue: what can be chosen is found, in an order that nobody owns, and nothing else is."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from setori import catalogue, registry
from setori.catalogue import Experience, ImportOffering, Order, PublishOffering, Search
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Role
from setori.quality.order import Candidate, arrange
from setori.registry import SuspendApproval
from tests.domains.builders import (
    NOON,
    a_coach,
    a_procurer,
    a_provider,
    a_rulebook,
    a_service,
    an_actor,
    an_approval,
    an_area,
    an_offering,
)

TODAY = date(2026, 3, 2)


class World:
    """A procurer in Pirkanmaa with a rulebook, and an approved provider with an owner."""

    async def another_provider(self, db, name, **approval):
        provider_id = await a_provider(db, name)
        await an_approval(db, self.rulebook_id, provider_id, **approval)
        return provider_id, await an_actor(db, Role.PROVIDER_OWNER, provider_id)


@pytest.fixture
async def world(db):
    it = World()
    it.registrar = await an_actor(db, Role.REGISTRAR, await a_procurer(db))
    await an_area(db, "0012", "Varsinais-Suomi")
    it.service_id = await a_service(db)
    it.rulebook_id = await a_rulebook(db, it.registrar, it.service_id)
    it.provider_id, it.owner = await it.another_provider(db, "Suunta Oy", starts_on=date(2026, 1, 1))
    return it


async def found(db, **wanted):
    return await catalogue.search(db, Search(**wanted), on=TODAY, seed="a visitor")


async def names(db, **wanted):
    return sorted(card.coach_name for card in (await found(db, **wanted)).cards)


async def test_a_card_is_a_coach_within_an_offering_or_an_offering_without_coaches(db, world):
    coaches = [await a_coach(db, world.provider_id, name) for name in ("Maija", "Olli")]
    await an_offering(db, world.owner, world.service_id, coaches)
    await an_offering(db, world.owner, world.service_id, price_cents=50_00)
    page = await found(db)
    assert sorted(card.coach_name for card in page.cards) == ["", "Maija", "Olli"]
    assert page.total == 3
    assert {card.provider_name for card in page.cards} == {"Suunta Oy"}
    assert page.cards[0].area_codes == ["0011"]


async def test_what_is_not_approved_cannot_be_found_and_comes_back_by_itself(db, world):
    offering_id = await an_offering(db, world.owner, world.service_id)
    [approval] = await registry.list_approvals(db, world.provider_id, on=TODAY)
    reason = SuspendApproval(reason="Insurance has run out.", is_urgent=True)
    await registry.suspend(db, approval.id, reason, by=world.registrar, at=NOON)
    assert (await found(db)).total == 0
    assert not (await catalogue.find_offering(db, offering_id, on=TODAY)).is_choosable
    await an_approval(db, world.rulebook_id, world.provider_id)
    assert (await found(db)).total == 1
    assert (await catalogue.find_offering(db, offering_id, on=TODAY)).choosable_in.keys() == {"0011"}


async def test_an_offering_elsewhere_is_not_chosen_with_this_procurers_approval(db, world):
    await an_offering(db, world.owner, world.service_id, area_codes=["0012"])
    assert (await found(db)).cards == []
    await an_offering(db, world.owner, world.service_id, area_codes=["0012", "0011"])
    [card] = (await found(db)).cards
    assert card.area_codes == ["0011"]
    assert (await found(db, area="0012")).total == 0


async def test_an_unpublished_offering_is_gone(db, world):
    offering_id = await an_offering(db, world.owner, world.service_id)
    await catalogue.take_down_offering(db, offering_id, by=world.owner, at=NOON)
    assert (await found(db)).total == 0
    assert await catalogue.find_terms(db, offering_id, None) is None
    with pytest.raises(NotFound):
        await catalogue.find_offering(db, offering_id, on=TODAY)


async def test_words_are_looked_for_in_the_offering_and_in_the_cards_own_coach(db, world):
    maija = await a_coach(db, world.provider_id, "Maija Äijälä", own_words={"fi": "Olen ollut kokki."})
    olli = await a_coach(db, world.provider_id, "Olli")
    await an_offering(db, world.owner, world.service_id, [maija, olli])
    assert await names(db, q="äijälä") == ["Maija Äijälä"]
    assert await names(db, q="KOKKI nuorille") == ["Maija Äijälä"]
    assert await names(db, q="suunta nuor") == ["Maija Äijälä", "Olli"]
    assert await names(db, q="coaching") == ["Maija Äijälä", "Olli"]
    for nothing in ("xyz", "%", "_", "\\", "maija olli", "'; drop table offering"):
        assert await names(db, q=nothing) == []


async def test_filters_narrow_and_their_counts_tell_what_a_change_would_give(db, world):
    maija = await a_coach(db, world.provider_id, "Maija", languages=["fi", "sv"], ways=["in_person", "video"])
    olli = await a_coach(db, world.provider_id, "Olli", languages=["fi", "en"], ways=["phone"])
    told = {"languages": ["fi", "sv"], "ways": ["in_person", "video", "phone"]}
    await an_offering(db, world.owner, world.service_id, [maija, olli], **told)
    assert await names(db, language="sv") == ["Maija"]
    assert await names(db, way="phone") == ["Olli"]
    assert await names(db, way="chat") == []
    page = await found(db, language="sv")
    assert page.total == 1
    assert page.facets.languages == {"fi": 2, "sv": 1}
    assert page.facets.ways == {"in_person": 1, "video": 1}
    assert page.facets.areas == {"0011": 1}
    assert page.facets.services == {world.service_id: 1}


@pytest.mark.parametrize("order", list(Order))
async def test_pages_follow_each_other_without_gaps_in_every_order(db, world, order):
    for number in range(4):
        firm_id, owner = await world.another_provider(db, f"Firma {number} Oy")
        coaches = [await a_coach(db, firm_id, f"Valmentaja {c}") for c in range(number)]
        await an_offering(db, owner, world.service_id, coaches, price_cents=(number % 2 + 1) * 10_00)
    whole = [(c.offering_id, c.coach_id) for c in (await found(db, order=order)).cards]
    assert len(whole) == len(set(whole)) == 7
    seen, after = [], None
    while True:
        page = await found(db, order=order, after=after, limit=2)
        seen += [(card.offering_id, card.coach_id) for card in page.cards]
        after = page.next
        if after is None:
            break
    assert seen == whole


async def test_the_order_is_that_of_the_rules_and_many_coaches_buy_no_better_place(db, world):
    for number, coaches in enumerate((1, 12)):
        firm_id, owner = await world.another_provider(db, f"Firma {number} Oy")
        ids = [await a_coach(db, firm_id, f"Valmentaja {c}") for c in range(coaches)]
        await an_offering(db, owner, world.service_id, ids)
    first: dict[str, int] = {}
    for visitor in range(60):
        page = await catalogue.search(db, Search(), on=TODAY, seed=str(visitor), counts=False)
        candidates = [
            Candidate(f"{one.offering_id}_{one.coach_id}", str(card.provider_id), one.score, one.sd)
            for one, card in zip(page.shown, page.cards, strict=True)
        ]
        in_order = [place.key for place in arrange(candidates, str(visitor), TODAY)]
        assert [one.key for one in candidates] == in_order
        first[page.cards[0].provider_name] = first.get(page.cards[0].provider_name, 0) + 1
    assert min(first.values()) >= 15, "twelve coaches buy no better place than one"
    again = [await found(db), await found(db)]
    assert again[0].cards == again[1].cards


async def test_by_price_and_by_name(db, world):
    for name, price in (("Äijälä", 10_00), ("åkerman", 30_00), ("Zimmer", 20_00)):
        coach = await a_coach(db, world.provider_id, name)
        await an_offering(db, world.owner, world.service_id, [coach], price_cents=price)
    by_price = [card.price_cents for card in (await found(db, order="price")).cards]
    assert by_price == [10_00, 20_00, 30_00]
    by_name = [card.coach_name for card in (await found(db, order="name")).cards]
    assert by_name == ["Zimmer", "åkerman", "Äijälä"]


async def test_cards_carry_the_kept_figure_and_are_put_in_order_by_it(db, world):
    coaches = [await a_coach(db, world.provider_id, name) for name in "ABC"]
    offering_id = await an_offering(db, world.owner, world.service_id, coaches)
    for coach, respondents, shrunk in zip(coaches, (4, 5, 9), (4.9, 4.1, 4.4), strict=True):
        db.add(
            Experience(
                provider_id=world.provider_id,
                service_id=world.service_id,
                offering_id=offering_id,
                coach_id=coach,
                respondents=respondents,
                weight=respondents,
                mean=shrunk,
                shrunk=shrunk,
                sd=0.2,
                prior_mean=3,
                prior_k=10,
                prior_variance=1,
                distribution=[0, 0, 0, 0, respondents],
                counted_on=TODAY,
            )
        )
    await db.flush()
    cards = (await found(db, order="experience")).cards
    assert [card.coach_name for card in cards] == ["C", "B", "A"], "of four it is too early to say"
    assert [card.experience.is_early for card in cards] == [False, False, True]
    assert cards[0].experience.shrunk == 4.4
    page = await catalogue.find_offering(db, offering_id, on=TODAY)
    assert [one.experience for one in page.coaches] == [card.experience for card in reversed(cards)]


async def test_three_are_compared_in_the_order_asked_for(db, world):
    coaches = [await a_coach(db, world.provider_id, name) for name in "CBAD"]
    offering_id = await an_offering(db, world.owner, world.service_id, coaches)
    pairs = [(offering_id, coach) for coach in coaches]
    cards = await catalogue.compare(db, pairs[:3], on=TODAY)
    assert [card.coach_name for card in cards] == ["C", "B", "A"]
    stranger = await a_coach(db, world.provider_id, "Not in it")
    assert await catalogue.compare(db, [(offering_id, stranger)], on=TODAY) == []
    with pytest.raises(Invalid):
        await catalogue.compare(db, pairs, on=TODAY)


async def test_terms_are_for_a_coach_who_is_in_the_offering(db, world):
    coach = await a_coach(db, world.provider_id)
    stranger = await a_coach(db, world.provider_id)
    with_coaches = await an_offering(db, world.owner, world.service_id, [coach])
    without = await an_offering(db, world.owner, world.service_id)
    terms = await catalogue.find_terms(db, with_coaches, coach)
    assert terms is not None
    assert (terms.price_cents, terms.area_codes) == (80_00, frozenset({"0011"}))
    assert await catalogue.find_terms(db, with_coaches, stranger) is None
    assert await catalogue.find_terms(db, with_coaches, None) is None
    assert await catalogue.find_terms(db, without, coach) is None
    assert await catalogue.find_terms(db, without, None) is not None


async def test_an_offering_is_changed_by_its_own_firm_alone(db, world):
    offering_id = await an_offering(db, world.owner, world.service_id)
    _, stranger = await world.another_provider(db, "Toinen Oy")
    theirs = await a_coach(db, stranger.organisation_id)
    order = PublishOffering(
        service_id=world.service_id,
        title={"fi": "Uusi"},
        price_cents=1_00,
        languages=["fi"],
        ways=["video"],
        area_codes=["0011"],
    )
    with pytest.raises(NotFound):
        await catalogue.change_offering(db, offering_id, order, by=stranger, at=NOON)
    foreign = order.model_copy(update={"coach_ids": [theirs]})
    with pytest.raises(Invalid):
        await catalogue.change_offering(db, offering_id, foreign, by=world.owner, at=NOON)
    with pytest.raises(Forbidden):
        await catalogue.publish_offering(db, order, by=world.registrar, at=NOON)
    await catalogue.change_offering(db, offering_id, order, by=world.owner, at=NOON)
    assert [card.price_cents for card in (await found(db, q="uusi", way="video")).cards] == [1_00]


async def test_an_imported_offering_is_followed_by_its_foreign_id(db, world):
    order = ImportOffering(
        provider_id=world.provider_id,
        foreign_id="P-1",
        source="New Jersey ETPL",
        service_id=world.service_id,
        title={"en": 'Welding "A"\nII'},
        price_cents=1_500_00,
        area_codes=["0011"],
    )
    first = await catalogue.import_offering(db, order, at=NOON)
    cheaper = order.model_copy(update={"price_cents": 900_00})
    assert await catalogue.import_offering(db, cheaper, at=NOON + timedelta(days=1)) == first
    [card] = (await found(db, q="welding")).cards
    assert (card.price_cents, card.source, card.coach_id) == (900_00, "New Jersey ETPL", None)
    gone = order.model_copy(update={"is_published": False})
    await catalogue.import_offering(db, gone, at=NOON)
    assert (await found(db)).total == 0
    with pytest.raises(ValidationError):
        ImportOffering.model_validate(order.model_dump() | {"price_cents": 99_999_999_99})


@pytest.mark.parametrize("bad", ["x", "W10", "bnVsbA", "W251bGwsMSwyLDMsNF0"])
async def test_a_place_that_is_none_is_refused(db, world, bad):
    with pytest.raises(Invalid):
        await found(db, after=bad)
