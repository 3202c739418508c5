// j and k walk down and up a list; Enter follows the row's link by itself, x ticks the row.

import { typing } from "./keys.js";

function rows() {
  return [...document.querySelectorAll("[data-rows] > tr")];
}

function step(by) {
  const all = rows();
  const here = all.indexOf(document.activeElement?.closest("[data-rows] > tr"));
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1)];
  if (!next) return;
  const link = next.querySelector("a[href]");
  if (!link) next.tabIndex = -1;
  (link ?? next).focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (typing(event)) return;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "x") document.activeElement?.closest("[data-rows] > tr")?.querySelector("input[name=row]")?.click();
});
