"""The simulation of orders runs on a tiny market, tells the same each time, and its orders differ as they should."""

from bench.order import ORDERS, Size, simulate, table

TINY = Size(markets=1, providers=8, choosers=600, days=180)


def test_one_seed_gives_one_table_with_a_line_for_each_order():
    first = table(TINY, 3)
    assert first == table(TINY, 3) != table(TINY, 4)
    lines = first.splitlines()
    assert len(lines) == 2 + len(ORDERS)
    assert len({line.count("|") for line in lines}) == 1


def test_sampling_lets_newcomers_in_and_serves_choosers_better_than_a_lot():
    sampling, by_mean, _, lot = (simulate(sort, TINY, 3) for sort in ORDERS.values())
    assert sampling.regret < lot.regret
    assert sampling.newcomers > 0.3
    assert by_mean.newcomers < sampling.newcomers
    assert sampling.chose_bad < lot.chose_bad
    for result in (sampling, by_mean, lot):
        assert 0 <= result.equals_least <= 0.25 <= result.equals_most <= 1
