"""Cursors: they come back as they went, belong to one question, and nothing in them can surprise."""

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.paging import InvalidCursor, cursor_after, envelope, fingerprint, key_of, next_link

questions = st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.tuples(inner, inner))
keys = st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 2**63 - 1))
texts = st.text(st.characters(codec="utf-8"))


@given(keys, questions)
def test_a_key_comes_back_exactly(key, question) -> None:
    assert key_of(cursor_after(key, question), question, (float, int)) == key


@given(texts, texts)
def test_a_key_of_texts_too(one: str, other: str) -> None:
    assert key_of(cursor_after((one, other), "question"), "question", (str, str)) == (one, other)


@given(keys, questions, questions)
def test_a_cursor_is_not_taken_for_another_question(key, question, other) -> None:
    cursor = cursor_after(key, question)

    if repr(question) != repr(other):
        with pytest.raises(InvalidCursor):
            key_of(cursor, other, (float, int))


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_anything_else_is_refused_as_an_invalid_cursor(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        key_of(cursor, "question", (float, int))


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3),
)


@given(st.lists(json, max_size=4))
def test_a_forged_key_of_other_kinds_is_refused(forged: list[object]) -> None:
    text = orjson.dumps([fingerprint("question"), *forged])
    cursor = base64.urlsafe_b64encode(text).decode().rstrip("=")

    if [type(part) for part in orjson.loads(text)[1:]] != [float, int]:
        with pytest.raises(InvalidCursor):
            key_of(cursor, "question", (float, int))


@given(keys)
def test_a_cursor_needs_no_escaping_in_a_url(key) -> None:
    assert cursor_after(key, None).replace("-", "").replace("_", "").isalnum()


def test_the_link_leads_on_with_the_same_question() -> None:
    link = next_link("/v1/stations", {"connector": ["CCS1", "NACS"], "cursor": ["old"]}, "new")

    assert link == '</v1/stations?connector=CCS1&connector=NACS&cursor=new>; rel="next"'


def test_the_last_page_says_so() -> None:
    assert envelope([1], None, 1) == {"data": [1], "has_more": False, "next_cursor": None, "total": 1}
    assert envelope([1], "more", None)["has_more"] is True
