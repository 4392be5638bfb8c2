"""Lists ask the database the same number of questions however long they are."""

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine


class Counted:
    """How many statements were sent to the database while it was open."""

    def __enter__(self) -> "Counted":
        self.number = 0
        event.listen(Engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.number += 1


@pytest.mark.parametrize("path", ["/provider", "/provider/clients", "/provider/sessions"])
async def test_a_longer_list_asks_no_more_of_the_database(path, world, visitor) -> None:
    await world.a_session(await world.a_client())
    owner = await visitor(world.owner)
    await owner.get(path)
    with Counted() as few:
        assert (await owner.get(path)).status_code == 200
    for number in range(6):
        await world.a_session(await world.a_client(f"Asiakas {number}"), confirmed=number % 2 == 0)
    with Counted() as many:
        page = await owner.get(path)
    assert "Asiakas 5" in page.text or path == "/provider"
    assert few.number == many.number > 0


async def test_clients_show_what_is_left_of_their_vouchers(world, visitor) -> None:
    who = await world.a_client()
    await world.a_session(who, confirmed=True)
    await world.a_session(who)
    seen = (await (await visitor(world.coach)).get("/provider/clients")).text
    assert "3 sessions left" in seen
    assert "1 waits for confirmation" in seen


async def test_the_desk_tells_what_waits_and_what_the_month_has_brought(world, visitor) -> None:
    who = await world.a_client()
    await world.a_session(who, confirmed=True)
    await world.a_session(who, confirmed=True)
    await world.a_session(who)
    seen = (await (await visitor(world.owner)).get("/provider")).text
    assert "€160.00" in seen
    assert "Suunta Oy" in seen
    assert "/provider/sessions?status=held" in seen
