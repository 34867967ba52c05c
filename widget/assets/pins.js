// Pins and clusters: shape and text tell the status, colour only repeats it.

import { drawing, make } from "./dom.js";
import { summary } from "./status.js";
import { say } from "./words.js";

const SHAPES = {
  free: "M18 43C18 43 2 28 2 17.500A16 16 0 0 1 34 17.500C34 28 18 43 18 43Z",
  busy: "M5 2H31A3 3 0 0 1 34 5V29A3 3 0 0 1 31 32H24L18 43L12 32H5A3 3 0 0 1 2 29V5A3 3 0 0 1 5 2Z",
  out: "M18 1L34.500 17.500L18 43L1.500 17.500Z",
  unknown: "M10 2H26L34 10V25L26 33H23L18 43L13 33H10L2 25V10Z",
};

const LabelledIcon = L.DivIcon.extend({
  createIcon(old) {
    const icon = L.DivIcon.prototype.createIcon.call(this, old);
    icon.setAttribute("aria-label", this.options.label);
    icon.title = this.options.label;
    return icon;
  },
});

const presses = ({ key }) => key === "Enter" || key === " ";

function pinText({ kind, free, total }) {
  if (kind === "out") return "✕";
  return kind === "unknown" ? "?" : `${free}/${total}`;
}

function pinIcon(station, chosen) {
  const sum = summary(station);
  const classes = ["pin", `pin-${sum.kind}`, sum.stale ? "pin-stale" : "", chosen ? "pin-chosen" : ""];
  const picture = drawing(36, 44, [["path", { d: SHAPES[sum.kind] }]]);
  const label = say("pin.label", { name: station.name, summary: sum.words });
  const html = make("div", {}, picture, make("b", {}, pinText(sum)));
  return new LabelledIcon({
    className: classes.filter(Boolean).join(" "), html, label, iconSize: [36, 44], iconAnchor: [18, 43],
  });
}

function clusterIcon(cluster) {
  const stations = cluster.getAllChildMarkers().map((marker) => marker.station);
  const free = stations.filter((station) => summary(station).kind === "free").length;
  const html = make("div", {},
    make("b", {}, stations.length.toLocaleString("en")), make("small", {}, say("cluster.free", { n: free })));
  html.style.setProperty("--free", `${Math.round((100 * free) / stations.length)}%`);
  const size = stations.length < 10 ? 48 : stations.length < 100 ? 58 : 68;
  const label = say("cluster.label", { total: stations.length, free });
  return new LabelledIcon({ className: "cluster", html, label, iconSize: [size, size] });
}

/** The layer of all pins; `onOpen(stationId)` is told which one was chosen by mouse, touch or Enter. */
export class Pins {
  constructor(map, onOpen) {
    this.map = map;
    this.markers = new Map();
    this.chosen = null;
    this.onOpen = onOpen;
    this.group = L.markerClusterGroup({
      iconCreateFunction: clusterIcon, showCoverageOnHover: false, animate: false,
      maxClusterRadius: (zoom) => (zoom >= 16 ? 40 : 56),
    });
    this.group.on("clusterkeypress", ({ layer, originalEvent }) => {
      if (!presses(originalEvent)) return;
      layer.fire("click", {}, true);
      map.getContainer().focus();
    });
    map.addLayer(this.group);
  }

  /** Shows these stations and no others; a pin that did not change keeps its element, and so the focus. */
  show(stations) {
    const wanted = new Map(stations.map((station) => [station.station_id, station]));
    const gone = [...this.markers].filter(([id]) => !wanted.has(id));
    this.group.removeLayers(gone.map(([, marker]) => marker));
    gone.forEach(([id, marker]) => {
      marker.remove();
      this.markers.delete(id);
    });
    const fresh = stations.filter((station) => !this.markers.has(station.station_id));
    const known = stations.filter((station) => this.markers.has(station.station_id));
    const made = fresh.map((station) => this.#made(station));
    this.group.addLayers(made.filter((marker) => !this.#isChosen(marker)));
    made.filter((marker) => this.#isChosen(marker)).forEach((marker) => marker.addTo(this.map));
    const changed = known.map((station) => this.#updated(station)).filter((marker) => marker && !this.#isChosen(marker));
    if (changed.length) this.group.refreshClusters(changed);
  }

  /** Marks one pin, or none, and takes it out of its cluster so that it is seen wherever it stands. */
  choose(stationId) {
    const [before, now] = [this.markers.get(this.chosen), this.markers.get(stationId)];
    this.chosen = stationId;
    if (before === now) return;
    if (before) {
      before.remove();
      this.group.addLayer(before);
      this.#redraw(before);
    }
    if (now) {
      this.group.removeLayer(now);
      this.#redraw(now.addTo(this.map));
    }
  }

  focus(stationId) {
    const element = this.markers.get(stationId)?.getElement();
    element?.focus();
    return Boolean(element);
  }

  #made(station) {
    const { lat, lon } = station.location;
    const marker = L.marker([lat, lon]);
    marker.station = station;
    marker.setIcon(pinIcon(station, this.#isChosen(marker)));
    const open = () => this.onOpen(station.station_id);
    marker.on("click", open);
    marker.on("keypress", ({ originalEvent }) => presses(originalEvent) && open());
    this.markers.set(station.station_id, marker);
    return marker;
  }

  #isChosen(marker) {
    return marker.station.station_id === this.chosen;
  }

  /** The station's marker if what it shows has changed. */
  #updated(station) {
    const marker = this.markers.get(station.station_id);
    const [before, after] = [summary(marker.station), summary(station)];
    marker.station = station;
    if (Object.keys(after).every((key) => before[key] === after[key])) return null;
    this.#redraw(marker);
    return marker;
  }

  #redraw(marker) {
    const focused = marker.getElement()?.contains(document.activeElement);
    marker.setIcon(pinIcon(marker.station, this.#isChosen(marker)));
    if (focused) marker.getElement()?.focus();
  }
}
