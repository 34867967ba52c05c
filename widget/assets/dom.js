// Builds elements from text and elements, never from markup, so that no name of a station can become one.

/** An element; `attributes` may hold `onclick` and other handlers, and true or false for bare ones. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== ""));
  return element;
}

/** A drawing of `width` by `height` units out of [tag, attributes] pieces. */
export function drawing(width, height, pieces) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of pieces) {
    const piece = document.createElementNS(space, tag);
    for (const [name, value] of Object.entries(attributes)) piece.setAttribute(name, value);
    svg.append(piece);
  }
  return svg;
}

export const byId = (id) => document.getElementById(id);

/** What the server wrote into the page's head under `portside-…`. */
export function told(name) {
  return document.querySelector(`meta[name="portside-${name}"]`)?.content ?? "";
}
