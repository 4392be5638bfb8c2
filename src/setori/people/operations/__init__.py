"""Writing people: letting them in, and keeping who they are and whom they act for."""

from setori.people.operations.gathering import Newcomer, add_jobseekers, find_jobseekers, notify_all
from setori.people.operations.keeping import (
    AddressTaken,
    AlreadyKnown,
    AlreadyReachable,
    RoleDoesNotFit,
    add_member,
    add_organisation,
    add_person,
    give_email,
    import_organisation,
    notify,
)
from setori.people.operations.signing_in import (
    TooOften,
    count_try,
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
    "AddressTaken",
    "AlreadyKnown",
    "AlreadyReachable",
    "Newcomer",
    "RoleDoesNotFit",
    "TooOften",
    "add_jobseekers",
    "add_member",
    "add_organisation",
    "add_person",
    "count_try",
    "find_api_token",
    "find_jobseekers",
    "find_sign_in",
    "give_email",
    "import_organisation",
    "mint_api_token",
    "mint_link",
    "notify",
    "notify_all",
    "request_sign_in",
    "sign_in",
    "sign_out",
    "switch_role",
]
