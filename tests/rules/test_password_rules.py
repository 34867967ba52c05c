"""Which passwords a driver may choose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.password_rules import LONGEST, SHORTEST, UnfitPassword, check_password

_LETTERS = st.characters(exclude_categories=["Cc", "Cs"])


@pytest.mark.parametrize("password", ["correct horse", "Tr0ub4dor&3", "пароль из слов", "x7!kQ2#z", "🔌⚡🚗🔋🅿️⛽🛣️🏁"])
def test_a_good_password_is_taken(password: str) -> None:
    check_password(password, username="anna")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("seven77", "8 to 128"),
        ("", "8 to 128"),
        ("x" * 129, "8 to 128"),
        ("anna.driver", "not the username"),
        ("ANNA.Driver2026!", "not the username"),
        ("password", "first that anybody tries"),
        ("Password2026!", "first that anybody tries"),
        ("portside1", "first that anybody tries"),
        ("aaaaaaaa", "first that anybody tries"),
        ("abababab", "first that anybody tries"),
        ("a nul \x00 in it", "no control characters"),
        ("a half \ud800 letter", "no control characters"),
    ],
)
def test_a_bad_password_is_refused_in_words(password: str, words: str) -> None:
    with pytest.raises(UnfitPassword, match=words):
        check_password(password, username="Anna.Driver")


@given(st.text(_LETTERS, max_size=LONGEST + 20), st.text(_LETTERS, min_size=1, max_size=200))
def test_every_text_is_judged_and_length_decides_first(password: str, username: str) -> None:
    taken = True
    try:
        check_password(password, username=username)
    except UnfitPassword:
        taken = False

    if taken:
        assert SHORTEST <= len(password) <= LONGEST
        assert password.casefold() != username.casefold()
