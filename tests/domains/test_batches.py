"""Vouchers for many by a file: verdicts, what is issued, ending a batch, and who may do it."""

from datetime import timedelta

import pytest

from setori import vouchers
from setori.days import local_day
from setori.errors import Conflict, Forbidden, NotFound
from setori.people import Role
from setori.vouchers import (
    BatchMoved,
    BatchStatus,
    EndBatch,
    GiveTerms,
    HandInBatch,
    IssueVoucher,
    StartBatch,
    TermsChanged,
)
from setori.vouchers.operations.batching import running
from tests.conftest import RealDatabase
from tests.domains.batching import (
    HEAD,
    WORTH,
    a_town,
    desk,
    free,
    handed_in,
    issued,
    people,
    rows,
    run,
    started,
    status,
)
from tests.domains.builders import KEY
from tests.world import Market, a_market


@pytest.fixture
async def market(fresh_database: RealDatabase) -> Market:
    return await a_town(fresh_database)


async def test_every_row_has_its_verdict(fresh_database: RealDatabase, market: Market, at) -> None:
    sessions = fresh_database.sessions
    async with sessions.begin() as db:
        has = IssueVoucher(programme_id=market.programme_id, name="On Jo", email="on.jo@example.fi")
        await vouchers.issue(db, has, key=KEY, by=desk(market), at=at)
    words = "\n".join(
        [
            HEAD,
            "Aino Alku;Aino@Example.fi;;Tampere;suomi;suuri;yli 24;19;;",
            "Björn Bok;;040 123 4567;Tammerfors;svenska;low;8;22;5;",
            ";nimeton@example.fi;;;;;;;;",
            "Ei Osoitetta;;;;;;;;;",
            "Outo Osoite;ei osoite;;;;;;;;",
            "Outo Numero;;12;;;;;;;",
            "Vieras Kunta;a1@example.fi;;Turku;;;;;;",
            "Olematon Kunta;a2@example.fi;;Atlantis;;;;;;",
            "Outo Kieli;a3@example.fi;;;klingon;;;;;",
            "Outo Tarve;a4@example.fi;;;;hirmuinen;;;;",
            "Outo Kesto;a5@example.fi;;;;;kauan;;;",
            "Outo Ika;a6@example.fi;;;;;;nuori;;",
            "Liikaa;a7@example.fi;;;;;;;101;",
            "Rahaa;a8@example.fi;;;;;;;;500",
            "Aino Alku;aino@example.fi;;Tampere;;;;;;",
            "On Jo;on.jo@example.fi;;;;;;;;",
            "Pitkä;a9@example.fi;;;;;;;;;liikaa",
        ]
    )
    batch_id = await handed_in(sessions, market, words, at)
    found = await rows(
        sessions,
        "select number, status, problems from batch_row where batch_id = :b order by number",
        b=batch_id,
    )
    told = {number: (state, [p["kind"] for p in problems]) for number, state, problems in found}
    assert told == {
        2: ("good", []),
        3: ("good", []),
        4: ("refused", ["no_name"]),
        5: ("refused", ["no_contact"]),
        6: ("refused", ["bad_email"]),
        7: ("refused", ["bad_phone"]),
        8: ("refused", ["other_area"]),
        9: ("refused", ["bad_municipality"]),
        10: ("refused", ["bad_language"]),
        11: ("refused", ["bad_support_need"]),
        12: ("refused", ["bad_unemployed"]),
        13: ("refused", ["bad_age"]),
        14: ("refused", ["bad_sessions"]),
        15: ("refused", ["holds_sessions"]),
        16: ("warned", ["twice"]),
        17: ("warned", ["has_voucher"]),
        18: ("refused", ["field_count"]),
    }
    kept = "select email, phone, municipality_code, language, support_need, unemployed, age_band, units, value_cents"
    first, second = await rows(
        sessions, f"{kept} from batch_row where batch_id = :b and number < 4 order by number", b=batch_id
    )
    assert first[:7] == ("aino@example.fi", None, "837", "fi", "high", "over_24_months", "under_20")
    assert second[1:] == (
        *("+358401234567", "837", "sv", "low", "from_6_to_24_months", "from_20_to_24"),
        *(5, 500_00),
    )


async def test_the_good_rows_are_issued_once_and_the_stratum_is_frozen(
    fresh_database: RealDatabase, market: Market, at
) -> None:
    sessions = fresh_database.sessions
    words = people(20) + "\nPekka Puhelin;;040 123 4567;;sv;low;3;25;2;\nVika;;;;;;;;;"
    batch_id = await handed_in(sessions, market, words, at)
    await started(sessions, market, batch_id, at)
    await run(sessions, batch_id, at)
    await run(sessions, batch_id, at)  # again, and nothing more happens
    assert await status(sessions, batch_id) == "issued"
    assert await issued(sessions, market, batch_id) == 21
    async with sessions.begin() as db:
        assert await free(db, market) == 100_000_00 - WORTH - 20 * WORTH - 2 * 100_00
    mails = await rows(
        sessions,
        "select count(*) from outbox o join batch_row r on r.person_id = o.person_id"
        " where o.kind = 'voucher_issued' and r.batch_id = :b",
        b=batch_id,
    )
    assert mails == [(20,)], "who has a phone only gets no e-mail"
    (phone,) = await rows(
        sessions,
        "select p.email, p.phone, p.language, v.support_need, v.unemployed, v.age_band, v.units, v.expires_on"
        " from voucher v join person p on p.id = v.person_id where p.phone is not null",
    )
    today = local_day(at)
    assert phone == (
        *(None, "+358401234567", "sv", "low", "under_6_months", "from_25_to_29", 2),
        today + timedelta(days=90),
    )
    with pytest.raises(Exception, match="permission denied"):
        await rows(sessions, "update voucher set support_need = 'high'")
    assert await rows(sessions, "select length(file) from batch where id = :b", b=batch_id) == [(0,)]


async def test_a_second_voucher_has_to_be_meant(fresh_database: RealDatabase, market: Market, at) -> None:
    sessions = fresh_database.sessions
    words = "\n".join([people(2), people(1).splitlines()[1], "Sama Numero;;0401234567;;;;;;;"])
    words += "\nSama Numero;;+358 40 123 4567;;;;;;;\nToinen Nimi;;0401234567;;;;;;;"
    first = await handed_in(sessions, market, words, at)
    await started(sessions, market, first, at)
    await run(sessions, first, at)
    assert await issued(sessions, market, first) == 4
    second = await handed_in(sessions, market, words, at)
    assert await rows(
        sessions, "select status, count(*) from batch_row where batch_id = :b group by 1", b=second
    ) == [("warned", 6)]
    with pytest.raises(vouchers.NothingToIssue):
        await started(sessions, market, second, at)
    await started(sessions, market, second, at, gives_seconds=True)
    await run(sessions, second, at)
    assert await issued(sessions, market, second) == 6
    holders = "select count(distinct person_id), count(*) from voucher where issued_at = :at"
    assert await rows(sessions, holders, at=at) == [(4, 10)]


async def test_ending_a_batch_leaves_the_rest_out_and_takes_back_what_nobody_claimed(
    fresh_database: RealDatabase, market: Market, at
) -> None:
    sessions = fresh_database.sessions
    batch_id = await handed_in(sessions, market, people(20), at)
    await started(sessions, market, batch_id, at)
    async with sessions.begin() as db:
        before = await free(db, market)
        await running._step(db, batch_id, key=KEY, most=12, at=at)
    ids = await rows(
        sessions, "select voucher_id from batch_row where status = 'issued' order by number limit 2"
    )
    async with sessions.begin() as db:
        for (voucher_id,) in ids:
            await vouchers.claim(db, vouchers.claim_token_of(voucher_id, KEY), at=at)
    end = EndBatch(reason="Väärä tiedosto.", takes_back=True)
    async with sessions.begin() as db:
        await vouchers.end_batch(db, batch_id, end, by=desk(market), at=at)
    await run(sessions, batch_id, at)
    assert await status(sessions, batch_id) == "cancelled"
    states = await rows(
        sessions,
        "select v.status, count(*) from voucher v join batch_row r on r.voucher_id = v.id group by 1 order by 1",
    )
    assert states == [("cancelled", 10), ("claimed", 2)]
    assert await rows(sessions, "select status, count(*) from batch_row group by 1 order by 1") == [
        ("issued", 12),
        ("left_out", 8),
    ]
    async with sessions.begin() as db:
        assert await free(db, market) == before - 2 * WORTH
        with pytest.raises(BatchMoved):
            await vouchers.start_batch(db, batch_id, StartBatch(), by=desk(market), at=at)


async def test_new_terms_ask_for_a_new_check(fresh_database: RealDatabase, market: Market, at) -> None:
    sessions = fresh_database.sessions
    words = people(2) + "\nKolmas;kolmas@example.fi;;Nokia;;;;;;"
    batch_id = await handed_in(sessions, market, words, at)
    terms = GiveTerms(units=5, price_cap_cents=50_00, validity_days=30, municipality_codes=("837",))
    async with sessions.begin() as db:
        await vouchers.change_terms(db, market.programme_id, terms, by=desk(market), at=at)
    with pytest.raises(TermsChanged):
        await started(sessions, market, batch_id, at)
    async with sessions.begin() as db:
        await vouchers.check_again(db, batch_id, by=desk(market), at=at)
    await run(sessions, batch_id, at)
    found = await rows(sessions, "select status, value_cents from batch_row order by number")
    assert found == [("good", 250_00), ("good", 250_00), ("refused", 250_00)]


async def test_who_may_do_it(fresh_database: RealDatabase, market: Market, at) -> None:
    sessions = fresh_database.sessions
    other = await a_market(fresh_database, area=("0033", "Muualla"))
    batch_id = await handed_in(sessions, market, people(1), at)
    asks = [
        lambda db, by: vouchers.start_batch(db, batch_id, StartBatch(), by=by, at=at),
        lambda db, by: vouchers.check_again(db, batch_id, by=by, at=at),
        lambda db, by: vouchers.end_batch(db, batch_id, EndBatch(reason="Sample"), by=by, at=at),
    ]
    for ask in asks:
        for who, refusal in ((desk(other), NotFound), (market.actors[Role.REGISTRAR], Forbidden)):
            async with sessions.begin() as db:
                with pytest.raises(refusal):
                    await ask(db, who)
    async with sessions.begin() as db:
        order = HandInBatch(programme_id=other.programme_id, file_name="a.csv", file=b"x")
        with pytest.raises(NotFound):
            await vouchers.hand_in_batch(db, order, by=desk(market), at=at)
        await vouchers.open_programme(db, market.programme_id, is_open=False, by=desk(market), at=at)
        with pytest.raises(Conflict):
            await vouchers.start_batch(db, batch_id, StartBatch(), by=desk(market), at=at)


async def test_the_database_knows_the_same_moves(fresh_database: RealDatabase) -> None:
    pairs = [(was.value, becomes.value) for was in BatchStatus for becomes in BatchStatus]
    allowed = await rows(
        fresh_database.sessions,
        "select a, b from unnest(cast(:a as text[]), cast(:b as text[])) as t (a, b) where batch_may_move(a, b)",
        a=[pair[0] for pair in pairs],
        b=[pair[1] for pair in pairs],
    )
    known = {(was.value, to.value) for was, moves in vouchers.BATCH_MOVES.items() for to in moves}
    assert {tuple(pair) for pair in allowed} == known | {(one.value, one.value) for one in BatchStatus}
