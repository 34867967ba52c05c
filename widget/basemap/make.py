"""Makes land.json, the map's offline background: `python make.py COUNTRIES.json STATES.json > land.json`."""

import csv
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]  # longitude, latitude: the order of TopoJSON and GeoJSON
Line = list[Point]

STEPS_PER_DEGREE = 200
TOLERANCE_DEG = 0.01
SMALLEST_RING = 0.002  # square degrees at the equator, about 25 square kilometres
SMALLEST_LABELLED = 0.05
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"


def decoded(topology: dict[str, Any]) -> list[Line]:
    """The arcs of a quantized TopoJSON (its specification, section 2.1.3) in degrees."""
    transform = topology["transform"]
    (scale_x, scale_y), (start_x, start_y) = transform["scale"], transform["translate"]
    lines = []
    for arc in topology["arcs"]:
        x = y = 0
        line: Line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append(beside(line[-1:], (x * scale_x + start_x, y * scale_y + start_y)))
        lines.append(line)
    return lines


def beside(before: Line, point: Point) -> Point:
    """A point, turned by 360 degrees where that brings it near the point before: no line jumps at 180."""
    turns = round((before[0][0] - point[0]) / 360) if before else 0
    return point[0] + 360 * turns, point[1]


def distance(point: Point, start: Point, end: Point) -> float:
    """How far a point lies from a segment, in degrees of latitude."""
    squeeze = math.cos(math.radians(point[1]))
    px, py = (point[0] - start[0]) * squeeze, point[1] - start[1]
    ex, ey = (end[0] - start[0]) * squeeze, end[1] - start[1]
    length = ex * ex + ey * ey
    along = max(0.0, min(1.0, (px * ex + py * ey) / length)) if length else 0.0
    return math.hypot(px - along * ex, py - along * ey)


def simplified(line: Line) -> Line:
    """A line without the points that lie near it anyway (Ramer, Douglas and Peucker); its ends stay."""
    remote = not -45 < line[0][1] < 64
    tolerance = TOLERANCE_DEG * (4 if remote else 1)
    kept = {0, len(line) - 1}
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        between = range(first + 1, last)
        far = max(between, key=lambda i: distance(line[i], line[first], line[last]), default=None)
        if far is not None and distance(line[far], line[first], line[last]) > tolerance:
            kept.add(far)
            spans += [(first, far), (far, last)]
    return [line[i] for i in sorted(kept)]


def ring_points(ring: list[int], lines: list[Line]) -> Line:
    """A ring's points; a negative arc number ~n means arc n backwards."""
    points: Line = []
    for n in ring:
        for point in (lines[n] if n >= 0 else lines[~n][::-1])[:-1]:
            points.append(beside(points[-1:], point))
    return points


def area(points: Line) -> float:
    """The area of a ring, in square degrees at the equator."""
    pairs = zip(points, points[1:] + points[:1], strict=True)
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)
    middle = sum(y for _, y in points) / len(points)
    return abs(twice) / 2 * math.cos(math.radians(middle))


def centroid(points: Line) -> Point:
    """The middle of a ring's surface."""
    doubled = x = y = 0.0
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        cross = ax * by - bx * ay
        doubled, x, y = doubled + cross, x + (ax + bx) * cross, y + (ay + by) * cross
    return x / (3 * doubled), y / (3 * doubled)


def polygons(geometry: dict[str, Any]) -> list[list[list[int]]]:
    """The polygons of a geometry, each a list of rings, each a list of arc numbers."""
    if geometry["type"] == "GeometryCollection":
        return [polygon for part in geometry["geometries"] for polygon in polygons(part)]
    return [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry.get("arcs", [])


def shared(geometries: list[dict[str, Any]]) -> set[int]:
    """Arcs with a neighbour on either side: the borders."""
    arcs = (polygon_arcs for g in geometries for p in polygons(g) for ring in p for polygon_arcs in ring)
    return {n for n, times in Counter(n if n >= 0 else ~n for n in arcs).items() if times > 1}


def packed(line: Line) -> str:
    """A line as the steps between its points, in whole steps, two numbers a point, the first point from (0, 0)."""
    points = [(round(x * STEPS_PER_DEGREE), round(y * STEPS_PER_DEGREE)) for x, y in line]
    kept = [points[0], *(b for a, b in pairwise(points) if a != b)]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise([(0, 0), *kept])]
    return "".join(digits(number) for step in steps for number in step)


def digits(number: int) -> str:
    """A number in base 32, lowest digit first, the sign in the lowest bit; all but the last digit come from the
    second half of ALPHABET."""
    rest = number * 2 if number >= 0 else -number * 2 - 1
    text = ""
    while rest >= 32:
        text, rest = text + ALPHABET[32 + rest % 32], rest // 32
    return text + ALPHABET[rest]


def country_labels(geometries: list[dict[str, Any]], lines: list[Line]) -> Iterator[list[Any]]:
    """`[name, lat, lon, first zoom]` of each country, placed on its largest piece."""
    for geometry in geometries:
        rings = [ring_points(polygon[0], lines) for polygon in polygons(geometry)]
        largest = max(rings, key=area, default=[])
        if not largest or area(largest) < SMALLEST_LABELLED:
            continue
        lon, lat = centroid(largest)
        zoom = max(2, min(7, round(6.5 - math.log(area(largest), 4))))
        yield [geometry["properties"]["name"], round(lat, 2), round((lon + 180) % 360 - 180, 2), zoom]


def place_labels() -> list[list[Any]]:
    """`[name, lat, lon, first zoom]` of each town in places.csv."""
    with (Path(__file__).parent / "places.csv").open(encoding="utf-8", newline="") as file:
        return [[r["name"], float(r["lat"]), float(r["lon"]), int(r["zoom"])] for r in csv.DictReader(file)]


def land(world: dict[str, Any], lines: list[Line]) -> list[list[list[int]]]:
    """The land's polygons, without the rings too small to see."""
    found = []
    for polygon in polygons(world["objects"]["land"]):
        rings = [ring for ring in polygon if area(ring_points(ring, lines)) >= SMALLEST_RING]
        if rings and rings[0] is polygon[0]:
            found.append(rings)
    return found


def basemap(world: dict[str, Any], states: dict[str, Any]) -> dict[str, Any]:
    """What land.json holds; `lines` are packed, `land` and the two kinds of border number them."""
    countries = world["objects"]["countries"]["geometries"]
    lines, state_lines = decoded(world), decoded(states)
    surface, borders = land(world, lines), sorted(shared(countries))
    inner = sorted(shared(states["objects"]["states"]["geometries"]))
    used = sorted({n if n >= 0 else ~n for p in surface for ring in p for n in ring} | set(borders))
    place = {n: at for at, n in enumerate(used)}
    return {
        "steps_per_degree": STEPS_PER_DEGREE,
        "lines": [packed(simplified(lines[n])) for n in used] + [packed(simplified(state_lines[n])) for n in inner],
        "land": [[[place[n] if n >= 0 else ~place[~n] for n in ring] for ring in p] for p in surface],
        "borders": [place[n] for n in borders],
        "states": [len(used) + at for at in range(len(inner))],
        "countries": sorted(country_labels(countries, lines), key=lambda label: label[3]),
        "places": place_labels(),
    }


if __name__ == "__main__":
    sources = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3]]
    json.dump(basemap(*sources), sys.stdout, ensure_ascii=False, separators=(",", ":"))
