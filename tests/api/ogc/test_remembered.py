"""What is remembered of answers never takes one for another, by tag or by date, whatever comes between."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from api.ogc.remembered import Answers

WAIT = st.tuples(st.just("wait"), st.sampled_from([0.1, 0.4, 1.0, 7.0]))
CHANGE = st.tuples(st.just("change"), st.integers(0, 2))
ASK = st.tuples(st.just("ask"), st.integers(0, 2))


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_800_000_000.3

    def __call__(self) -> float:
        return self.now_s


@given(st.lists(st.one_of(WAIT, CHANGE, ASK), max_size=60), st.integers(1, 3))
def test_a_date_that_was_given_stands_for_one_answer(history: list[tuple[str, float]], most: int) -> None:
    clock = Clock()
    answers = Answers(most, clock=clock)
    given_out: dict[bytes, dict[str, str]] = defaultdict(dict)
    state, version = 0.0, 0
    for what, value in history:
        if what == "wait":
            clock.now_s += value
        elif what == "change":
            state, version = value, version + 1
        else:
            question, tag = str(value).encode(), f'"{state} of {value}"'
            found = answers.known(question)
            if found is None or found.version != str(version):
                found = answers.note(question, "assets", str(version), tag)
            answered = found
            assert answered.tag == tag
            for date in answers.date(answered).values():
                assert answered.since_s <= clock.now_s
                # an answer told by this date before was the same one
                assert given_out[question].setdefault(date, tag) == tag


def test_an_answer_keeps_its_date_while_it_is_the_same() -> None:
    clock = Clock()
    answers = Answers(clock=clock)
    clock.now_s += 5
    first = answers.note(b"a", "assets", "1", '"x"')
    clock.now_s += 100
    assert answers.note(b"a", "assets", "2", '"x"').date == first.date == "Fri, 15 Jan 2027 08:00:05 GMT"
    assert answers.note(b"a", "assets", "3", '"y"').date == "Fri, 15 Jan 2027 08:01:45 GMT"


def test_what_was_not_asked_for_longest_is_forgotten() -> None:
    answers = Answers(2)
    for name in (b"a", b"b"):
        answers.note(name, "assets", "1", '"x"')
    assert answers.known(b"a") is not None
    answers.note(b"c", "assets", "1", '"x"')
    assert answers.known(b"b") is None
    assert answers.known(b"a") is not None
