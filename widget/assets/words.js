// Every sentence the page says, in one place, so that a translation is one more dictionary.

const ENGLISH = {
  "count.one": "{n} station in view",
  "count.other": "{n} stations in view",
  "count.none": "No stations here",
  "count.none.hint": "Move the map, zoom out, or clear the filters.",
  "cut.list": "The {shown} nearest to the middle of the map are listed; zoom in for the others.",
  "updated": "Updated {time}",
  "live.away": "Live updates are away; asking every {n} seconds meanwhile.",
  "place": "Near {place}",
  "place.plain": "Near {place} · outline map, no streets",
  "cluster.free": "{n} free",
  "cluster.label": "{total} stations, {free} with a free port. Zoom in.",
  "pin.label": "{name}: {summary}",
  "summary.free": "{free} of {total} free",
  "summary.out": "out of service",
  "summary.unknown": "status unknown",
  "summary.none": "no ports listed",
  "summary.stale": "{summary}, old news",
  "status.AVAILABLE": "Available",
  "status.RESERVED": "Free now, reserved",
  "status.IN_USE": "In use",
  "status.OUT_OF_SERVICE": "Out of service",
  "status.UNREACHABLE": "Unreachable",
  "status.UNKNOWN": "Unknown",
  "asof": "Status as of {time}, {age}",
  "asof.maintenance": "Status as of {time}, {age} (maintenance: {message})",
  "asof.never": "No status has been received yet",
  "stale.silent": "No news for {age}; it may have changed.",
  "stale.maintenance": "Announced maintenance delays the status; the last news is {age} old.",
  "stale.upstream_outage": "The network's own status service is not answering; the last news is {age} old.",
  "notice": "Maintenance until {time}: {message}",
  "age.now": "just now",
  "age.ago": "{age} ago",
  "age.seconds.one": "{n} second", "age.seconds.other": "{n} seconds",
  "age.minutes.one": "{n} minute", "age.minutes.other": "{n} minutes",
  "age.hours.one": "{n} hour", "age.hours.other": "{n} hours",
  "age.days.one": "{n} day", "age.days.other": "{n} days",
  "port": "Port {n}",
  "port.reservable": "can be reserved",
  "box.close": "Close",
  "box.ports": "Ports",
  "box.price": "Price",
  "box.hours": "Hours",
  "box.reserve": "Reservation",
  "box.reserve.yes": "Can be reserved",
  "box.reserve.no": "Cannot be reserved; first come, first served",
  "box.access": "Access",
  "box.access.RESTRICTED": "Restricted to certain drivers",
  "box.access.PRIVATE": "Private",
  "box.phone": "Phone",
  "box.demo": "demo, made up",
  "hours.always": "Open 24 hours, every day",
  "hours.unknown": "Opening hours unknown",
  "hours.closed": "Closed today",
  "hours.today": "Open today {spans}",
  "try.title": "Try it: the call behind this view",
  "try.station": "Try it: the call behind this box",
  "try.demo": "Paste this into a terminal; the key “demo” works while the demo network is loaded.",
  "try.key": "Put a key of your own in place of YOUR_KEY: whoever runs this server makes one with “./dev clients create”.",
  "try.copy": "Copy",
  "try.copied": "Copied",
  "try.select": "Selected; press Ctrl+C",
  "trouble.unreachable": "The server does not answer. What you see may be out of date.",
  "trouble.busy": "Too many requests at once. Trying again in {n} seconds.",
  "trouble.key": "The server no longer knows this page's key. Reload the page.",
  "trouble.gone": "This station is not in the catalogue any more.",
  "trouble.answer": "The server could not answer: {detail}",
  "trouble.basemap": "The background of the map could not be loaded; the stations are unaffected.",
  "trouble.retry": "Try again",
  "trouble.seen": "Close",
  "trouble.reload": "Reload",
  "attribution": "Outlines: Natural Earth, US Census",
};

const NUMBERS = new Intl.NumberFormat("en");
const PLURALS = new Intl.PluralRules("en");

function shown(value) {
  return typeof value === "number" ? NUMBERS.format(value) : value;
}

/** The sentence of a key, its {names} filled in. */
export function say(key, values = {}) {
  const sentence = ENGLISH[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? shown(values[name]) : whole));
}

/** The sentence for a number of things: `count` of 1 is "count.one". */
export function sayMany(key, n, values = {}) {
  return say(`${key}.${PLURALS.select(n)}`, { n, ...values });
}
