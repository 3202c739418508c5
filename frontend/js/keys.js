// "?" shows the keys; a link or button with data-key="e" is pressed by that key while nobody is typing; Ctrl Enter sends the form one is in.

export function typing(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.isComposing
    || event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable], dialog[open]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (typing(event)) return;
  const help = document.getElementById("keys");
  if (event.key === "?" && help) return help.showModal();
  if (!/^[a-z0-9/]$/.test(event.key)) return;
  const target = document.querySelector(`[data-key="${event.key}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input, select, textarea")) target.focus();
  else target.click();
});

document.addEventListener("click", (event) => {
  if (event.target.id === "keys") event.target.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest?.("form[method=post]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});
