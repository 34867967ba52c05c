// What a station's ports are, summed up: one kind, free of how many, and whether the news is old.

import { say } from "./words.js";

/** The word of a port's status: a free but reserved port is RESERVED. */
export function portStatus(port) {
  const status = port.status?.status ?? "UNKNOWN";
  if (status === "AVAILABLE" && port.status.reserved) return "RESERVED";
  return `status.${status}` === say(`status.${status}`) ? "UNKNOWN" : status;
}

export function isStale(port) {
  return port.status?.freshness === "STALE";
}

function kindOf(counts) {
  if (counts.AVAILABLE) return "free";
  if (counts.IN_USE || counts.RESERVED) return "busy";
  if (counts.OUT_OF_SERVICE && !counts.UNREACHABLE && !counts.UNKNOWN) return "out";
  return "unknown";
}

function words(kind, free, total) {
  if (!total) return say("summary.none");
  return kind === "free" || kind === "busy" ? say("summary.free", { free, total }) : say(`summary.${kind}`);
}

/** `{kind: free | busy | out | unknown, free, total, stale, words}` of a station. */
export function summary(station) {
  const ports = station.ports ?? [];
  const counts = station.availability ?? {};
  const kind = kindOf(counts);
  const free = counts.AVAILABLE ?? 0;
  const total = counts.total ?? ports.length;
  const stale = ports.length > 0 && ports.every((port) => isStale(port) || !port.status);
  const plain = words(kind, free, total);
  const old = stale && ports.some(isStale) && kind !== "unknown";
  return { kind, free, total, stale, words: old ? say("summary.stale", { summary: plain }) : plain };
}

const WORDS_OF_CONNECTORS = {
  CCS1: "CCS 1", CCS2: "CCS 2", CHADEMO: "CHAdeMO", NACS: "NACS", J1772: "J1772", TYPE_2: "Type 2",
  TYPE_3: "Type 3", GBT_AC: "GB/T AC", GBT_DC: "GB/T DC", SCHUKO: "Schuko", OTHER: "other plug",
};

export const COMMON_CONNECTORS = ["CCS1", "CCS2", "CHADEMO", "NACS", "J1772", "TYPE_2"];

export function connectorName(standard) {
  return WORDS_OF_CONNECTORS[standard] ?? standard;
}

/** "7.2 kW", or what is known instead. */
export function powerInWords(port) {
  return port.power_kw == null ? "" : `${Number(port.power_kw.toFixed(1))} kW`;
}

/** "J1772, CCS 1 · up to 50 kW" of a whole station. */
export function equipment(station) {
  const ports = station.ports ?? [];
  const standards = new Set(ports.flatMap((port) => port.connectors.map((each) => each.standard)));
  const strongest = Math.max(0, ...ports.map((port) => port.power_kw ?? 0));
  const power = strongest ? `${Number(strongest.toFixed(1))} kW` : "";
  return [[...standards].map(connectorName).join(", "), power].filter(Boolean).join(" · ");
}
