// Asks the API with the page's publishable key, and says what went wrong in words.

import { told } from "./dom.js";
import { say } from "./words.js";

export const PAGE_SIZE = 200;

/** What went wrong, in words; `retryAfter` in seconds where the server named one, `reload` where only that helps. */
export class Trouble extends Error {
  constructor(words, { retryAfter = null, reload = false, status = 0 } = {}) {
    super(words);
    Object.assign(this, { retryAfter, reload, status });
  }
}

async function troubleOf(response) {
  const problem = await response.json().catch(() => ({}));
  const { status } = response;
  if (status === 429) {
    const retryAfter = Math.max(1, Number(response.headers.get("Retry-After")) || 10);
    return new Trouble(say("trouble.busy", { n: retryAfter }), { retryAfter, status });
  }
  if (status === 401 || status === 403) return new Trouble(say("trouble.key"), { reload: true, status });
  if (status === 404) return new Trouble(say("trouble.gone"), { status });
  const detail = problem.detail || problem.title || `HTTP ${status}`;
  return new Trouble(say("trouble.answer", { detail }), { status });
}

/** One answer of the API. Throws Trouble, or an AbortError when `signal` was aborted. */
export async function ask(path, parameters = [], signal = undefined) {
  const query = new URLSearchParams(parameters).toString();
  let response;
  try {
    response = await fetch(query ? `${path}?${query}` : path, {
      headers: { "X-API-Key": told("key"), Accept: "application/json" },
      cache: "no-cache", // an answer from the browser's store would understate the age of every status
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble(say("trouble.unreachable"));
  }
  if (!response.ok) throw await troubleOf(response);
  return response.json();
}

/** The stations of a search, PAGE_SIZE of them at most. */
export async function stationsOf(parameters, signal, most = PAGE_SIZE) {
  return (await ask("/v1/stations", [...parameters, ["limit", most]], signal)).data;
}

/** What stands in a part of the map at a zoom: `{count, clusters, stations}`. */
export function clustersOf(bbox, zoom, filters, signal) {
  return ask("/v1/map/clusters", [["bbox", bbox], ["zoom", zoom], ...filters], signal);
}

export function stationPath(stationId) {
  return `/v1/stations/${encodeURIComponent(stationId)}`;
}
