"""Stations for somebody: one that the viewer does not see is as unknown as one that there is not."""

from finder.catalogue import StationCatalogue, UnknownStation
from finder.domain.station import Visibility
from finder.domain.visibility import Viewer
from finder.indexed import folded
from finder.records import ListedStation


def listed_for(viewer: Viewer, station_id: str, catalogue: StationCatalogue) -> ListedStation:
    """One station, whole, where the viewer sees it. Raises UnknownStation."""
    found = catalogue.listed(station_id)
    if not _sees(viewer, found):
        raise UnknownStation
    return found


def may_reserve(viewer: Viewer, listed: ListedStation) -> bool:
    """Whether the viewer may know of the station; who has found a demonstration unit reserves it as any other."""
    return listed.station.visibility is Visibility.DEMONSTRATION or _sees(viewer, listed)


def _sees(viewer: Viewer, listed: ListedStation) -> bool:
    owner = listed.station.organization
    return viewer.sees(listed.station.visibility, folded(owner.organization_id) if owner else None)
