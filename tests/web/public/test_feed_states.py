"""The events of the register tell what happened, why, and how the approval was then: its history can be rebuilt."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from setori import registry
from setori.app import clock
from setori.days import local_day
from setori.people import Role
from setori.registry import (
    AdoptApproval,
    ApprovalStatus,
    PauseApproval,
    PleadPause,
    ReinstateApproval,
    SuspendApproval,
)
from tests.conftest import RealDatabase
from tests.domains import builders as a


class Life:
    """A registrar and a firm that is approved."""

    def __init__(self, database: RealDatabase) -> None:
        self.database = database

    async def begin(self) -> None:
        async with self.database.sessions.begin() as db:
            procurer_id = await a.a_procurer(db, at=clock())
            self.registrar = await a.an_actor(db, Role.REGISTRAR, procurer_id, at=clock())
            self.service_id = await a.a_service(db, at=clock())
            self.provider_id = await a.a_provider(db, at=clock())
            self.owner = await a.an_actor(db, Role.PROVIDER_OWNER, self.provider_id, at=clock())
            self.rulebook_id = await a.a_rulebook(db, self.registrar, self.service_id, at=clock())
            since = local_day(clock()) - timedelta(days=30)
            self.approval_id = await a.an_approval(
                db, self.rulebook_id, self.provider_id, starts_on=since, at=clock()
            )

    async def does(
        self, operation: Any, *given: Any, by: Any = None, id: UUID | None = None, days: int = 0
    ) -> Any:
        at = clock() + timedelta(days=days)
        async with self.database.sessions.begin() as db:
            return await operation(db, id or self.approval_id, *given, by=by or self.registrar, at=at)


@pytest.fixture
async def life(fresh_database: RealDatabase) -> Life:
    life = Life(fresh_database)
    await life.begin()
    return life


async def events(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/register/events")).json()["items"]
    return found


def shape(event: dict[str, Any]) -> tuple[Any, ...]:
    then = event["approval"]
    return (event["what"], event["reason_code"], then["status"], then["new_clients"])


async def test_each_event_tells_its_own_kind_reason_and_state(client: httpx.AsyncClient, life: Life) -> None:
    await life.does(registry.pause, PauseApproval(reason="We are full.", code="asked_by_provider"))
    await life.does(registry.pause, PauseApproval(reason="No cover.", code="evidence_expired"))
    await life.does(registry.resume)
    urgent = SuspendApproval(reason="It was not kept.", code="breach", is_urgent=True)
    await life.does(registry.suspend, urgent)
    again = await life.does(registry.reinstate, ReinstateApproval(reason="Mended."))
    ended = SuspendApproval(reason="Two became one.", code="merger", is_final=True)
    await life.does(registry.suspend, ended, id=again)
    found = await events(client)
    assert [shape(one) for one in found] == [
        ("approval.begun", None, "in_force", True),
        ("approval.paused", "asked_by_provider", "in_force", False),
        ("approval.paused", "evidence_expired", "in_force", False),
        ("approval.reopened", "asked_by_provider", "in_force", True),
        ("approval.reopened", "evidence_expired", "in_force", True),
        ("approval.suspended", "breach", "suspended", False),
        ("approval.reinstated", None, "in_force", True),
        ("approval.ended", "merger", "in_force", True),
    ]
    first, last = str(life.approval_id), str(again)
    assert [one["approval_id"] for one in found] == [first] * 6 + [last] * 2
    today = local_day(clock())
    assert [one["approval"]["ends_on"] for one in found] == [
        *[None] * 5,
        today.isoformat(),
        None,
        (today + timedelta(days=1)).isoformat(),
    ], "begun today it ends tomorrow, and the event of today says so"
    assert found[5]["approval"]["reason"] == "It was not kept."
    assert (found[7]["approval"]["reason"], found[7]["approval"]["reason_code"]) == (
        "Two became one.",
        "merger",
    )
    assert found[0]["approval"]["reason"] == "", "what came later is not told of the past"


async def test_the_last_event_is_what_the_register_says_today(client: httpx.AsyncClient, life: Life) -> None:
    await life.does(registry.suspend, SuspendApproval(reason="No.", code="breach", is_urgent=True))
    (firm,) = (await client.get("/register.json")).json()["items"]
    assert (await events(client))[-1]["approval"] == firm["approvals"][-1]
    assert ",No.,breach" in (await client.get("/register.csv")).text


async def test_what_is_nobody_elses_leaves_no_event(client: httpx.AsyncClient, life: Life) -> None:
    async with life.database.sessions.begin() as db:
        await registry.warn_idle(db, [life.approval_id], days=30, at=clock())
        await registry.pause_idle(db, [life.approval_id], at=clock())
    before = await events(client)
    assert [one["what"] for one in before] == ["approval.begun", "approval.paused"]
    await life.does(registry.plead, PleadPause(plea="We had a quiet spring."), by=life.owner)
    assert await events(client) == before


async def test_adopted_is_told_apart_from_begun(client: httpx.AsyncClient, life: Life) -> None:
    async with life.database.sessions.begin() as db:
        next_door = await a.a_procurer(db, "0022", "Varsinais-Suomen työllisyysalue", at=clock())
        theirs = await a.an_actor(db, Role.REGISTRAR, next_door, at=clock())
        await a.a_rulebook(db, theirs, life.service_id, at=clock())
    adopted = await life.does(
        registry.adopt_elsewhere, AdoptApproval(reason="Good enough for them."), by=theirs
    )
    event = (await events(client))[-1]
    assert (event["what"], event["approval_id"]) == ("approval.adopted", str(adopted))
    no = SuspendApproval(reason="No.", code="breach", is_urgent=True)
    await life.does(registry.suspend, no, by=theirs, id=adopted, days=1)
    await life.does(registry.reinstate, ReinstateApproval(reason="Mended."), by=theirs, id=adopted, days=2)
    assert [one["what"] for one in (await events(client))[-2:]] == [
        "approval.suspended",
        "approval.reinstated",
    ]


async def test_another_registers_word_is_one_event(client: httpx.AsyncClient, life: Life) -> None:
    async with life.database.sessions.begin() as db:
        told = (life.provider_id, life.rulebook_id, ApprovalStatus.ENDED, "Struck off.")
        await registry.adopt(db, *told, by=life.registrar, at=clock())
    assert [one["what"] for one in await events(client)] == ["approval.begun", "approval.ended"]
