// The theme switch: a form that posts; here it only sets the cookie and repaints without loading the page again.

const YEAR = 365 * 24 * 3600;
const root = document.documentElement;

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-themes]");
  const theme = event.submitter?.value;
  if (!form || !theme) return;
  event.preventDefault();
  const safe = location.protocol === "https:";
  const secure = safe ? "; Secure" : "";
  document.cookie = `${safe ? "__Host-" : ""}theme=${theme}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
  root.dataset.theme = theme;
  const dark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.bsTheme = dark ? "dark" : "light";
  for (const button of form.querySelectorAll("button[name=theme]"))
    button.setAttribute("aria-pressed", String(button.value === theme));
});
