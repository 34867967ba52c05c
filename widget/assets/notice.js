// The notice over the map: announced maintenance that is going on at stations in view.

import { byId, make } from "./dom.js";
import { until } from "./moments.js";
import { say } from "./words.js";

const MOST_TOLD = 3;

/** What maintenance says of late statuses at a station; null where there is none. */
export function delayMessage(station) {
  return (station.maintenance ?? []).find((each) => each.effects.includes("status_delayed"))?.message ?? null;
}

function goingOn(stations) {
  const windows = new Map(stations.flatMap((station) => station.maintenance ?? []).map((each) => [each.maintenance_id, each]));
  return [...windows.values()].sort((a, b) => (a.end < b.end ? -1 : 1)).slice(0, MOST_TOLD);
}

/** Shows what goes on at these stations, and nothing where nothing does; the same words are not said again. */
export function showNotice(stations) {
  const panel = byId("notice");
  const lines = goingOn(stations).map(({ end, message }) => say("notice", { time: until(end), message }));
  panel.hidden = !lines.length;
  if (panel.dataset.said === lines.join("\n")) return;
  panel.dataset.said = lines.join("\n");
  panel.replaceChildren(...lines.map((line) => make("p", {}, line)));
}
