// "Why" beside an amount: on wide screens the panel opens under its word (without this script it is a sheet at the foot).
// Escape and a click elsewhere close it and give the focus back.

const WIDE = matchMedia("(min-width: 768px)");
const GAP = 6;

function place(why) {
  const panel = why.querySelector(".why-panel");
  if (!WIDE.matches) return panel.removeAttribute("style");
  const word = why.querySelector("summary").getBoundingClientRect();
  const { width, height } = panel.getBoundingClientRect();
  const left = Math.max(8, Math.min(word.right - width, innerWidth - width - 16));
  const below = word.bottom + GAP;
  const top = below + height <= innerHeight - 8 ? below : Math.max(8, word.top - GAP - height);
  Object.assign(panel.style, { left: `${left}px`, top: `${top}px`, right: "auto", bottom: "auto" });
}

function opened() {
  return document.querySelectorAll("details.why-inline[open]");
}

function close(why, focus) {
  why.open = false;
  if (focus) why.querySelector("summary").focus();
}

// `toggle` does not bubble, but it can be caught on its way down.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.matches?.("details.why-inline")) return;
    target.classList.toggle("why-placed", target.open);
    if (!target.open) return;
    for (const other of opened()) if (other !== target) close(other);
    place(target);
  },
  true,
);

document.addEventListener("click", (event) => {
  for (const why of opened())
    if (!why.contains(event.target) || event.target.closest("[data-close]")) close(why, why.contains(event.target));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const why of opened()) close(why, true);
});
document.addEventListener("htmx:afterSettle", () => opened().forEach(place));
addEventListener("resize", () => opened().forEach(place));
addEventListener("scroll", ({ target }) => {
  for (const why of opened()) if (WIDE.matches && !why.contains(target)) place(why);
}, true);
