// A job of the dispatch board may be dragged onto a free hour: what is dropped goes the way of the buttons, through the form #put.
// The keyboard's way needs no script: choose a job (Enter), then a free hour (Tab, Enter).

let held = null;

function slotAt(event) {
  return document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-slot]") ?? null;
}

function begin(card, event) {
  const ghost = card.cloneNode(true);
  ghost.classList.add("board-ghost");
  ghost.removeAttribute("data-job");
  document.body.append(ghost);
  held = { card, ghost, over: null };
  move(event);
}

function move(event) {
  held.ghost.style.left = `${event.clientX + 8}px`;
  held.ghost.style.top = `${event.clientY + 8}px`;
  const over = slotAt(event);
  if (over === held.over) return;
  held.over?.classList.remove("board-over");
  over?.classList.add("board-over");
  held.over = over;
}

function end() {
  held?.ghost.remove();
  held?.over?.classList.remove("board-over");
  held = null;
}

function drop(card, slot) {
  const form = document.getElementById("put");
  form.elements.job.value = card.dataset.job;
  form.elements.version.value = card.dataset.version;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "slot";
  field.value = slot.dataset.slot;
  form.append(field);
  form.requestSubmit();
}

for (const card of document.querySelectorAll("[data-job]")) {
  if (!document.querySelector("[data-slot]")) break;
  card.dataset.ready = "";
  let from = null;
  card.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch" || event.target.closest("a, button")) return;
    from = event;
    card.setPointerCapture(event.pointerId);
  });
  card.addEventListener("pointermove", (event) => {
    if (!from) return;
    if (held) move(event);
    else if (Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > 6) begin(card, event);
  });
  card.addEventListener("pointerup", () => {
    const over = held?.over;
    from = null;
    end();
    if (over) drop(card, over);
  });
  card.addEventListener("pointercancel", () => {
    from = null;
    end();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && held) end();
});
