"""The evidence wallet (todisteet): documents of a firm, kept once for all procurers, checked, dated, and renewed."""

from setori.evidence.commands import KeepDocument, RenewDocument
from setori.evidence.models import Document, Version
from setori.evidence.operations import (
    ExaminedFile,
    examine,
    keep,
    note_look,
    remind,
    renew,
    restore,
    withdraw,
)
from setori.evidence.queries import (
    DocumentView,
    FileView,
    LookView,
    VersionView,
    find_document,
    list_documents,
    list_looks,
    list_usable,
    list_versions,
    open_file,
    open_own,
)
from setori.evidence.refusals import FileRefused, Withdrawn
from setori.evidence.rules import LARGEST, DocumentKind, DocumentStatus

__all__ = [
    "LARGEST",
    "Document",
    "DocumentKind",
    "DocumentStatus",
    "DocumentView",
    "ExaminedFile",
    "FileRefused",
    "FileView",
    "KeepDocument",
    "LookView",
    "RenewDocument",
    "Version",
    "VersionView",
    "Withdrawn",
    "examine",
    "find_document",
    "keep",
    "list_documents",
    "list_looks",
    "list_usable",
    "list_versions",
    "note_look",
    "open_file",
    "open_own",
    "remind",
    "renew",
    "restore",
    "withdraw",
]
