"""Writing people: letting them in, and keeping who they are and whom they act for."""

from setori.people.operations.keeping import (
    AlreadyKnown,
    RoleDoesNotFit,
    add_member,
    add_organisation,
    add_person,
    import_organisation,
    notify,
)
from setori.people.operations.signing_in import (
    TooOften,
    find_api_token,
    find_sign_in,
    mint_api_token,
    mint_link,
    request_sign_in,
    sign_in,
    sign_out,
    switch_role,
)

__all__ = [
    "AlreadyKnown",
    "RoleDoesNotFit",
    "TooOften",
    "add_member",
    "add_organisation",
    "add_person",
    "find_api_token",
    "find_sign_in",
    "import_organisation",
    "mint_api_token",
    "mint_link",
    "notify",
    "request_sign_in",
    "sign_in",
    "sign_out",
    "switch_role",
]
