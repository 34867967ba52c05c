"""Stations for somebody: one that the viewer does not see is as unknown as one that there is not."""

from finder.catalogue import StationCatalogue, UnknownStation
from finder.domain.visibility import Viewer
from finder.indexed import folded
from finder.records import ListedStation


def listed_for(viewer: Viewer, station_id: str, catalogue: StationCatalogue) -> ListedStation:
    """One station, whole, where the viewer sees it. Raises UnknownStation."""
    found = catalogue.listed(station_id)
    owner = found.station.organization
    if not viewer.sees(found.station.visibility, folded(owner.organization_id) if owner else None):
        raise UnknownStation
    return found
