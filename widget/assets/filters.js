// The filter form: what it asks the API for, and a call when it changes.

import { byId, make } from "./dom.js";
import { COMMON_CONNECTORS, connectorName } from "./status.js";

function chip(standard) {
  const box = make("input", { type: "checkbox", name: "connector", value: standard });
  return make("label", { class: "chip" }, box, make("span", {}, connectorName(standard)));
}

export class Filters {
  constructor(onChange) {
    this.form = byId("filters");
    byId("connectors").append(...COMMON_CONNECTORS.map(chip));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", () => this.#changed(onChange));
    this.form.addEventListener("reset", () => setTimeout(() => this.#changed(onChange)));
  }

  /** The search parameters chosen, as [name, value] pairs. */
  parameters() {
    const chosen = [...new FormData(this.form)].filter(([, value]) => value !== "");
    return chosen.map(([name, value]) => [name, value === "on" ? "true" : value]);
  }

  #changed(onChange) {
    const clear = this.form.querySelector("[type=reset]");
    const hide = this.parameters().length === 0;
    if (hide && document.activeElement === clear) this.form.elements[0].focus();
    clear.hidden = hide;
    onChange();
  }
}
