"""Which role fits where."""

import pytest

from setori.people import OrganisationKind, Role
from setori.people.rules import role_fits


@pytest.mark.parametrize("role", list(Role))
def test_a_role_fits_one_kind_of_place_only(role):
    fitting = [kind for kind in (None, *OrganisationKind) if role_fits(role, kind)]
    assert len(fitting) == 1
