"""Writing the register."""

from setori.registry.operations.applying import (
    NotOpen,
    answer,
    start_application,
    submit,
    withdraw,
)
from setori.registry.operations.deciding import (
    NotInForce,
    adopt,
    approve_directly,
    decide,
    suspend,
)
from setori.registry.operations.profiles import (
    add_consortium_member,
    add_provider,
    import_provider,
    update_profile,
)
from setori.registry.operations.rulebooks import (
    InConsultation,
    NotDraft,
    begin_consultation,
    draft_rulebook,
    edit_rulebook,
    lock_rulebook,
    publish_core,
    publish_rulebook,
)

__all__ = [
    "InConsultation",
    "NotDraft",
    "NotInForce",
    "NotOpen",
    "add_consortium_member",
    "add_provider",
    "adopt",
    "answer",
    "approve_directly",
    "decide",
    "begin_consultation",
    "draft_rulebook",
    "edit_rulebook",
    "import_provider",
    "lock_rulebook",
    "publish_core",
    "publish_rulebook",
    "start_application",
    "submit",
    "suspend",
    "update_profile",
    "withdraw",
]
