// The address bar's part after #: zoom, latitude, longitude and the open station, so that a view can be shared.

const SHAPE = /^#(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)(?:\/([^/]+))?$/;

/** `{zoom, lat, lon, stationId}` of a hash, null where it is none of ours. */
export function readView(hash) {
  const found = SHAPE.exec(hash);
  if (!found) return null;
  const [zoom, lat, lon] = found.slice(1, 4).map(Number);
  if (Math.abs(lat) > 85 || Math.abs(lon) > 180) return null;
  return { zoom, lat, lon, stationId: found[4] ? decodeURIComponent(found[4]) : null };
}

export function writeView({ zoom, lat, lon, stationId }) {
  const digits = Math.max(2, Math.ceil(zoom / 4));
  const parts = [zoom, lat.toFixed(digits), lon.toFixed(digits), ...(stationId ? [encodeURIComponent(stationId)] : [])];
  const hash = `#${parts.join("/")}`;
  if (hash !== location.hash) history.replaceState(null, "", hash);
}

export const WHOLE_WORLD = "-180,-90,180,90";
const TILE_PX = 256;
const CELL_PX = 64; // the grid's cells, as the API documents them

/** `west,south,east,north` of all cells that the map shows some of: moving it a little asks the same again. */
export function gridBoxOf(map) {
  const zoom = map.getZoom();
  const { min, max } = map.getPixelBounds();
  const edge = (pixel, round) => Math.min(TILE_PX * 2 ** zoom, Math.max(0, round(pixel / CELL_PX) * CELL_PX));
  const northWest = map.unproject([edge(min.x, Math.floor), edge(min.y, Math.floor)], zoom);
  const southEast = map.unproject([edge(max.x, Math.ceil), edge(max.y, Math.ceil)], zoom);
  return [northWest.lng, southEast.lat, southEast.lng, northWest.lat].map((degrees) => degrees.toFixed(6)).join(",");
}

/** `west,south,east,north` of what the map shows, kept on the globe and rounded outwards. */
export function bboxOf(map) {
  const bounds = map.getBounds();
  const scale = 10 ** (map.getZoom() < 8 ? 1 : map.getZoom() < 14 ? 3 : 5);
  const lower = (degrees, least) => Math.max(least, Math.floor(degrees * scale) / scale);
  const upper = (degrees, most) => Math.min(most, Math.ceil(degrees * scale) / scale);
  return [
    lower(bounds.getWest(), -180), lower(bounds.getSouth(), -90), upper(bounds.getEast(), 180), upper(bounds.getNorth(), 90),
  ].join(",");
}
