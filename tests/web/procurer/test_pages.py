"""Every page of the desk opens for whoever it is for, and for nobody else."""

import pytest

from setori.people import Role

PAGES = {
    "/procurer": "registrar case_worker finance approver",
    "/procurer/applications": "registrar",
    "/procurer/applications?status=rejected": "registrar",
    "/procurer/rulebooks": "registrar case_worker finance approver",
    "/procurer/rulebooks/new": "registrar",
    "/procurer/rulebooks/new?service={service}": "registrar",
    "/procurer/rulebooks/{rulebook}": "registrar case_worker finance approver",
    "/procurer/rulebooks/{rulebook}/publication": "registrar",
    "/procurer/providers": "registrar case_worker finance approver",
    "/procurer/approvals/{approval}/suspension": "registrar",
    "/procurer/vouchers": "case_worker",
    "/procurer/vouchers?status=claimed&q=aino": "case_worker",
    "/procurer/vouchers/new": "case_worker",
    "/procurer/programmes": "registrar case_worker finance approver",
    "/procurer/programmes/new": "registrar case_worker finance",
    "/procurer/settlement": "finance approver",
    "/procurer/statements": "finance approver",
    "/procurer/statements?status=draft": "finance approver",
    "/procurer/reconciliation": "finance approver",
}


@pytest.mark.parametrize("role", ["registrar", "case_worker", "finance", "approver"])
async def test_each_role_opens_its_own_pages_and_no_others(role, world, visitor) -> None:
    await world.a_confirmed_session()
    places = {"service": world.service_id, "rulebook": world.rulebook_id, "approval": world.approval_id}
    who = await visitor(Role(role))
    answers = {path: (await who.get(path.format(**places))).status_code for path in PAGES}
    expected = {path: 200 if role in roles.split() else 403 for path, roles in PAGES.items()}
    assert answers == expected


async def test_the_desk_is_not_for_jobseekers_providers_or_strangers(world, visitor, client) -> None:
    owner = await visitor(world.owner)
    assert (await owner.get("/procurer")).status_code == 403
    assert (await client.get("/procurer")).status_code == 303
