"""Reads seed/: tables as CSV, the sample world as YAML that a person can read."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SEED = Path(__file__).resolve().parents[3] / "seed"


@dataclass(frozen=True)
class World:
    """Everything that seed/ says, as it is written there."""

    areas: list[dict[str, str]]
    municipalities: list[dict[str, str]]
    postal_codes: list[dict[str, str]]
    municipality_places: list[dict[str, str]]
    services: list[dict[str, Any]]
    rulebooks: dict[str, Any]
    procurers: list[dict[str, Any]]
    providers: list[dict[str, Any]]
    jobseekers: dict[str, Any]
    reviews: list[dict[str, Any]]
    dialogues: list[dict[str, Any]]
    personas: list[dict[str, str]]
    calendars: list[dict[str, Any]]
    assessments: list[dict[str, Any]]
    consortia: list[dict[str, Any]]
    documents: dict[str, Any]


@cache
def read_world() -> World:
    """Read all of it once."""
    providers: list[dict[str, Any]] = []
    for path in sorted((SEED / "world").glob("providers*.yaml")):
        providers.extend(_yaml(path))
    return World(
        areas=_csv("areas"),
        municipalities=_csv("municipalities"),
        postal_codes=_csv("postal_codes"),
        municipality_places=_csv("municipality_places"),
        services=_yaml(SEED / "world" / "services.yaml"),
        rulebooks=_yaml(SEED / "world" / "rulebooks.yaml"),
        procurers=_yaml(SEED / "world" / "procurers.yaml"),
        providers=providers,
        jobseekers=_yaml(SEED / "world" / "jobseekers.yaml"),
        reviews=_yaml(SEED / "world" / "reviews.yaml"),
        dialogues=_yaml(SEED / "world" / "dialogues.yaml"),
        personas=_yaml(SEED / "world" / "personas.yaml"),
        calendars=_yaml(SEED / "world" / "calendars.yaml"),
        assessments=_yaml(SEED / "world" / "assessments.yaml"),
        consortia=_yaml(SEED / "world" / "consortia.yaml"),
        documents=_yaml(SEED / "world" / "documents.yaml"),
    )


def _csv(name: str) -> list[dict[str, str]]:
    with (SEED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _yaml(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
