// The columns of a list are moved up and down by buttons; the numbers beside them, which serve without a script, follow.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-column]");
  if (!button) return;
  const entry = button.closest(".column-entry");
  const other = button.dataset.column === "up" ? entry.previousElementSibling : entry.nextElementSibling;
  if (!other) return;
  if (button.dataset.column === "up") other.before(entry);
  else other.after(entry);
  [...entry.parentElement.querySelectorAll(".column-place")].forEach((place, index) => (place.value = index + 1));
  button.focus();
  entry.scrollIntoView({ block: "nearest" });
});
