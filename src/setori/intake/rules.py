"""May they: the states of an import, and whether it can be undone."""

from collections.abc import Mapping
from enum import StrEnum

from setori.errors import Conflict


class RunStatus(StrEnum):
    """Where an import is. Nothing is written to the register before `importing`."""

    CHECKING = "checking"
    CHECKED = "checked"
    UNUSABLE = "unusable"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"
    UNDONE = "undone"


class Made(StrEnum):
    """What an import can make."""

    PROVIDER = "provider"
    APPROVAL = "approval"
    OFFERING = "offering"
    OUTCOME = "outcome"


MOVES: dict[RunStatus, frozenset[RunStatus]] = {
    RunStatus.CHECKING: frozenset({RunStatus.CHECKED, RunStatus.UNUSABLE, RunStatus.FAILED}),
    RunStatus.CHECKED: frozenset({RunStatus.IMPORTING}),
    RunStatus.UNUSABLE: frozenset(),
    RunStatus.IMPORTING: frozenset({RunStatus.IMPORTED, RunStatus.FAILED}),
    RunStatus.IMPORTED: frozenset({RunStatus.UNDONE}),
    RunStatus.FAILED: frozenset(),
    RunStatus.UNDONE: frozenset(),
}
FAILED = "import_failed"
"""The kind of the remark that tells why an import as a whole could not be done."""

UNDER_WAY = frozenset({RunStatus.CHECKING, RunStatus.IMPORTING})
CHANGES = frozenset({"changed", "restated"})


class Moved(Conflict):
    """The import has moved on."""

    sentence = "This import is {status} by now. Look at it again before you go on."


def move(status: RunStatus, to: RunStatus) -> None:
    """Refuse a move that the table does not know. Raises Moved."""
    if to not in MOVES[status]:
        raise Moved(status=status.value)


def is_undoable(status: RunStatus, counts: Mapping[str, int]) -> bool:
    """Whether an import can be taken back as a whole: it only added, and changed nothing that stood before."""
    return status is RunStatus.IMPORTED and not any(counts.get(word) for word in CHANGES)
