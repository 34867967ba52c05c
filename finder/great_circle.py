"""Great-circle distances of many places at once, on geopy's sphere; `finder.domain.geo` has the same for one."""

import numpy as np
import numpy.typing as npt

from finder.domain.geo import EARTH_RADIUS_M

MILLIMETRES = 3  # so that equal distances are equal numbers, whichever library's sine they came from


def distances_m(
    lat: float, lon: float, lats: npt.NDArray[np.float64], lons: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Metres from a point to each of these places, to the millimetre."""
    phi1, phi2, delta = np.radians(lat), np.radians(lats), np.radians(lons - lon)
    sin1, cos1, sin2, cos2 = np.sin(phi1), np.cos(phi1), np.sin(phi2), np.cos(phi2)
    cos_delta = np.cos(delta)
    across = np.hypot(cos2 * np.sin(delta), cos1 * sin2 - sin1 * cos2 * cos_delta)
    away: npt.NDArray[np.float64] = EARTH_RADIUS_M * np.arctan2(across, sin1 * sin2 + cos1 * cos2 * cos_delta)
    return np.round(away, MILLIMETRES)
