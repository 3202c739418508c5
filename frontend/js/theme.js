// Loaded in the head without `defer`, so that the page is painted once, in the right colours. The server has already
// written data-bs-theme for those who chose; this is only for those who follow their system.

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function follow() {
  if (root.dataset.theme === "auto") root.dataset.bsTheme = dark.matches ? "dark" : "light";
}

follow();
dark.addEventListener("change", follow);
root.classList.add("js");
