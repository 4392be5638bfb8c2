"""A database for machines, which run on loops of their own, one after the other, and commit for real."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from setori.db.cluster import Cluster, Urls
from setori.db.invariants import count_broken


@dataclass(frozen=True)
class MachineDatabase:
    """Where a machine's world is, and what is wrong in it."""

    urls: Urls

    @property
    def app_url(self) -> str:
        return self.urls.app_url

    async def defects(self) -> dict[str, int]:
        """Every invariant that is broken, with its count."""
        counts = await count_broken(self.urls.owner_url)
        assert counts, "there are invariants to check"
        return {name: rows for name, rows in counts.items() if rows}


@pytest.fixture
def machine_database(cluster: Cluster, empty_template: str) -> Iterator[MachineDatabase]:
    name = f"machine_{uuid.uuid4().hex[:12]}"
    yield MachineDatabase(cluster.create_database(name, template=empty_template))
    cluster.drop_database(name)
