"""Which role fits where."""

import pytest

from setori.people import OrganisationKind, Role
from setori.people.rules import network_of, role_fits


@pytest.mark.parametrize("role", list(Role))
def test_a_role_fits_one_kind_of_place_only(role):
    fitting = [kind for kind in (None, *OrganisationKind) if role_fits(role, kind)]
    assert len(fitting) == 1


@pytest.mark.parametrize(
    ("address", "counts_for"),
    [
        ("192.0.2.4", "192.0.2.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.4", "192.0.2.4"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_tries_count_for_a_network(address: str, counts_for: str) -> None:
    assert network_of(address) == counts_for
