"""How well former days tell where the rounds of today will be, and wishes that keep it low.

An observer notes when each required visit happened on former days and guesses the moment around which most of them lie.
He is right when today's visit begins within ten minutes of it. By chance he would be right as often as the part of the
visit's window that lies so near his guess; the score is Cohen's kappa, what he gains over chance out of what can be
gained: 1 where today repeats the former days, about 0 where today was drawn at random. Visits without freedom (a window
of twenty minutes) count nothing, for they are told by the requirement.

Source: J. Cohen, A coefficient of agreement for nominal scales, Educ. Psychol. Meas. 20 (1960); that planned rounds
must be hard to foretell and edits by hand make them easier: J. Pita et al., Deployed ARMOR protection, AAMAS (2008).
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gis.planning.needs import Span, Visit

NEAR_S = 600

# When each visit began on one day, by its id.
Day = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Guess:
    """The moment an observer would name for a visit, and how often chance would make him right."""

    at_s: int
    chance: float


def guess_of(visit: Visit, former: Sequence[Day]) -> Guess | None:
    """What an observer of the former days would say; None if he never saw this visit. Newest day last."""
    seen = [day[visit.id] for day in former if visit.id in day]
    if not seen or visit.latest_s < visit.earliest_s:
        return None
    best = max(reversed(seen), key=lambda at_s: sum(abs(other - at_s) <= NEAR_S for other in seen))
    span = visit.latest_s - visit.earliest_s
    near = min(visit.latest_s, best + NEAR_S) - max(visit.earliest_s, best - NEAR_S)
    return Guess(best, min(1.0, max(0, near) / span) if span else 1.0)


def predictability(today: Day, former: Sequence[Day], visits: Iterable[Visit]) -> float:
    """0 to 1: how much better than chance the former days tell today's visits."""
    return max(0.0, gain_over_chance(today, former, visits))


def gain_over_chance(today: Day, former: Sequence[Day], visits: Iterable[Visit]) -> float:
    """The same, below zero where today avoids the former days; 0 where nothing can be foretold."""
    wrong = room = 0.0
    for visit in visits:
        guess = guess_of(visit, former)
        if guess is None or visit.id not in today or visit.kind == "rest":
            continue
        wrong += abs(today[visit.id] - guess.at_s) > NEAR_S
        room += 1.0 - guess.chance
    return 1.0 - wrong / room if room > 1e-9 else 0.0


@dataclass(frozen=True, slots=True)
class Variation:
    """For each visit the span it is to begin in and the moment it would rather begin at."""

    spans: Mapping[str, Span]
    wanted: Mapping[str, int]


def vary(visits: Iterable[Visit], former: Sequence[Day], *, most: float, seed: int) -> Variation:
    """Draw other times than those of the former days.

    Args:
        visits: of today.
        former: newest day last.
        most: the score that is wanted at most; 1 changes nothing. As many visits, drawn at random, may be at any time
            as may be guessed right for that score; the others are kept away from what an observer would guess.
        seed: another one for each plan.
    """
    rng = random.Random(seed)
    spans: dict[str, Span] = {}
    wanted: dict[str, int] = {}
    if most >= 1.0:
        return Variation(spans, wanted)
    possible = [visit for visit in visits if visit.latest_s >= visit.earliest_s]
    free = _free(possible, former)
    by_chance = sum(guess.chance for _, guess in free)
    may_be_right = int(by_chance + most * (len(free) - by_chance) + 1e-9)
    for visit, guess in rng.sample(free, len(free))[may_be_right:]:
        spans[visit.id] = _away((visit.earliest_s, visit.latest_s), guess.at_s, rng)
    for visit in possible:
        wanted[visit.id] = rng.randint(*spans.get(visit.id, (visit.earliest_s, visit.latest_s)))
    return Variation(spans, wanted)


def _free(visits: Iterable[Visit], former: Sequence[Day]) -> list[tuple[Visit, Guess]]:
    """Visits that may be elsewhere than an observer would guess."""
    guesses = [(visit, guess_of(visit, former)) for visit in visits if visit.kind != "rest"]
    return [(visit, guess) for visit, guess in guesses if guess is not None and guess.chance < 1.0]


def _away(span: Span, at_s: int, rng: random.Random) -> Span:
    """A part of the span that lies off a moment, drawn by its length; the whole if there is none."""
    sides = [(span[0], at_s - NEAR_S - 1), (at_s + NEAR_S + 1, span[1])]
    room = [max(0, side[1] - side[0]) for side in sides]
    return rng.choices(sides, weights=room)[0] if any(room) else span
