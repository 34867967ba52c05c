"""A box on the map, which may cross the antimeridian. WGS 84 degrees."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """West, south, east, north. Where west is greater than east the box crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, lat: float, lon: float) -> bool:
        """Whether the point is inside; the edges belong to the box."""
        if not self.south <= lat <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= lon <= self.east
        return lon >= self.west or lon <= self.east

    def halves(self) -> tuple["Box", ...]:
        """The same area as boxes that do not cross the antimeridian."""
        if self.west <= self.east:
            return (self,)
        return (Box(self.west, self.south, 180.0, self.north), Box(-180.0, self.south, self.east, self.north))
