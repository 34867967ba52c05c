// The list of stations in view: nearest to the middle of the map first, walked with the arrow keys.

import { byId, make } from "./dom.js";
import { equipment, summary } from "./status.js";
import { say } from "./words.js";

export const MOST_LISTED = 100;

/** The stations nearest to a point first, at most `most` of them. */
export function nearest(stations, centre, most = MOST_LISTED) {
  const squeeze = Math.cos((centre.lat * Math.PI) / 180);
  const away = ({ location: { lat, lon } }) => (lat - centre.lat) ** 2 + ((lon - centre.lng) * squeeze) ** 2;
  const order = (a, b) => away(a) - away(b) || (a.station_id < b.station_id ? -1 : 1);
  return [...stations].sort(order).slice(0, most);
}

export class StationList {
  constructor(onOpen) {
    this.list = byId("list");
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) onOpen(button.dataset.station);
    });
    this.list.addEventListener("keydown", (event) => this.#walk(event));
  }

  /** Shows the stations; the one that had the focus keeps it. Answers how many are listed. */
  show(stations, centre, chosen) {
    const listed = nearest(stations, centre);
    const focused = this.list.contains(document.activeElement) && document.activeElement.dataset.station;
    this.list.replaceChildren(...listed.map((station) => this.#item(station, station.station_id === chosen)));
    if (focused && !this.focus(focused)) this.list.focus();
    return listed.length;
  }

  choose(stationId) {
    for (const button of this.list.querySelectorAll("button")) {
      button.setAttribute("aria-current", String(button.dataset.station === stationId));
    }
  }

  focus(stationId) {
    const button = this.list.querySelector(`button[data-station="${CSS.escape(stationId)}"]`);
    button?.focus();
    return Boolean(button);
  }

  #item(station, chosen) {
    const sum = summary(station);
    const address = [station.address?.line1, station.address?.city].filter(Boolean).join(", ");
    return make("li", {}, make("button",
      { type: "button", "data-station": station.station_id, "aria-current": String(chosen) },
      make("span", { class: `mark mark-${sum.kind}${sum.stale ? " mark-stale" : ""}` }, sum.words),
      make("strong", {}, station.name),
      make("span", { class: "where" }, address),
      make("span", { class: "what" }, [equipment(station), station.price_in_words].filter(Boolean).join(" · ")),
    ));
  }

  #walk(event) {
    const buttons = [...this.list.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined || !buttons.length) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(buttons.length - 1, next))].focus();
  }
}
