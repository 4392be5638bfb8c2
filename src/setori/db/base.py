"""What every table shares: ids that sort by time, instants in UTC, enums by value, texts in three languages."""

import os
import time
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, MetaData
from sqlalchemy import Enum as SaEnum
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata


def new_id() -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, then chance, so that rows lie in the order they came."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def key() -> Any:
    """The primary key of a table."""
    return Field(default_factory=new_id, primary_key=True)


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """A moment in UTC."""
    kwargs: dict[str, Any] = {"default": None} if nullable else {}
    return Field(sa_type=DateTime(timezone=True), nullable=nullable, index=index, **kwargs)


def choice(kind: type[Enum], table: str, column: str, *, nullable: bool = False) -> Any:
    """An enum kept by value with a CHECK of its own, named so that a refusal tells which it was."""
    kwargs: dict[str, Any] = {"default": None} if nullable else {}
    known = SaEnum(
        kind,
        native_enum=False,
        values_callable=lambda members: [member.value for member in members],
        create_constraint=True,
        validate_strings=True,
        length=40,
        name=f"{table}_{column}_known",
    )
    return Field(sa_column=Column(column, known, nullable=nullable), **kwargs)


def texts() -> Any:
    """Words in three languages, as JSON."""
    return Field(default_factory=dict, sa_type=JSONB, nullable=False)


def words() -> Any:
    """A list of short codes (languages, ways), as JSON."""
    return Field(default_factory=list, sa_type=JSONB, nullable=False)


__all__ = ["choice", "datetime", "instant", "key", "metadata", "new_id", "texts", "words"]
