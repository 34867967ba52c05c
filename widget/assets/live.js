// Follows the live stream of what is in view. While it is away the page asks by itself, says so quietly, and comes back.

import { told } from "./dom.js";

const SHOWN_TOGETHER_MS = 400;
const MOST_AT_ONCE = 100;
const SETTLED_MS = 2200; // a server may know of stations two seconds later than the stream, of maintenance one
const RETRY_S = [2, 5, 10, 20, 30];
const OF_A_STATION = ["status_changed", "station_changed"];
const OF_MANY = [
  "stations_changed", "reset",
  "maintenance_announced", "maintenance_started", "maintenance_ended", "maintenance_cancelled",
];

/** `onStations(ids)` for stations that are something else now, `onMany()` where all in view may be, `onState(live)`. */
export class Live {
  #source = null;
  #bbox = null;
  #lastId = null;
  #failures = 0;
  #retrying = null;
  #together = null;
  #settling = null;
  #ids = new Set();

  constructor({ onStations, onMany, onState }) {
    Object.assign(this, { onStations, onMany, onState, live: null });
  }

  /** Follows another box; the same one goes on being followed. */
  follow(bbox) {
    if (bbox === this.#bbox) return;
    this.#bbox = bbox;
    this.#lastId = null; // what is shown of a new box is asked for anew
    this.#failures = 0;
    this.#connect();
  }

  #connect() {
    clearTimeout(this.#retrying);
    this.#source?.close();
    const query = new URLSearchParams({ bbox: this.#bbox, key: told("key") });
    if (this.#lastId) query.set("last_event_id", this.#lastId);
    const source = (this.#source = new EventSource(`/v1/stream?${query}`));
    source.onopen = () => this.#opened();
    source.onerror = () => this.#lost(source);
    for (const kind of OF_A_STATION) source.addEventListener(kind, (event) => this.#heard(event));
    for (const kind of OF_MANY) source.addEventListener(kind, (event) => this.#heardOfMany(event));
  }

  #opened() {
    const back = this.live === false;
    this.#failures = 0;
    this.#tell(true);
    if (back) this.onMany(); // what was shown meanwhile may be older than what the stream begins with
  }

  /** A browser comes back by itself from a broken connection, but not from a refusal. */
  #lost(source) {
    if (source !== this.#source) return;
    this.#tell(false);
    if (source.readyState !== EventSource.CLOSED) return;
    const seconds = RETRY_S[Math.min(this.#failures++, RETRY_S.length - 1)];
    this.#retrying = setTimeout(() => this.#connect(), seconds * 1000 * (0.8 + 0.4 * Math.random()));
  }

  #heard(event) {
    this.#lastId = event.lastEventId;
    this.#ids.add(JSON.parse(event.data).station_id);
    this.#together ??= setTimeout(() => this.#showTogether(), SHOWN_TOGETHER_MS);
  }

  #heardOfMany(event) {
    this.#lastId = event.lastEventId;
    this.#settling ??= setTimeout(() => {
      this.#settling = null;
      this.onMany();
    }, SETTLED_MS);
  }

  #showTogether() {
    const ids = [...this.#ids];
    this.#together = null;
    this.#ids.clear();
    if (ids.length > MOST_AT_ONCE) this.onMany();
    else this.onStations(ids);
  }

  #tell(live) {
    if (live === this.live) return;
    this.live = live;
    this.onState(live);
  }
}
