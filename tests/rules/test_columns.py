"""Columns take as little room as their numbers need, and tell exactly what was put in."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from finder.columns import Codes, Columns, Texts

numbers = st.integers(-(2**63), 2**63 - 1) | st.integers(-130, 130) | st.integers(-(2**15) - 2, 2**15 + 2)
batches = st.lists(st.lists(numbers, min_size=1, max_size=5), max_size=8)


@given(batches)
def test_numbers_of_any_size_are_read_as_they_were_written(batches) -> None:
    columns = Columns({"number": "i1", "half": "f8"}, capacity=1)

    for some in batches:
        columns.append({"number": some, "half": [0.5] * len(some)})

    everything = [number for some in batches for number in some]
    assert columns["number"][: columns.count].tolist() == everything
    assert columns.picked(np.arange(columns.count)[::-1])["number"].tolist() == everything[::-1]


def test_small_numbers_take_a_byte_until_one_does_not_fit() -> None:
    columns = Columns({"number": "i1"})
    columns.append({"number": [1, -1]})
    held = columns["number"]

    columns.append({"number": [128]})

    assert (held.dtype, columns["number"].dtype) == (np.int8, np.int16)
    assert held[:2].tolist() == columns["number"][:2].tolist()  # a reader goes on with what it holds


@given(st.lists(st.lists(st.text(), max_size=4), max_size=4), st.data())
def test_texts_are_told_row_by_row_and_in_any_order(batches, data) -> None:
    texts, everything = Texts(), [text for some in batches for text in some]
    for some in batches:
        texts.append(some)

    rows = data.draw(st.permutations(range(len(everything))))
    picked = texts.picked(np.array(rows, np.int64))

    assert [texts[row] for row in range(len(everything))] == everything
    assert [picked[place] for place in range(len(rows))] == [everything[row] for row in rows]
    assert bytes(texts.joined()[0]) == "".join(everything).encode()


@given(st.lists(st.lists(st.text(max_size=1)), max_size=4))
def test_equal_values_have_one_code(batches) -> None:
    codes: Codes[str] = Codes()

    told = [(value, code) for some in batches for value, code in zip(some, codes.of(some), strict=True)]

    assert all(codes.values[code] == value and codes.found(value) == code for value, code in told)
    assert len(codes.values) == len({value for value, _ in told})
