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

function clusterIcon(total, free) {
  const html = make("div", {},
    make("b", {}, total.toLocaleString("en")), make("small", {}, say("cluster.free", { n: free })));
  html.style.setProperty("--free", `${Math.round((100 * free) / total)}%`);
  const size = total < 10 ? 48 : total < 100 ? 54 : total < 1000 ? 58 : 66;
  const label = say("cluster.label", { total, free });
  return new LabelledIcon({ className: "cluster", html, label, iconSize: [size, size] });
}

function iconOfGroup(group) {
  const stations = group.getAllChildMarkers().map((marker) => marker.station);
  return clusterIcon(stations.length, stations.filter((station) => summary(station).kind === "free").length);
}

const labelOf = (cluster) => `${cluster.count} ${cluster.available_count}`;

function setIcon(marker, cluster) {
  const focused = marker.getElement()?.contains(document.activeElement);
  marker.setIcon(clusterIcon(cluster.count, cluster.available_count));
  marker.label = labelOf(cluster);
  if (focused) marker.getElement()?.focus();
}

/** The layer of all pins; `onOpen(stationId)` is told which one was chosen by mouse, touch or Enter. */
export class Pins {
  constructor(map, onOpen) {
    this.map = map;
    this.markers = new Map();
    this.chosen = null;
    this.onOpen = onOpen;
    this.group = L.markerClusterGroup({
      iconCreateFunction: iconOfGroup, showCoverageOnHover: false, animate: false,
      maxClusterRadius: (zoom) => (zoom >= 16 ? 40 : 56),
    });
    this.group.on("clusterkeypress", ({ layer, originalEvent }) => {
      if (!presses(originalEvent)) return;
      layer.fire("click", {}, true);
      map.getContainer().focus();
    });
    map.addLayer(this.group);
    this.alone = L.layerGroup().addTo(map);
    this.home = this.group; // or `alone`, for pins among clusters that the server made
    this.clusters = new Map();
  }

  /** Shows these stations and clusters and no others; what did not change keeps its element, and so the focus. */
  show(stations, clusters = null) {
    this.#move(clusters ? this.alone : this.group);
    this.#showClusters(clusters ?? []);
    const wanted = new Map(stations.map((station) => [station.station_id, station]));
    const gone = [...this.markers].filter(([id]) => !wanted.has(id));
    this.#drop(gone.map(([, marker]) => marker));
    gone.forEach(([id, marker]) => {
      marker.remove();
      this.markers.delete(id);
    });
    const fresh = stations.filter((station) => !this.markers.has(station.station_id));
    const known = stations.filter((station) => this.markers.has(station.station_id));
    const made = fresh.map((station) => this.#made(station));
    this.#add(made.filter((marker) => !this.#isChosen(marker)));
    made.filter((marker) => this.#isChosen(marker)).forEach((marker) => marker.addTo(this.map));
    const changed = known.map((station) => this.#updated(station)).filter((marker) => marker && !this.#isChosen(marker));
    if (changed.length && this.home === this.group) this.group.refreshClusters(changed);
  }

  #move(home) {
    if (home === this.home) return;
    this.group.clearLayers();
    this.alone.clearLayers();
    this.markers.forEach((marker) => marker.remove());
    this.markers.clear();
    this.home = home;
  }

  #add(markers) {
    if (this.home === this.group) this.group.addLayers(markers);
    else markers.forEach((marker) => this.alone.addLayer(marker));
  }

  #drop(markers) {
    if (this.home === this.group) this.group.removeLayers(markers);
    else markers.forEach((marker) => this.alone.removeLayer(marker));
  }

  #showClusters(clusters) {
    const wanted = new Map(clusters.map((cluster) => [cluster.bbox.join(), cluster]));
    for (const [key, marker] of this.clusters) {
      if (wanted.has(key)) continue;
      marker.remove();
      this.clusters.delete(key);
    }
    for (const [key, cluster] of wanted) {
      const known = this.clusters.get(key);
      if (!known) this.clusters.set(key, this.#madeCluster(cluster));
      else if (known.label !== labelOf(cluster)) setIcon(known, cluster);
    }
  }

  #madeCluster(cluster) {
    const marker = L.marker([cluster.lat, cluster.lon]);
    setIcon(marker, cluster);
    marker.on("click", () => this.#zoomInto(cluster));
    marker.on("keypress", ({ originalEvent }) => {
      if (!presses(originalEvent)) return;
      this.#zoomInto(cluster);
      this.map.getContainer().focus();
    });
    return marker.addTo(this.map);
  }

  /** As near as all of it can be seen, and at least one zoom nearer than before. */
  #zoomInto({ bbox: [west, south, east, north] }) {
    const bounds = L.latLngBounds([[south, west], [north, east]]);
    const zoom = Math.max(this.map.getZoom() + 1, this.map.getBoundsZoom(bounds.pad(0.1)));
    this.map.setView(bounds.getCenter(), Math.min(zoom, this.map.getMaxZoom()), { animate: false });
  }

  /** Marks one pin, or none, and takes it out of its cluster so that it is seen wherever it stands. */
  choose(stationId) {
    const [before, now] = [this.markers.get(this.chosen), this.markers.get(stationId)];
    this.chosen = stationId;
    if (before === now) return;
    if (before) {
      before.remove();
      this.home.addLayer(before);
      this.#redraw(before);
    }
    if (now) {
      this.home.removeLayer(now);
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
