// A pin's box: everything about one station, kept current while it is open.

import { stationPath } from "./api.js";
import { byId, make } from "./dom.js";
import { hoursInWords } from "./hours.js";
import { ago, clockTime, span } from "./moments.js";
import { delayMessage } from "./notice.js";
import { connectorName, isStale, portStatus, powerInWords, summary } from "./status.js";
import { TryIt } from "./tryit.js";
import { say } from "./words.js";

function newsOf(port, station, elapsed) {
  const status = port.status;
  if (!status?.as_of) return [make("p", { class: "asof" }, say("asof.never"))];
  const age = status.age_s + elapsed;
  const time = clockTime(status.as_of, station.time_zone, age);
  const message = status.stale_reason === "maintenance" ? delayMessage(station) : null;
  const asOf = make("p", { class: "asof" }, say(message ? "asof.maintenance" : "asof", { time, age: ago(age), message }));
  if (!isStale(port)) return [asOf];
  const reason = status.stale_reason ?? "silent";
  return [asOf, make("p", { class: "old" }, say(`stale.${reason}`, { age: span(age) }))];
}

function portRow(port, station, elapsed) {
  const word = portStatus(port);
  const plugs = port.connectors.map((each) => connectorName(each.standard)).join(", ");
  const facts = [plugs, powerInWords(port), port.reservable ? say("port.reservable") : ""];
  return make("li", { class: isStale(port) ? "port port-stale" : "port", "data-port": port.port_number },
    make("div", { class: "port-head" },
      make("strong", {}, say("port", { n: port.port_number })),
      make("span", { class: `word word-${word}` }, say(`status.${word}`))),
    make("p", { class: "facts" }, facts.filter(Boolean).join(" · ")),
    ...newsOf(port, station, elapsed));
}

function facts(station) {
  const rows = [
    ["box.price", station.price_in_words, "price"],
    ["box.hours", hoursInWords(station.opening_hours, station.time_zone), "hours"],
    ["box.reserve", say(station.reservable ? "box.reserve.yes" : "box.reserve.no"), "reserve"],
  ];
  if (station.access && station.access !== "PUBLIC") rows.push(["box.access", say(`box.access.${station.access}`), "access"]);
  if (station.phone) rows.push(["box.phone", station.phone, "phone"]);
  return rows.map(([key, words, name]) => [make("dt", {}, say(key)), make("dd", { "data-fact": name }, words)]);
}

function title(station) {
  const tag = station.demo ? make("span", { class: "tag" }, say("box.demo")) : "";
  return [station.name, tag];
}

/** The box on the page. `onClose()` is called when the reader closes it. */
export class Box {
  constructor(onClose) {
    this.section = byId("box");
    this.station = null;
    this.name = make("h2", { id: "box-name", tabindex: "-1" });
    this.address = make("p", { class: "address" });
    this.ports = make("ul", { class: "ports", "aria-label": say("box.ports") });
    this.facts = make("dl", {});
    const details = make("details", { class: "try" });
    this.tryIt = new TryIt(details, "try.station");
    const close = make("button", { type: "button", class: "close", "aria-label": say("box.close"), onclick: onClose }, "×");
    this.section.append(make("div", { class: "box-head" }, this.name, close), this.address, this.ports, this.facts, details);
    setInterval(() => this.#tell(), 10_000);
  }

  /** Shows a station as it was answered just now; another station than before takes the focus. */
  show(station) {
    const other = this.station?.station_id !== station.station_id;
    this.station = station;
    this.answeredAt = performance.now();
    this.name.replaceChildren(...title(station));
    this.address.textContent = station.address?.formatted ?? "";
    this.facts.replaceChildren(...facts(station).flat());
    this.tryIt.show(stationPath(station.station_id));
    this.section.hidden = false;
    this.#tell();
    if (!other) return;
    this.section.scrollTop = 0;
    this.name.focus({ preventScroll: true });
  }

  close() {
    this.station = null;
    this.section.hidden = true;
  }

  #tell() {
    if (!this.station) return;
    const elapsed = (performance.now() - this.answeredAt) / 1000;
    this.section.dataset.kind = summary(this.station).kind;
    this.ports.replaceChildren(...(this.station.ports ?? []).map((port) => portRow(port, this.station, elapsed)));
  }
}
