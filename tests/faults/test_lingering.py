"""Who asks one question after another on one connection is answered by one thread."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise

from tests.faults.small_site import Serve

QUESTIONS = 200
CALLERS = 80  # two workers of sixteen threads
MOSTLY = 0.8


def answered_on(site: Serve) -> list[str]:
    """Which thread gave each answer, of so many that were asked for one after the other."""
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
    with closing(line):
        return [_thread_of(line) for _ in range(QUESTIONS)]


def _thread_of(line: http.client.HTTPConnection) -> str:
    line.request("GET", "/thread")
    return line.getresponse().read().decode()


def stayed(threads: list[str]) -> float:
    """How often the same thread answered twice in a row."""
    return sum(one == other for one, other in pairwise(threads)) / (len(threads) - 1)


def test_one_thread_answers_one_question_after_another(site: Serve) -> None:
    site.start_and_wait()

    assert max(stayed(answered_on(site)) for _ in range(5)) > MOSTLY


def test_without_lingering_threads_take_turns(site: Serve) -> None:
    site.start_and_wait(HASTY="yes")

    assert max(stayed(answered_on(site)) for _ in range(5)) < MOSTLY


def test_more_callers_than_threads_are_all_answered(site: Serve) -> None:
    site.start_and_wait()
    with ThreadPoolExecutor(CALLERS) as callers:
        answers = list(callers.map(lambda _: len(answered_on(site)), range(CALLERS)))

    assert answers == [QUESTIONS] * CALLERS
