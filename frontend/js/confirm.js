// A confirmation is a <details> with a form in it: opening it puts the focus on its first field, Escape closes it. A box that would
// leave the screen opens to its other side.

const opened = (confirm) => {
  confirm.classList.remove("confirm-turned");
  const { left, right } = confirm.querySelector(".confirm-panel").getBoundingClientRect();
  confirm.classList.toggle("confirm-turned", left < 0 || right > document.documentElement.clientWidth);
  confirm.querySelector(".confirm-panel :is(input:not([type=hidden]), textarea, button)")?.focus();
};

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.matches?.("details.confirm") && target.open) opened(target);
  },
  true,
);
document.querySelectorAll("details.confirm[open]").forEach(opened); // after a refusal it comes open

document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target.closest?.("details.confirm[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

document.addEventListener("click", (event) => {
  const cancel = event.target.closest?.("details.confirm [data-cancel]");
  if (!cancel) return;
  const confirm = cancel.closest("details");
  confirm.open = false;
  confirm.querySelector("summary").focus();
});

// Pressed twice is done once: a posted form's buttons rest a while. (The server refuses a repetition by itself.)
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.defaultPrevented) return;
  const buttons = event.target.querySelectorAll("button[type=submit]:enabled, button:not([type]):enabled");
  const rest = (resting) => buttons.forEach((button) => (button.disabled = resting));
  setTimeout(rest, 0, true);
  setTimeout(rest, 5000, false); // an answer that is a download leaves the page where it is
});
