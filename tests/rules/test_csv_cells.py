"""Cells of a CSV file: nothing that a spreadsheet would run, and nothing lost."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from finder.domain.csv_cells import as_written, defused

texts = st.text() | st.text(alphabet="'=+-@\t\r\n\0 1.5a", max_size=6)


@given(texts)
@example("=cmd|' /C calc'!A0")
@example("'=1")
@example("''@x")
@example("'plain")
def test_a_cell_comes_back_as_it_was(text: str) -> None:
    assert as_written(defused(text)) == text


@given(texts)
@example("-121.9577")
@example("+1 (888) 758")
@example("\tx")
@example("\0x")
def test_no_cell_begins_a_formula_but_a_plain_number_may_have_a_sign(text: str) -> None:
    told = defused(text)

    assert told[:1] not in set("=+-@\t\r\n\0") or re.fullmatch(r"[+-]?\d+(\.\d+)?", told)


def test_numbers_and_plain_text_stay_as_they_are() -> None:
    for text in ("-121.957718", "+5", "0", "1692 Dell Ave", "it's", "a=b", ""):
        assert defused(text) == text
