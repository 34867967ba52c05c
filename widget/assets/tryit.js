// The "Try it" box: the API call behind what is on the screen, ready to paste.

import { make, told } from "./dom.js";
import { say } from "./words.js";

const demo = () => told("demo") === "yes";

/** A curl line for a path on this server, with the demo's key or a gap to put one's own. */
export function curlLine(path) {
  const address = `${location.origin}${path}`.replaceAll("'", "%27");
  return `curl -H 'X-API-Key: ${demo() ? "demo" : "YOUR_KEY"}' '${address}'`;
}

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

async function copy(button, line) {
  try {
    await navigator.clipboard.writeText(line.textContent);
    button.textContent = say("try.copied");
  } catch {
    select(line); // browsers give a clipboard to safe origins only
    button.textContent = say("try.select");
  }
  setTimeout(() => { button.textContent = say("try.copy"); }, 2500);
}

/** Fills a <details> element; `show(path)` changes the call it shows. */
export class TryIt {
  constructor(details, titleKey) {
    this.line = make("code", { tabindex: "0" });
    const button = make("button", { type: "button", class: "copy" }, say("try.copy"));
    button.addEventListener("click", () => copy(button, this.line));
    details.replaceChildren(
      make("summary", {}, say(titleKey)),
      make("div", { class: "call" }, this.line, button),
      make("p", {}, say(demo() ? "try.demo" : "try.key")),
    );
  }

  show(path) {
    const line = curlLine(path);
    if (this.line.textContent !== line) this.line.textContent = line;
  }
}
