// Puts the page together: the map's view and the filters decide what is asked; the answer goes to pins, list and box.

import { ask, PAGE_SIZE, stationPath, stationsOf, Trouble } from "./api.js";
import { drawBasemap } from "./basemap.js";
import { Box } from "./box.js";
import { byId, make } from "./dom.js";
import { Filters } from "./filters.js";
import { nearest, StationList } from "./list.js";
import { Live } from "./live.js";
import { showNotice } from "./notice.js";
import { Pins } from "./pins.js";
import { TryIt } from "./tryit.js";
import { bboxOf, readView, WHOLE_WORLD, writeView } from "./view.js";
import { say, sayMany } from "./words.js";

const REFRESH_S = 30;
const REFRESH_WHILE_LIVE_S = 180; // only so that the counts of what is filtered by time stay true
const SETTLE_MS = 250;
const STREETS_ZOOM = 16;
const WORLD = [[-85, -180], [85, 180]];

const first = readView(location.hash);
const map = L.map("map", {
  center: [first?.lat ?? 30, first?.lon ?? -20], zoom: first?.zoom ?? 2, minZoom: 2, maxZoom: 19,
  maxBounds: WORLD, maxBoundsViscosity: 0.9, zoomControl: false,
});
L.control.scale({ position: "bottomleft", maxWidth: 120 }).addTo(map);
L.control.zoom({ position: "bottomleft" }).addTo(map);
map.attributionControl.setPrefix("Leaflet").addAttribution(say("attribution"));

const state = { stations: [], answer: null, open: null, opener: null, running: null, waiting: null, settling: null, fitted: Boolean(first) };
const box = new Box(closeBox);
const pins = new Pins(map, (id) => openBox(id, "pin"));
const list = new StationList((id) => openBox(id, "list"));
const filters = new Filters(() => load());
const live = new Live({ onStations: refreshSome, onMany: () => load({ quiet: true }), onState: showLive });
const tryIt = new TryIt(byId("try"), "try.title");
byId("try").open = matchMedia("(min-width: 761px)").matches;

const searched = () => [["bbox", state.fitted ? bboxOf(map) : WHOLE_WORLD], ...filters.parameters()];

function remember() {
  const { lat, lng: lon } = map.getCenter();
  writeView({ zoom: map.getZoom(), lat, lon, stationId: state.open });
}

function setText(element, text) {
  element.hidden = !text;
  if (element.textContent !== text) element.textContent = text;
}

/** The town that most stations near the middle name, for a background that knows no streets. */
function showPlace(stations) {
  const zoom = map.getZoom();
  const near = zoom < 11 ? [] : nearest(stations, map.getCenter(), 15).map((each) => each.address).filter((a) => a?.city);
  const votes = new Map();
  for (const { city, state: region } of near) {
    const place = [...new Set([city, region])].filter(Boolean).join(", ");
    votes.set(place, (votes.get(place) ?? 0) + 1);
  }
  const [place] = [...votes].sort((a, b) => b[1] - a[1])[0] ?? [];
  setText(byId("place"), place ? say(zoom < 14 ? "place" : "place.plain", { place }) : "");
}

function showCount({ stations, total, cut }, listed) {
  const counted = total === null ? say("count.more", { n: stations.length }) : sayMany("count", total);
  const words = stations.length ? counted : say("count.none");
  for (const element of [byId("count"), document.querySelector(".drawer-count")]) setText(element, words);
  const uncounted = total === null ? "cut.uncounted" : "cut.map";
  const more = cut ? say(uncounted, { shown: stations.length, n: total })
    : listed < stations.length ? say("cut.list", { shown: listed }) : "";
  setText(byId("cut"), stations.length ? more : say("count.none.hint"));
  return [words, more].filter(Boolean).join(". ");
}

function show(answer) {
  state.answer = answer;
  state.stations = answer.stations;
  pins.show(answer.stations);
  const listed = list.show(answer.stations, map.getCenter(), state.open);
  const words = showCount(answer, listed);
  showPlace(answer.stations);
  showNotice(answer.stations);
  if (!byId("trouble").dataset.stays) hideTrouble();
  return words;
}

function hideTrouble() {
  byId("trouble").hidden = true;
  delete byId("trouble").dataset.stays;
}

/** Says what went wrong, with a button for what may help: another try, a new page, or nothing but to read it. */
function showTrouble(trouble, retry) {
  const panel = byId("trouble");
  const gone = trouble.status === 404;
  const [key, help] = trouble.reload ? ["trouble.reload", () => location.reload()]
    : gone ? ["trouble.seen", hideTrouble] : ["trouble.retry", retry];
  panel.replaceChildren(make("span", {}, trouble.message), make("button", { type: "button", onclick: help }, say(key)));
  panel.dataset.stays = gone ? "yes" : "";
  panel.hidden = false;
}

function fail(error, retry) {
  if (error.name === "AbortError") return;
  if (!(error instanceof Trouble)) throw error;
  showTrouble(error, retry);
  schedule(error.retryAfter ?? REFRESH_S);
}

/** Puts what the stream named in the place of what was shown; what the filters leave out now goes. */
async function refreshSome(ids) {
  const asked = state.answer;
  try {
    const parameters = [...ids.map((id) => ["station_id", id]), ...filters.parameters()];
    const { stations: fresh } = await stationsOf(parameters, {});
    if (asked !== state.answer) return; // a whole answer came meanwhile, and is no older
    const others = asked.stations.filter((station) => !ids.includes(station.station_id));
    const known = new Set(asked.stations.map((station) => station.station_id));
    const stations = [...others, ...fresh.filter((station) => !asked.cut || known.has(station.station_id))];
    const total = asked.total === null ? null : asked.total + stations.length - asked.stations.length;
    show({ ...asked, stations, total });
    if (ids.includes(state.open)) await refreshBox();
  } catch (error) {
    fail(error, () => load());
  }
}

function showLive(isLive) {
  setText(byId("live"), isLive ? "" : say("live.away", { n: REFRESH_S }));
  schedule();
}

function schedule(seconds = live.live ? REFRESH_WHILE_LIVE_S : REFRESH_S) {
  clearTimeout(state.waiting);
  const factor = Math.max(1, Math.ceil(state.stations.length / (2 * PAGE_SIZE)));
  state.waiting = setTimeout(() => (document.hidden ? schedule(seconds) : load({ quiet: true })), seconds * 1000 * factor);
}

/** Asks for the stations in view; a later call ends an earlier one. `quiet` is the repetition nobody asked for. */
async function load({ quiet = false } = {}) {
  state.running?.abort();
  const { signal } = (state.running = new AbortController());
  if (!quiet) setBusy(true);
  tryIt.show(`/v1/stations?${new URLSearchParams([...searched(), ["limit", "5"]])}`.replaceAll("%2C", ","));
  try {
    const answer = await stationsOf(searched(), { signal, ...(state.fitted ? {} : { most: PAGE_SIZE }) });
    if (!state.fitted && fitTo(answer.stations)) return;
    const words = show(answer);
    if (!quiet) setText(byId("spoken"), words);
    if (state.open) await refreshBox(signal);
    schedule();
    live.follow(bboxOf(map));
  } catch (error) {
    fail(error, () => load());
  } finally {
    if (!signal.aborted && !state.settling) setBusy(false);
  }
}

/** Moves to where most of these stations are, within two degrees; the move asks again. Answers false where there are none. */
function fitTo(stations) {
  state.fitted = true;
  const cells = new Map();
  for (const { location: { lat, lon } } of stations) {
    const cell = `${Math.round(lat / 2)} ${Math.round(lon / 2)}`;
    cells.set(cell, [...(cells.get(cell) ?? []), [lat, lon]]);
  }
  const [points] = [...cells.values()].sort((a, b) => b.length - a.length);
  if (points) map.fitBounds(points, { maxZoom: 13, padding: [40, 40], animate: false });
  return Boolean(points);
}

async function refreshBox(signal) {
  const id = state.open;
  try {
    const station = await ask(stationPath(id), [], signal);
    if (state.open === id) box.show(station);
  } catch (error) {
    if (error.status === 404 && state.open === id) closeBox();
    throw error;
  }
}

/** Moves the map so that the pin is on it and not under the box. */
function bringIntoSight({ location: { lat, lon } }, opener) {
  const zoom = opener === "list" ? Math.max(map.getZoom(), STREETS_ZOOM) : map.getZoom();
  if (zoom !== map.getZoom()) map.setView([lat, lon], zoom, { animate: false });
  const size = map.getSize();
  const sheet = byId("box").offsetWidth > size.x * 0.8;
  const room = sheet ? { paddingBottomRight: [40, Math.min(size.y * 0.6, size.y - 90)] } : { paddingBottomRight: [400, 60] };
  map.panInside([lat, lon], { paddingTopLeft: [40, 70], ...room, animate: false });
}

async function openBox(id, opener) {
  state.open = id;
  state.opener = opener;
  pins.choose(id);
  list.choose(id);
  const known = state.stations.find((station) => station.station_id === id);
  if (known) box.show(known);
  try {
    await refreshBox();
    if (state.open !== id) return;
    bringIntoSight(box.station, opener);
    remember();
  } catch (error) {
    fail(error, () => openBox(id, opener));
  }
}

function closeBox() {
  const { open, opener } = state;
  state.open = null;
  box.close();
  pins.choose(null);
  list.choose(null);
  remember();
  const found = opener === "list" ? list.focus(open) : pins.focus(open) || list.focus(open);
  if (!found) byId("map").focus();
}

/** After a move: waits until the map has come to rest. */
function settle() {
  setBusy(true);
  clearTimeout(state.settling);
  state.settling = setTimeout(() => {
    state.settling = null;
    remember();
    load();
  }, SETTLE_MS);
}

function setBusy(busy) {
  byId("map").setAttribute("aria-busy", String(busy));
}

function followHash() {
  const view = readView(location.hash);
  if (!view) return;
  map.setView([view.lat, view.lon], view.zoom, { animate: false });
  if (view.stationId && view.stationId !== state.open) openBox(view.stationId, "pin");
  if (!view.stationId && state.open) closeBox();
}

byId("drawer").addEventListener("click", () => {
  const open = byId("side").classList.toggle("closed") === false;
  byId("drawer").setAttribute("aria-expanded", String(open));
});
document.addEventListener("keydown", (event) => event.key === "Escape" && state.open && closeBox());
document.addEventListener("visibilitychange", () => document.hidden || load({ quiet: true }));
window.addEventListener("hashchange", followHash);
window.addEventListener("resize", () => map.invalidateSize());
new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(byId("map"));
map.on("moveend", settle);

drawBasemap(map).catch(() => setText(byId("place"), say("trouble.basemap")));
load();
if (first?.stationId) openBox(first.stationId, "pin");
