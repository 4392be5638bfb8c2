"""Which order of a list serves those who choose, and treats those who are in it alike: four orders on the same markets.

    .venv/bin/python -m bench.order [--write seed/method/order.json]

A market has 30 providers of a true quality that only the simulation knows. Four of them are equals (the best of the
first day), one is bad, and each month one of the others leaves and somebody new comes. 5,000 choosers come over two
years; each takes the first place of its list in 60 % of the cases, the second in 25 %, the third in 15 %, and two in
five say afterwards how it was, in whole points 1–5. All figures are counted again each week.

There is no server and no database: the estimates and the sampler are the package's own. Sorting by mean and by Wilson's
lower bound are what others do; whoever has no answer yet has neither, and stands last. One seed gives one table.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import mean

from setori.quality import experience, order, wilson
from setori.quality.experience import Answer, Prior, Stage

FIRST_DAY = date(2026, 1, 1)
MONTH, WEEK = 30, 7
QUALITY, SPREAD, EQUAL_QUALITY, BAD_QUALITY = 3.6, 0.45, 4.2, 2.0
NOISE = 0.9
"""How far one client's experience differs from a provider's true quality (standard deviation, in points)."""
LOOKS = (0.60, 0.85, 1.0)
"""The chance that a chooser takes one of the first one, two, three places."""
ANSWERS = 0.4
NEW_FOR = 3 * MONTH
"""A provider is a newcomer for so many days."""
EQUALS = 4


@dataclass(frozen=True)
class Size:
    """How large a simulation is."""

    markets: int = 12
    providers: int = 30
    choosers: int = 5_000
    days: int = 24 * MONTH


@dataclass
class Provider:
    """Somebody in the market, with what was said so far and what follows from it this week."""

    name: str
    quality: float
    since: int
    kind: str = ""
    until: int = 10**6
    answers: list[Answer] = field(default_factory=list)
    figure: experience.Experience | None = None
    chosen: int = 0
    firsts: int = 0


@dataclass
class Result:
    """What one order did to one market.

    Regret is in points. First places of newcomers are told in fair shares (1 is what a lot would give), those of the
    equals as shares of what all four had. Found are the day and the clients by which the bad one was known to be bad.
    """

    regret: float
    late_regret: float
    newcomers: float
    equals_least: float
    equals_most: float
    found_after_days: int | None
    found_after_clients: int | None
    chose_bad: int


Sort = Callable[[Sequence[Provider], str, date, random.Random], list[Provider]]


def by_sampling(listed: Sequence[Provider], seed: str, day: date, _: random.Random) -> list[Provider]:
    """Setori's order."""
    by_name = {one.name: one for one in listed}
    candidates = [
        order.Candidate(one.name, one.name, one.figure.shrunk, one.figure.sd) for one in listed if one.figure
    ]
    return [by_name[place.key] for place in order.arrange(candidates, seed, day)]


def by_mean(listed: Sequence[Provider], _: str, __: date, chance: random.Random) -> list[Provider]:
    """The highest plain mean first, ties by chance."""
    return sorted(listed, key=lambda one: (-(_mean(one) or 0.0), chance.random()))


def by_wilson(listed: Sequence[Provider], _: str, __: date, chance: random.Random) -> list[Provider]:
    """The highest lower bound (95 %) of the share of answers of 4 and 5 first, ties by chance."""
    return sorted(listed, key=lambda one: (-_lower(one), chance.random()))


def by_chance(listed: Sequence[Provider], _: str, __: date, chance: random.Random) -> list[Provider]:
    """A lot."""
    return chance.sample(listed, len(listed))


ORDERS: dict[str, Sort] = {
    "posterior sampling (Setori)": by_sampling,
    "highest mean first": by_mean,
    "Wilson lower bound": by_wilson,
    "random": by_chance,
}


def _mean(one: Provider) -> float | None:
    return one.figure.mean if one.figure else None


def _lower(one: Provider) -> float:
    if not one.figure or not one.figure.respondents:
        return 0.0
    liked, said = sum(one.figure.distribution[3:]), one.figure.respondents
    return wilson(liked / said, said, 0.95)[0]


def population(size: Size, chance: random.Random) -> list[Provider]:
    """Everybody who is ever in the market: those of the first day, and one newcomer for one who leaves each month."""
    found = [Provider(f"equal {n}", EQUAL_QUALITY, 0, "equal") for n in range(EQUALS)]
    found.append(Provider("bad", BAD_QUALITY, 0, "bad"))
    while len(found) < size.providers:
        found.append(Provider(f"first {len(found)}", min(_quality(chance), EQUAL_QUALITY), 0))
    for month in range(1, size.days // MONTH):
        leaving = chance.choice([one for one in found if not one.kind and one.until > size.days])
        leaving.until = month * MONTH
        found.append(Provider(f"new {month}", _quality(chance), month * MONTH))
    return found


def _quality(chance: random.Random) -> float:
    return min(4.8, max(2.5, chance.gauss(QUALITY, SPREAD)))


def _count_again(listed: Sequence[Provider], today: date) -> None:
    said = {one.name: experience.voices(one.answers, today) for one in listed}
    prior: Prior = experience.prior_of(said.values())
    for one in listed:
        one.figure = experience.experience(said[one.name], prior)


def simulate(sort: Sort, size: Size, seed: int) -> Result:
    """One market under one order. Of one seed, who is in it and who comes is the same for all orders."""
    everybody = population(size, random.Random(f"market {seed}"))
    chance = random.Random(f"choosers {seed}")
    bad = next(one for one in everybody if one.kind == "bad")
    regrets: list[float] = []
    fair_to_new: list[float] = []
    firsts_of_new = 0
    found: tuple[int, int] | None = None
    listed: list[Provider] = []
    for number in range(size.choosers):
        day = number * size.days // size.choosers
        if not regrets or day // WEEK != (number - 1) * size.days // size.choosers // WEEK:
            listed = [one for one in everybody if one.since <= day < one.until]
            _count_again(listed, FIRST_DAY + timedelta(day))
            if found is None and _is_known_to_be_bad(bad):
                found = day, bad.chosen
        today = FIRST_DAY + timedelta(day)
        places = sort(listed, f"{seed}/{number}", today, chance)
        looked = chance.random()
        taken = places[next(place for place, share in enumerate(LOOKS) if looked < share)]
        felt, answers = chance.gauss(taken.quality, NOISE), chance.random() < ANSWERS
        if answers:
            taken.answers.append(Answer(number, Stage.START, min(5, max(1, round(felt))), today))
        taken.chosen += 1
        places[0].firsts += 1
        regrets.append(max(one.quality for one in listed) - taken.quality)
        new = [one for one in listed if one.since > 0 and day < one.since + NEW_FOR]
        fair_to_new.append(len(new) / len(listed))
        firsts_of_new += places[0] in new
    equals = sorted(one.firsts for one in everybody if one.kind == "equal")
    of_equals = max(sum(equals), 1)
    return Result(
        regret=mean(regrets),
        late_regret=mean(regrets[len(regrets) // 2 :]),
        newcomers=firsts_of_new / sum(fair_to_new) if sum(fair_to_new) else 0.0,
        equals_least=equals[0] / of_equals,
        equals_most=equals[-1] / of_equals,
        found_after_days=found[0] if found else None,
        found_after_clients=found[1] if found else None,
        chose_bad=bad.chosen,
    )


def _is_known_to_be_bad(one: Provider) -> bool:
    """Whether its whole interval lies below what is usual: then a procurer can ask."""
    return one.figure is not None and one.figure.interval[1] < one.figure.prior.mean


HEAD = (
    "order", "regret", "in year 2", "newcomers first", "equals first, least–most", "bad one found in",
    "after days", "after clients", "chose the bad one",
)  # fmt: skip


def rows(size: Size, seed: int) -> list[list[str]]:
    """Each order on the same markets: its name and the means over the markets, as HEAD names them."""
    found = []
    for name, sort in ORDERS.items():
        results = [simulate(sort, size, seed + number) for number in range(size.markets)]
        days = [one.found_after_days for one in results if one.found_after_days is not None]
        clients = [one.found_after_clients for one in results if one.found_after_clients is not None]
        least, most = mean(one.equals_least for one in results), mean(one.equals_most for one in results)
        cells = [
            name,
            f"{mean(one.regret for one in results):.3f}",
            f"{mean(one.late_regret for one in results):.3f}",
            f"{mean(one.newcomers for one in results):.2f}",
            f"{least:.0%}–{most:.0%}",
            f"{len(days)} of {len(results)}",
            f"{mean(days):.0f}" if days else "–",
            f"{mean(clients):.0f}" if clients else "–",
            f"{mean(one.chose_bad for one in results):.0f}",
        ]
        found.append(cells)
    return found


def table(size: Size, seed: int) -> str:
    """The same as a table in Markdown."""
    return in_markdown(rows(size, seed))


def in_markdown(found: Sequence[Sequence[str]]) -> str:
    """Rows under HEAD."""
    lines = ["| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(cells) + " |" for cells in found)])


def main() -> None:
    """Print the table, what its columns mean, and how long it took."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--markets", type=int, default=Size.markets)
    words.add_argument(
        "--write", type=Path, help="keep the table for the page of the method: seed/method/order.json"
    )
    asked = words.parse_args()
    size = Size(markets=asked.markets)
    begin = time.perf_counter()
    print(
        f"{size.markets} markets of {size.providers} providers, {size.choosers} choosers each, seed {asked.seed}\n"
    )
    found = rows(size, asked.seed)
    print(in_markdown(found))
    if asked.write:
        kept = {"made_on": date.today().isoformat(), "seed": asked.seed, "rows": found}
        kept |= {"markets": size.markets, "providers": size.providers, "choosers": size.choosers}
        asked.write.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(
        "\nRegret: points of true quality between the best in the list and the one who was chosen; less is better.\n"
        "Newcomers: first places in their first three months, in fair shares (1 = what a lot gives).\n"
        "Equals: of the first places that four equals had, whose share was the least and the most (25 % = even).\n"
        "Found: the bad one's whole interval lies below the programme's mean."
    )
    print(f"\n{time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
