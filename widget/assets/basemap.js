// The background: coasts, borders, names and a grid, drawn from one file of our own.

import { told } from "./dom.js";

const GRID_STEPS = [30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const GRID_PIXELS = 110;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/** Whole numbers out of text, as `digits` in basemap/make.py wrote them. */
function numbersOf(packed) {
  const numbers = [];
  let value = 0;
  let weight = 1;
  for (const letter of packed) {
    const digit = ALPHABET.indexOf(letter);
    value += (digit % 32) * weight;
    weight *= 32;
    if (digit >= 32) continue;
    numbers.push(value % 2 ? -(value + 1) / 2 : value / 2);
    value = 0;
    weight = 1;
  }
  return numbers;
}

/** Lines of `[lon, lat]` out of whole steps, each the difference to the point before. */
function unpack({ lines, steps_per_degree: steps }) {
  return lines.map((packed) => {
    const [line, numbers] = [[], numbersOf(packed)];
    let [x, y] = [0, 0];
    for (let at = 0; at < numbers.length; at += 2) {
      x += numbers[at];
      y += numbers[at + 1];
      line.push([x / steps, y / steps]);
    }
    return line;
  });
}

/** A closed ring of lines laid end to end, turned by 360 degrees where they cross the date line. */
function ringOf(numbers, lines) {
  const ring = [];
  for (const number of numbers) {
    const line = number >= 0 ? lines[number] : [...lines[~number]].reverse();
    const turn = ring.length ? 360 * Math.round((ring.at(-1)[0] - line[0][0]) / 360) : 0;
    line.slice(ring.length ? 1 : 0).forEach(([lon, lat]) => ring.push([lon + turn, lat]));
  }
  const [first, last] = [ring[0], ring.at(-1)];
  if (Math.abs(last[0] - first[0]) > 180) ring.push([last[0], -89], [first[0], -89]); // goes around the pole
  return ring;
}

/** Polygons, and once more on the other side those that reach over the date line. */
function withCopies(polygons) {
  const over = (test) => polygons.filter(([outer]) => outer.some(([lon]) => test(lon)));
  const moved = (some, by) => some.map((rings) => rings.map((ring) => ring.map(([lon, lat]) => [lon + by, lat])));
  return [...polygons, ...moved(over((lon) => lon > 180), -360), ...moved(over((lon) => lon < -180), 360)];
}

const shape = (type, coordinates) => ({ type: "Feature", properties: {}, geometry: { type, coordinates } });

function drawShapes(map, data, pane) {
  const lines = unpack(data);
  const renderer = L.canvas({ pane, padding: 0.3 });
  const draw = (feature, style) => L.geoJSON(feature, {
    pane, renderer, interactive: false, style: { interactive: false, smoothFactor: 1.2, ...style },
  }).addTo(map);
  const polygons = withCopies(data.land.map((rings) => rings.map((ring) => ringOf(ring, lines))));
  draw(shape("MultiPolygon", polygons), { color: "#9db4bd", weight: 1, fillColor: "#f7f4ec", fillOpacity: 1 });
  const chosen = (numbers) => shape("MultiLineString", numbers.map((number) => lines[number]));
  draw(chosen(data.states), { color: "#d9d2c0", weight: 1 });
  draw(chosen(data.borders), { color: "#b7ab90", weight: 1.3 });
}

/** Those of the labels in view that have room, the earlier before the later. */
function withRoom(map, labels) {
  const taken = [];
  const [zoom, view] = [map.getZoom(), map.getBounds().pad(0.1)];
  const inView = labels.filter(({ place: [, lat, lon, from], last }) =>
    from <= zoom && zoom <= from + last && view.contains([lat, lon]));
  return inView.filter(({ place: [text, lat, lon], letter }) => {
    const { x, y } = map.latLngToContainerPoint([lat, lon]);
    const half = (text.length * letter) / 2 + 4;
    const free = taken.every((other) => Math.abs(other.x - x) > other.half + half || Math.abs(other.y - y) > 17);
    if (free) taken.push({ x, y, half });
    return free;
  });
}

/** Names that fit the zoom and the view, as text on the map. */
function drawNames(map, data, pane) {
  const layer = L.layerGroup().addTo(map);
  const labels = [
    ...data.countries.map((place) => ({ place, kind: "country", last: 3, letter: 9.5 })),
    ...data.places.map((place) => ({ place, kind: "town", last: 99, letter: 6.5 })),
  ];
  const marker = ({ place: [text, lat, lon], kind }) => L.marker([lat, lon], {
    pane, interactive: false, keyboard: false,
    icon: L.divIcon({ className: `name name-${kind}`, iconSize: null, html: textOf(text) }),
  });
  const redraw = () => {
    layer.clearLayers();
    withRoom(map, labels).forEach((label) => layer.addLayer(marker(label)));
  };
  map.on("moveend", redraw);
  redraw();
}

function textOf(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element;
}

function gridLines(bounds, step) {
  const lines = [];
  const from = (edge) => Math.floor(edge / step) * step;
  const [south, north] = [Math.max(-85, bounds.getSouth()), Math.min(85, bounds.getNorth())];
  const [west, east] = [Math.max(-180, bounds.getWest()), Math.min(180, bounds.getEast())];
  for (let lon = from(west); lon <= east; lon += step) lines.push([[south, lon], [north, lon]]);
  for (let lat = from(south); lat <= north; lat += step) lines.push([[lat, west], [lat, east]]);
  return lines;
}

/** A faint grid of round degrees: it shows that the map moves where the outlines have nothing to show. */
function drawGrid(map, pane) {
  const grid = L.polyline([], {
    pane, renderer: L.canvas({ pane, padding: 0.3 }), interactive: false, color: "#7d98a1", weight: 1, opacity: 0.22,
  }).addTo(map);
  const redraw = () => {
    const degrees = (GRID_PIXELS * 360) / (256 * 2 ** map.getZoom());
    const step = GRID_STEPS.findLast((each) => each >= degrees) ?? GRID_STEPS[0];
    grid.setLatLngs(gridLines(map.getBounds().pad(0.3), step));
  };
  map.on("moveend", redraw);
  redraw();
}

/** Draws the background; the promise fails where its file cannot be had. */
export async function drawBasemap(map) {
  for (const [pane, level] of [["land", 200], ["grid", 210], ["names", 220]]) {
    map.createPane(pane).style.zIndex = level;
    map.getPane(pane).style.pointerEvents = "none";
  }
  drawGrid(map, "grid");
  const response = await fetch(told("basemap"));
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const data = await response.json();
  drawShapes(map, data, "land");
  drawNames(map, data, "names");
}
