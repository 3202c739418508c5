// A form marked data-guard asks before the page is left with unsaved changes.

let dirty = null;

document.addEventListener("input", ({ target }) => {
  dirty = target.closest?.("form[data-guard]") ?? dirty;
});
document.addEventListener("submit", () => {
  dirty = null;
});
addEventListener("beforeunload", (event) => {
  if (dirty?.isConnected) event.preventDefault();
});
