"""Whoever listens to a bell hears that it has rung since, however many ring it."""

from multiprocessing import get_context
from pathlib import Path

from kernel.bell import Bell


def test_nobody_rings_and_nothing_is_heard(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "bell")

    assert bell.heard() == bell.heard()


def test_each_ring_of_another_process_is_heard(tmp_path: Path) -> None:
    here = Bell(tmp_path / "bell")
    heard = [here.heard()]

    for _ in range(3):
        other = get_context("spawn").Process(target=Bell(tmp_path / "bell").ring)
        other.start()
        other.join()
        heard.append(here.heard())

    assert len(set(heard)) == 4


def test_without_a_file_nobody_can_be_sure_that_it_did_not_ring(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "nowhere" / "bell")

    bell.ring()
    assert bell.heard() != bell.heard()
