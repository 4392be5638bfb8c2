"""Taking a real register in: through the domains, all rows or none, and again without harm."""

import asyncio
import shutil
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from setori import catalogue, importing, people, registry
from setori.app import clock
from setori.days import local_day
from setori.errors import NotFound
from setori.importing import (
    GroundMissing,
    Mapping,
    OfferingRow,
    ProviderRow,
    Standing,
    load,
    parse_mapping,
    read,
)
from setori.people import Role
from setori.registry import ApprovalStatus
from setori.settings import Settings
from tests.domains.builders import a_procurer, a_rulebook, a_service, an_actor, an_area

DATA = Path(__file__).parents[1] / "data"
MAPPINGS = Path(__file__).parents[2] / "seed" / "mappings"
PROVIDERS = MAPPINGS / "nj_etpl_providers.toml"
OFFERINGS = MAPPINGS / "nj_etpl_offerings.toml"
AT = datetime(2026, 9, 15, 9, 0, tzinfo=UTC)
AREA = "0039"


def mapping_of(path: Path) -> Mapping:
    return parse_mapping(path.read_text(encoding="utf-8"))


def provider_rows() -> list[ProviderRow]:
    rows = read((DATA / "nj_etpl_providers.csv").read_bytes(), mapping_of(PROVIDERS)).rows
    return [row for row in rows if isinstance(row, ProviderRow)]


def offering_rows() -> list[OfferingRow]:
    known = {row.foreign_id for row in provider_rows()}
    rows = read((DATA / "nj_etpl_programs.csv").read_bytes(), mapping_of(OFFERINGS), known=known).rows
    return [row for row in rows if isinstance(row, OfferingRow)]


async def a_ground(db) -> None:
    """A procurer in the mapping's area with a published rulebook for the service that is taken over."""
    await an_area(db, AREA, "Tampereen seutu")
    procurer_id = await a_procurer(db, AREA, "Tampereen työllisyysalue", at=AT)
    registrar = await an_actor(db, Role.REGISTRAR, procurer_id, at=AT)
    for code in mapping_of(PROVIDERS).approval.services:
        await a_rulebook(db, registrar, await a_service(db, code, at=AT), at=AT)


async def id_of(db, foreign_id: str):
    return (await registry.list_imported(db, "us-nj-etpl"))[foreign_id][0]


async def status_of(db, foreign_id: str, *, at=AT) -> ApprovalStatus | None:
    approvals = await registry.list_approvals(db, await id_of(db, foreign_id), on=local_day(at))
    return approvals[0].status if approvals else None


async def test_a_real_register_is_taken_in_and_what_is_in_force_there_can_be_chosen_here(db) -> None:
    await a_ground(db)
    loaded = await load(db, provider_rows(), mapping_of(PROVIDERS), at=AT)
    assert (loaded.problems, loaded.counts["added"]) == ([], 18)
    assert await status_of(db, "68") is ApprovalStatus.IN_FORCE
    assert await status_of(db, "709") is ApprovalStatus.SUSPENDED
    assert await status_of(db, "8333") is None  # pending there: nobody has decided yet

    loaded = await load(db, offering_rows(), mapping_of(OFFERINGS), at=AT)
    assert (loaded.problems, loaded.counts) == ([], Counter(added=14))
    offered = {
        foreign_id: (await catalogue.list_offerings(db, await id_of(db, foreign_id)))[0]
        for foreign_id in ("68", "709")
    }
    choosable = await catalogue.find_offering(db, offered["68"].id, on=local_day(AT))
    assert choosable.title == {"en": "Pharmacy Technician"}
    assert (choosable.price_cents, choosable.minutes) == (1342_14, 144 * 60)
    assert choosable.source == mapping_of(OFFERINGS).source
    assert choosable.choosable_in
    halted = await catalogue.find_offering(db, offered["709"].id, on=local_day(AT))
    assert not halted.choosable_in


async def test_importing_again_changes_only_what_the_register_tells_anew(db) -> None:
    await a_ground(db)
    mapping, rows = mapping_of(PROVIDERS), provider_rows()
    await load(db, rows, mapping, at=AT)
    assert (await load(db, rows, mapping, at=AT)).counts == Counter(unchanged=18)

    later = AT + timedelta(days=30)
    told = [
        replace(row, name="Camden", status=Standing.SUSPENDED) if row.foreign_id == "68" else row
        for row in rows
    ]
    loaded = await load(db, told, mapping, at=later)
    services = len(mapping.approval.services)
    assert loaded.counts == Counter(unchanged=17, changed=1, suspended=services)
    assert await status_of(db, "68", at=later) is ApprovalStatus.SUSPENDED
    assert (await people.names_of(db, [await id_of(db, "68")])).popitem()[1] == "Camden"


async def test_an_offering_imported_again_is_the_same_offering_and_may_be_taken_out_of_sight(db) -> None:
    await a_ground(db)
    await load(db, provider_rows(), mapping_of(PROVIDERS), at=AT)
    mapping, rows = mapping_of(OFFERINGS), offering_rows()
    await load(db, rows, mapping, at=AT)
    assert (await load(db, rows, mapping, at=AT)).counts == Counter(unchanged=14)
    (before,) = await catalogue.list_offerings(db, await id_of(db, "68"))
    told = [replace(row, status=Standing.SUSPENDED) if row.foreign_id == "23681" else row for row in rows]
    assert (await load(db, told, mapping, at=AT)).counts == Counter(unchanged=13, changed=1)
    with pytest.raises(NotFound):
        await catalogue.find_offering(db, before.id, on=local_day(AT))


async def test_end_days_are_kept_when_the_mapping_trusts_them(db) -> None:
    await a_ground(db)
    mapping = mapping_of(PROVIDERS)
    trusting = mapping.model_copy(
        update={"approval": mapping.approval.model_copy(update={"keep_end_days": True})}
    )
    row = next(row for row in provider_rows() if row.foreign_id == "9180")
    over, coming = (
        replace(row, foreign_id="1"),
        replace(row, foreign_id="2", approved_until=date(2026, 12, 31)),
    )
    await load(db, [over, coming], trusting, at=AT)
    assert await status_of(db, "1") is ApprovalStatus.ENDED
    (approval, *_) = await registry.list_approvals(db, await id_of(db, "2"), on=local_day(AT))
    assert (approval.status, approval.ends_on) == (ApprovalStatus.IN_FORCE, date(2027, 1, 1))


async def test_a_row_that_a_domain_refuses_is_named_by_its_line_and_leaves_nothing(db) -> None:
    await a_ground(db)
    await load(db, provider_rows(), mapping_of(PROVIDERS), at=AT)
    good, bad, *_ = offering_rows()
    loaded = await load(db, [good, replace(bad, languages=("es",))], mapping_of(OFFERINGS), at=AT)
    assert [(problem.line, problem.kind) for problem in loaded.problems] == [(bad.line, "no_language")]
    assert loaded.counts == Counter(added=1)


async def test_a_mapping_that_builds_on_what_is_not_here_is_refused_with_the_way_out(db) -> None:
    with pytest.raises(GroundMissing, match="There is no employment area 39"):
        await load(db, provider_rows(), mapping_of(PROVIDERS), at=AT)
    await an_area(db, AREA, "Tampereen seutu")
    with pytest.raises(GroundMissing, match="no procurer of that area"):
        await load(db, provider_rows(), mapping_of(PROVIDERS), at=AT)
    await a_procurer(db, AREA, "Tampereen työllisyysalue", at=AT)
    with pytest.raises(GroundMissing, match="has no published rulebook"):
        await load(db, provider_rows(), mapping_of(PROVIDERS), at=AT)


def settings_of(url: str):
    """A database that is reached under a URL, whatever the folder."""
    return lambda folder: nullcontext(Settings(database_url=url, demo=True))


def never_reached(folder):
    raise AssertionError("the database is not needed to say this")


@pytest.fixture
async def typed(fresh_database, tmp_path, capsys):
    """Type `setori import …` on files of one's own: the exit code and all that was printed."""
    async with fresh_database.sessions.begin() as db:
        await a_ground(db)
    reach = settings_of(fresh_database.app_url)

    async def run(kind: str, text: str, *options: str) -> tuple[int, str]:
        file = tmp_path / f"{kind}.csv"
        file.write_text(text, encoding="utf-8", newline="")
        words = [kind, str(file), "--mapping", str(PROVIDERS if kind == "providers" else OFFERINGS), *options]
        code = await asyncio.to_thread(importing.main, words, reach, clock=lambda: AT)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


async def count_of(database, foreign_register="us-nj-etpl") -> int:
    async with database.sessions() as db:
        return len(await registry.list_imported(db, foreign_register))


async def test_the_shipped_mappings_fit_the_sample_world(seeded_database, tmp_path, capsys) -> None:
    now = clock()
    words = (
        ("providers", "nj_etpl_providers.csv", PROVIDERS),
        ("offerings", "nj_etpl_programs.csv", OFFERINGS),
    )
    for kind, file, mapping in words:
        shutil.copy(DATA / file, tmp_path)
        argv = [kind, str(tmp_path / file), "--mapping", str(mapping), "--yes", "--skip-bad-rows"]
        reach = settings_of(seeded_database.app_url)
        assert await asyncio.to_thread(importing.main, argv, reach, clock=lambda: now) == 0
    capsys.readouterr()
    async with seeded_database.sessions() as db:
        (offered,) = await catalogue.list_offerings(db, await id_of(db, "403"))
        found = await catalogue.find_offering(db, offered.id, on=local_day(now))
    assert found.title == {"en": "Residential Wiring I and II"}
    assert found.choosable_in


async def test_the_command_writes_nothing_in_a_dry_run_nor_unasked(typed, fresh_database) -> None:
    text = (DATA / "nj_etpl_providers.csv").read_text(encoding="utf-8")
    code, printed = await typed("providers", text, "--dry-run")
    assert (code, await count_of(fresh_database)) == (0, 0)
    assert "18 rows read, 18 good, 0 refused" in printed
    assert "18 added" in printed
    assert "nothing was written" in printed
    code, printed = await typed("providers", text)
    assert (code, await count_of(fresh_database)) == (1, 0)
    assert "add --yes" in printed


async def test_the_command_imports_all_rows_or_none_unless_told_to_skip_the_bad(
    typed, fresh_database, tmp_path
) -> None:
    text = (DATA / "nj_etpl_providers.csv").read_text(encoding="utf-8").replace("Pending", "=Paused", 1)
    code, printed = await typed("providers", text, "--yes")
    assert (code, await count_of(fresh_database)) == (1, 0)
    assert "line 5, column statusname: The mapping does not know this word." in printed
    assert "1 of 18 rows are refused" in printed
    assert not (tmp_path / "providers.refused.csv").exists()

    code, printed = await typed("providers", text, "--yes", "--skip-bad-rows")
    assert (code, await count_of(fresh_database)) == (0, 17)
    refused = (tmp_path / "providers.refused.csv").read_text(encoding="utf-8")
    assert refused.splitlines()[1].startswith("5,statusname: The mapping does not know this word.")
    assert "'=Paused" in refused

    code, printed = await typed("providers", text.replace("=Paused", "Pending"), "--yes")
    assert (code, await count_of(fresh_database)) == (0, 18)
    assert "1 added, 17 unchanged" in printed


async def test_offerings_of_unknown_providers_and_files_that_cannot_be_read_are_refused(typed) -> None:
    text = (DATA / "nj_etpl_programs.csv").read_text(encoding="utf-8")
    code, printed = await typed("offerings", text, "--yes")
    assert code == 1
    assert "18 × orphan" in printed
    code, printed = await typed("offerings", text + '1,"never closed', "--yes", "--skip-bad-rows")
    assert code == 1
    assert "the file as a whole cannot be read" in printed


async def test_whoever_answers_no_writes_nothing(typed, fresh_database, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    text = (DATA / "nj_etpl_providers.csv").read_text(encoding="utf-8")
    for answer, code, kept in (("n", 1, 0), ("yes", 0, 18)):
        monkeypatch.setattr("builtins.input", lambda prompt, answer=answer: answer)
        assert (await typed("providers", text))[0] == code
        assert await count_of(fresh_database) == kept


def test_a_database_that_does_not_answer_is_told_in_a_sentence(capsys) -> None:
    nowhere = settings_of("postgresql://nobody@127.0.0.1:9/none")
    words = ["providers", str(DATA / "nj_etpl_providers.csv"), "--mapping", str(PROVIDERS), "--yes"]
    assert importing.main(words, nowhere, clock=lambda: AT) == 1
    assert "Nothing was imported: the database did not answer" in capsys.readouterr().err


async def test_a_database_without_tables_is_told_in_a_sentence(cluster, capsys) -> None:
    urls = cluster.create_database("without_tables")
    words = ["providers", str(DATA / "nj_etpl_providers.csv"), "--mapping", str(PROVIDERS), "--dry-run"]
    code = await asyncio.to_thread(importing.main, words, settings_of(urls.app_url), clock=lambda: AT)
    printed = capsys.readouterr()
    assert (code, "18 good" in printed.out) == (1, True)
    assert "Run `setori db upgrade` first" in printed.err
    cluster.drop_database("without_tables")


def test_a_mapping_of_the_other_kind_is_not_understood(tmp_path, capsys) -> None:
    words = ["offerings", str(tmp_path / "x.csv"), "--mapping", str(PROVIDERS)]
    assert importing.main(words, never_reached, clock=lambda: AT) == 2
    assert "it is for providers" in capsys.readouterr().err
