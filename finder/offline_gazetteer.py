"""The offline gazetteer: where cities, states and countries are, read from one file that comes with the product."""

import gzip
import re
from bisect import bisect_left
from functools import cached_property
from pathlib import Path

from finder.domain.namesakes import NamedPlace
from finder.indexed import folded
from finder.question import Around

FILE = Path(__file__).parent / "gazetteer" / "places.txt.gz"
_KINDS = {"city": ("city", "also"), "state": ("state",), "country": ("country",)}
_BETWEEN_WORDS = re.compile(r"[\W_]+")


class OfflineGazetteer:
    """Cities of 15,000 inhabitants or more, all countries, and the states of six of them.

    The lines of the file are sorted; they are kept as they are and searched by halves, which takes a tenth of the
    memory that a dictionary of them would. They are read when the first place is asked for.
    """

    def __init__(self, file: Path = FILE) -> None:
        self._file = file

    def named(self, around: Around) -> list[NamedPlace]:
        """All places that it may be, most likely more than one; none where streets or postal codes are asked for.

        What is said of the country and the state has to hold: a state that is not known is not the place's.
        """
        kinds = _KINDS.get(around.granularity, ())
        found = self._of(kinds, around.words[around.granularity])
        if around.country is not None:
            countries = {place.country for place in self._of(_KINDS["country"], around.country)}
            found = [place for place in found if place.country in countries]
        if around.state is not None:
            states = {(place.country, place.state) for place in self._of(_KINDS["state"], around.state)}
            found = [place for place in found if (place.country, place.state) in states]
        return found

    def _of(self, kinds: tuple[str, ...], name: str) -> list[NamedPlace]:
        return [_place(line) for kind in kinds for line in self._beginning(f"{kind}\t{spelled(name)}\t".encode())]

    def _beginning(self, words: bytes) -> list[bytes]:
        """The lines that begin with these words."""
        start = bisect_left(range(len(self._lines)), words, key=self._line_at)
        found = []
        while (line := self._line_at(start)).startswith(words):
            found.append(line)
            start += len(line) + 1
        return found

    def _line_at(self, offset: int) -> bytes:
        """The line that this byte is in, without its end."""
        return self._lines[self._lines.rfind(b"\n", 0, offset) + 1 : self._lines.find(b"\n", offset)]

    @cached_property
    def _lines(self) -> bytes:
        return gzip.decompress(self._file.read_bytes())


def spelled(name: str) -> str:
    """A name as it is listed: without case and accents, its words apart by one space and nothing else."""
    return _BETWEEN_WORDS.sub(" ", folded(name)).strip()


def _place(line: bytes) -> NamedPlace:
    kind, _, country, state, thousands, lat, lon = line.decode().split("\t")
    return NamedPlace(kind != "also", country, state, int(thousands), float(lat), float(lon))
