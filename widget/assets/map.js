// Puts the page together: the map's view and the filters decide what is asked; the answer goes to pins, list and box.

import { ask, clustersOf, PAGE_SIZE, stationPath, stationsOf, Trouble } from "./api.js";
import { drawBasemap } from "./basemap.js";
import { Box } from "./box.js";
import { byId, make } from "./dom.js";
import { Filters } from "./filters.js";
import { MOST_LISTED, nearest, StationList } from "./list.js";
import { Live } from "./live.js";
import { showNotice } from "./notice.js";
import { Pins } from "./pins.js";
import { TryIt } from "./tryit.js";
import { bboxOf, gridBoxOf, readView, WHOLE_WORLD, writeView } from "./view.js";
import { say, sayMany } from "./words.js";

const REFRESH_S = 30;
const REFRESH_WHILE_LIVE_S = 180; // only so that the counts of what is filtered by time stay true
const RECOUNT_S = 5; // how soon clusters show what the stream said
const SETTLE_MS = 250;
const FIRST_ZOOMS = [4, 6]; // where most stations are, first roughly and then within two degrees
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

const state = { stations: [], answer: null, open: null, opener: null, running: null, waiting: null, settling: null, recounting: null, fitted: Boolean(first) };
const box = new Box(closeBox);
const pins = new Pins(map, (id) => openBox(id, "pin"));
const list = new StationList((id) => openBox(id, "list"));
const filters = new Filters(() => load());
const live = new Live({ onStations: refreshSome, onMany: () => (state.answer?.clusters ? recount() : load({ quiet: true })), onState: showLive });
const tryIt = new TryIt(byId("try"), "try.title");
byId("try").open = matchMedia("(min-width: 761px)").matches;

const searched = () => [["bbox", bboxOf(map)], ...filters.parameters()];

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

function showCount({ stations, total }, listed) {
  const words = total ? sayMany("count", total) : say("count.none");
  for (const element of [byId("count"), document.querySelector(".drawer-count")]) setText(element, words);
  const more = listed < total ? say("cut.list", { shown: listed }) : "";
  setText(byId("cut"), stations.length || total ? more : say("count.none.hint"));
  return [words, more].filter(Boolean).join(". ");
}

/** The pins among clusters: stations alone in their cell, and the open one; of some no more is known than their ports. */
function pinsAmong(clusters, stations) {
  const known = new Map(stations.map((station) => [station.station_id, station]));
  const bare = ({ station_id, lat, lon, availability }) => ({ station_id, name: station_id, location: { lat, lon }, availability });
  const alone = clusters.stations.map((station) => known.get(station.station_id) ?? bare(station));
  const open = alone.every((station) => station.station_id !== state.open) && known.get(state.open);
  return open ? [...alone, open] : alone;
}

function show(answer) {
  const { stations, clusters } = answer;
  state.answer = answer;
  state.stations = stations;
  pins.show(clusters ? pinsAmong(clusters, stations) : stations, clusters?.clusters);
  const listed = list.show(stations, map.getCenter(), state.open);
  const words = showCount(answer, listed);
  showPlace(stations);
  showNotice(stations);
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
async function refreshSome(named) {
  const asked = state.answer;
  const shown = new Set(asked.stations.map((station) => station.station_id));
  const ids = asked.clusters ? named.filter((id) => shown.has(id)) : named;
  if (asked.clusters) recount();
  try {
    const fresh = ids.length ? await stationsOf([...ids.map((id) => ["station_id", id]), ...filters.parameters()]) : [];
    if (asked !== state.answer) return; // a whole answer came meanwhile, and is no older
    const stations = [...asked.stations.filter((station) => !ids.includes(station.station_id)), ...fresh];
    if (ids.length) show({ ...asked, stations, total: asked.clusters ? asked.total : stations.length });
    if (named.includes(state.open)) await refreshBox();
  } catch (error) {
    fail(error, () => load());
  }
}

/** Clusters are counted anew, once for all that is said meanwhile. */
function recount() {
  state.recounting ??= setTimeout(() => {
    state.recounting = null;
    if (!document.hidden) load({ quiet: true });
  }, RECOUNT_S * 1000);
}

function showLive(isLive) {
  setText(byId("live"), isLive ? "" : say("live.away", { n: REFRESH_S }));
  schedule();
}

function schedule(seconds = live.live ? REFRESH_WHILE_LIVE_S : REFRESH_S) {
  clearTimeout(state.waiting);
  state.waiting = setTimeout(() => (document.hidden ? schedule(seconds) : load({ quiet: true })), seconds * 1000);
}

/** What is in view: every station where they are few, else clusters and the stations nearest to the middle. */
async function answerOf(signal) {
  const clusters = await clustersOf(gridBoxOf(map), map.getZoom(), filters.parameters(), signal);
  if (clusters.count > PAGE_SIZE) return { clusters, stations: await nearestOf(clusters, signal), total: clusters.count };
  const stations = await stationsOf(searched(), signal);
  return { clusters: null, stations, total: stations.length };
}

/** The stations nearest to the middle, asked for within the circle that the clusters say holds enough of them. */
async function nearestOf({ clusters, stations }, signal) {
  const centre = map.getCenter();
  const reach = ([west, south, east, north]) =>
    Math.max(...[[south, west], [south, east], [north, west], [north, east]].map((corner) => map.distance(centre, corner)));
  const parts = [
    ...clusters.map(({ bbox, count }) => ({ away: reach(bbox), count })),
    ...stations.map(({ lat, lon }) => ({ away: map.distance(centre, [lat, lon]), count: 1 })),
  ].sort((a, b) => a.away - b.away);
  let found = 0;
  const last = parts.find(({ count }) => (found += count) >= MOST_LISTED) ?? parts.at(-1);
  const circle = [["lat", centre.lat.toFixed(5)], ["lon", centre.lng.toFixed(5)], ["radius", Math.ceil(last.away) + 1], ["unit", "m"]];
  const near = await stationsOf([...circle, ...filters.parameters()], signal, MOST_LISTED);
  const inView = map.getBounds();
  return near.filter(({ location: { lat, lon } }) => inView.contains([lat, lon]));
}

/** Asks for what is in view; a later call ends an earlier one. `quiet` is the repetition nobody asked for. */
async function load({ quiet = false } = {}) {
  state.running?.abort();
  const { signal } = (state.running = new AbortController());
  if (!quiet) setBusy(true);
  tryIt.show(`/v1/stations?${new URLSearchParams([...searched(), ["limit", "5"]])}`.replaceAll("%2C", ","));
  try {
    if (!state.fitted && (await fitToMost(signal))) return;
    const words = show(await answerOf(signal));
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

/** Moves to where most stations are; the move asks again. Answers false where there are none. */
async function fitToMost(signal) {
  let bbox = WHOLE_WORLD;
  for (const zoom of FIRST_ZOOMS) {
    const { clusters, stations } = await clustersOf(bbox, zoom, filters.parameters(), signal);
    const [most] = clusters.sort((a, b) => b.count - a.count);
    const alone = stations[0];
    if (most ?? alone) bbox = (most?.bbox ?? [alone.lon, alone.lat, alone.lon, alone.lat]).join(",");
  }
  state.fitted = true;
  if (bbox === WHOLE_WORLD) return false;
  const [west, south, east, north] = bbox.split(",").map(Number);
  map.fitBounds([[south, west], [north, east]], { maxZoom: 13, padding: [40, 40], animate: false });
  return true;
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
