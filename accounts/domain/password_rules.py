"""Which passwords a driver may choose: NIST SP 800-63B 3.1.1, length before composition."""

import unicodedata

from kernel.errors import InvalidBody

SHORTEST, LONGEST = 8, 128
_SITE = "portside"
_COMMON = frozenset(
    """
    password passw0rd password1 password12 password123 12345678 123456789 1234567890 0123456789 87654321 11111111
    00000000 qwertyui qwertyuiop qwerty123 1qaz2wsx asdfghjk asdfghjkl zxcvbnm1 abcd1234 abc12345 iloveyou sunshine
    princess football baseball superman trustno1 letmein1 welcome1 whatever starwars computer michelle jennifer
    internet changeme charging electric
    """.split()
)


class UnfitPassword(InvalidBody):
    """This password cannot be taken; choose one of 8 to 128 characters that is not easily guessed."""

    code = "unfit_password"


def check_password(password: str, *, username: str) -> None:
    """Raises UnfitPassword. There is no rule of composition; what is on the list of common ones is not taken."""
    complaint = _complaint(password, _bare(password), _bare(username))
    if complaint:
        raise UnfitPassword(complaint)


def _complaint(password: str, bare: str, name: str) -> str | None:
    if not SHORTEST <= len(password) <= LONGEST:
        return f"A password has {SHORTEST} to {LONGEST} characters."
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in password):
        return "A password has no control characters and no lone surrogates."
    if bare == name or (_core(name) and _core(bare) == _core(name)):
        return "A password is not the username."
    if len(set(bare)) < 3 or bare in _COMMON or _core(bare) in _COMMON | {_SITE}:
        return "This password is one of the first that anybody tries."
    return None


def _core(text: str) -> str:
    """Without what is commonly put around a word to make it pass."""
    return text.strip("0123456789!?.-_*#$")


def _bare(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
