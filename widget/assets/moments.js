// Says when something was and how old it is, by the server's reckoning of age and the station's own clock.

import { say, sayMany } from "./words.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** "3 minutes", of a number of seconds. */
export function span(seconds) {
  if (seconds < MINUTE) return sayMany("age.seconds", Math.max(1, Math.floor(seconds)));
  if (seconds < HOUR) return sayMany("age.minutes", Math.floor(seconds / MINUTE));
  if (seconds < 2 * DAY) return sayMany("age.hours", Math.floor(seconds / HOUR));
  return sayMany("age.days", Math.floor(seconds / DAY));
}

export function ago(seconds) {
  return seconds < 10 ? say("age.now") : say("age.ago", { age: span(seconds) });
}

function sameOffset(moment, zone) {
  const inZone = (timeZone) => moment.toLocaleString("en", { timeZone, dateStyle: "short", timeStyle: "short" });
  return inZone(zone) === inZone(ownZone);
}

/** "14:02" by the station's clock, with the zone named where it is not the reader's, and the day where it is old. */
export function clockTime(instant, zone, ageSeconds) {
  const moment = new Date(instant);
  const away = !sameOffset(moment, zone);
  const day = ageSeconds > 18 * HOUR ? { day: "numeric", month: "short" } : {};
  return moment.toLocaleString("en-US", {
    timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...day,
    ...(away ? { timeZoneName: "short" } : {}),
  });
}

/** "14:02" by the reader's clock of a moment to come, with the day where it is far away. */
export function until(instant) {
  return clockTime(instant, ownZone, (new Date(instant) - Date.now()) / 1000);
}

/** The ISO weekday (Monday is 1) and "HH:MM" that it is at a station now. */
export function localNow(zone, now = new Date()) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).formatToParts(now);
  const part = (type) => parts.find((each) => each.type === type).value;
  const weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(part("weekday")) + 1;
  return { weekday, time: `${part("hour")}:${part("minute")}` };
}
