"""StatementCache: compiled statements, found by identity where a statement is made once and sent again and again."""

from typing import Any

from sqlalchemy.util import LRUCache

_SAME, _ALIKE = 500, 500


class StatementCache(dict[Any, Any]):
    """What an engine has compiled, in the form that its option `compiled_cache` wants.

    The library's own cache hashes and compares a whole statement, which for a long one takes a fifth of the time of
    sending it. A statement made at import brings the same key each time, and the same object is found at once; one
    that is made anew is looked for by what it says, as in the library.
    """

    def __init__(self) -> None:
        super().__init__()
        self._same: dict[Any, tuple[Any, Any]] = {}
        self._alike: LRUCache[Any, Any] = LRUCache(_ALIKE)

    def get(self, key: Any, default: Any = None) -> Any:
        dialect, statement, *others = key
        short = (id(statement), dialect, *others)
        kept, compiled = self._same.get(short, (None, None))
        if kept is statement:
            return compiled
        found = self._alike.get(key)
        if found is None:
            return default
        if len(self._same) >= _SAME:
            self._same.clear()
        self._same[short] = statement, found
        return found

    def __setitem__(self, key: Any, compiled: Any) -> None:
        self._alike[key] = compiled
