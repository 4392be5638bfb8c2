"""Where: the employment areas of Finland, their municipalities and postal codes."""

from sqlalchemy import Float
from sqlmodel import Field, SQLModel

from setori.db import texts
from setori.texts import Texts


class Area(SQLModel, table=True):
    """An employment area (työllisyysalue), by its code in Statistics Finland's classification."""

    code: str = Field(primary_key=True, max_length=4)
    name: Texts = texts()


class Municipality(SQLModel, table=True):
    """A municipality (kunta), by its three-digit code."""

    code: str = Field(primary_key=True, max_length=3)
    area_code: str = Field(foreign_key="area.code", index=True)
    name: Texts = texts()
    latitude: float | None = Field(default=None, sa_type=Float)
    longitude: float | None = Field(default=None, sa_type=Float)
    """Where its main town lies, in degrees."""


class PostalCode(SQLModel, table=True):
    """A postal code and the municipality that it belongs to."""

    __tablename__ = "postal_code"

    code: str = Field(primary_key=True, max_length=5)
    municipality_code: str = Field(foreign_key="municipality.code", index=True)
    name: Texts = texts()
