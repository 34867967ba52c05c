// Puts a station's opening hours (OCPI 2.2.1 Hours) into words.

import { localNow } from "./moments.js";
import { say } from "./words.js";

/** "Open today 08:00–20:00", for a station in its time zone. */
export function hoursInWords(hours, zone) {
  if (!hours) return say("hours.unknown");
  if (hours.twenty_four_seven) return say("hours.always");
  const regular = hours.regular_hours ?? [];
  if (!regular.length) return hours.text || say("hours.unknown");
  const { weekday } = localNow(zone);
  const spans = regular
    .filter((each) => each.weekday === weekday)
    .map((each) => `${each.period_begin.slice(0, 5)}–${each.period_end.slice(0, 5)}`);
  return spans.length ? say("hours.today", { spans: spans.join(", ") }) : say("hours.closed");
}
