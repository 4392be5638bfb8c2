"""Providers come into the register and tell of themselves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.db import record
from setori.errors import Forbidden, NotFound
from setori.people import Actor, AddOrganisation, OrganisationKind, Role
from setori.registry.commands import AddProvider, ImportProvider, UpdateProfile
from setori.registry.models import ProviderProfile


async def add_provider(
    db: AsyncSession, order: AddProvider, *, by: Actor | None = None, at: datetime
) -> UUID:
    """A new provider with its profile. Raises AlreadyKnown when the Business ID is in the register."""
    organisation = AddOrganisation(
        kind=OrganisationKind.PROVIDER,
        name=order.name,
        business_id=order.business_id,
        is_sample=order.is_sample,
    )
    provider_id = await people.add_organisation(db, organisation, by=by, at=at)
    own = order.model_dump(include=set(UpdateProfile.model_fields))
    db.add(ProviderProfile(provider_id=provider_id, updated_at=at, **own))
    record(db, "provider.added", provider_id, by_id=by.person_id if by else None, at=at)
    await db.flush()
    return provider_id


async def import_provider(
    db: AsyncSession, order: ImportProvider, *, by: Actor | None = None, at: datetime
) -> UUID:
    """The provider with this id in a foreign register, added or brought up to date. Its account number stays."""
    organisation = AddOrganisation(
        kind=OrganisationKind.PROVIDER,
        name=order.name,
        foreign_register=order.foreign_register,
        foreign_id=order.foreign_id,
    )
    provider_id = await people.import_organisation(db, organisation, by=by, at=at)
    told = order.model_dump(include={"summary", "website", "city", "languages"})
    kept = insert(ProviderProfile).values(provider_id=provider_id, updated_at=at, **told)
    changed = {name: kept.excluded[name] for name in (*told, "updated_at")}
    await db.exec(kept.on_conflict_do_update(index_elements=["provider_id"], set_=changed))
    record(db, "provider.imported", provider_id, by_id=by.person_id if by else None, at=at)
    return provider_id


async def update_profile(db: AsyncSession, order: UpdateProfile, *, by: Actor, at: datetime) -> None:
    """Change what one's own firm tells of itself. Only its owner does that.

    An account that takes another's place is not paid for a day, and every owner is told of it.
    """
    if by.role is not Role.PROVIDER_OWNER or by.organisation_id is None:
        raise Forbidden
    profile = await db.get(ProviderProfile, by.organisation_id, with_for_update=True)
    if profile is None:
        raise NotFound
    changed = [name for name, value in order.model_dump().items() if getattr(profile, name) != value]
    # Also an account that was taken away first and put back as another later.
    if "iban" in changed and (profile.iban is not None or profile.iban_changed_at is not None):
        profile.iban_changed_at = at
        for member in await people.list_members(db, profile.provider_id):
            if member.role is Role.PROVIDER_OWNER:
                await people.notify(db, member.person_id, "account_changed", {}, at=at)
    for name in changed:
        setattr(profile, name, getattr(order, name))
    if changed:
        profile.updated_at = at
        record(db, "profile.updated", profile.provider_id, by_id=by.person_id, at=at, fields=changed)
    await db.flush()
