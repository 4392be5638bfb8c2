"""Importing (tuonti): taking in somebody else's register of providers or offerings, every row understood or refused.

`records` takes a CSV file apart, a `mapping` says how its columns and words are meant, `cells` and `reading` make rows
or problems of it, `loading` takes the rows in through the domains, and `command` is what is typed.
"""

from setori.importing.command import main
from setori.importing.fields import Kind, OfferingRow, OutcomeRow, ProviderRow, Standing
from setori.importing.loading import GroundMissing, Loaded, known_providers, load
from setori.importing.mapping import Mapping, MappingRefused, parse_mapping
from setori.importing.problems import Problem, Weight, count_kinds
from setori.importing.reading import Reading, read
from setori.importing.reasons import as_json
from setori.importing.refused import safe_cell, write_refused
from setori.importing.running import RefusedRow, list_refused, run_import

__all__ = [
    "GroundMissing",
    "Kind",
    "Loaded",
    "Mapping",
    "MappingRefused",
    "OfferingRow",
    "OutcomeRow",
    "Problem",
    "ProviderRow",
    "Reading",
    "RefusedRow",
    "Standing",
    "Weight",
    "as_json",
    "count_kinds",
    "known_providers",
    "list_refused",
    "load",
    "main",
    "parse_mapping",
    "read",
    "run_import",
    "safe_cell",
    "write_refused",
]
