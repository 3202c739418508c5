// In a form with data-answers a digit chooses in the group one is in: the first choice by 1, where the choices are numbers by the number;
// y and n choose yes and no. Tab goes on to the next group, Ctrl Enter sends (keys.js).

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const group = event.target.closest?.("form[data-answers] fieldset");
  if (!group || !event.target.matches("input[type=radio]")) return;
  const choices = [...group.querySelectorAll("input[type=radio]")];
  const word = { y: "yes", n: "no" }[event.key] ?? event.key;
  const chosen = choices.find((choice) => choice.value === word) ?? (/^[1-9]$/.test(event.key) ? choices.filter((choice) => choice.value)[Number(event.key) - 1] : null);
  if (!chosen) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  chosen.checked = true;
  chosen.focus();
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
});
