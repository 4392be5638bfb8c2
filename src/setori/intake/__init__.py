"""Intake (tuonti): registers handed in over the browser, what was found in them, what they made, and undoing it."""

from setori.intake.commands import HandIn
from setori.intake.models import ImportRun
from setori.intake.operations import (
    IsInUse,
    KeptByAnother,
    NotChecked,
    NotUndoable,
    fail,
    finish,
    hand_in,
    note_made,
    report_checked,
    start_import,
    tell_progress,
    undo,
)
from setori.intake.queries import RunRow, RunView, find_run, list_problems, list_runs, load_run
from setori.intake.rules import Made, Moved, RunStatus

__all__ = [
    "HandIn",
    "ImportRun",
    "IsInUse",
    "KeptByAnother",
    "Made",
    "Moved",
    "NotChecked",
    "NotUndoable",
    "RunRow",
    "RunStatus",
    "RunView",
    "fail",
    "find_run",
    "finish",
    "hand_in",
    "list_problems",
    "list_runs",
    "load_run",
    "note_made",
    "report_checked",
    "start_import",
    "tell_progress",
    "undo",
]
