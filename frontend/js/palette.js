// Ctrl K: go to a page, start something new, search. Pages are the page's own links; requests, customers and units are asked for.

const dialog = document.getElementById("palette");

function entries() {
  const links = document.querySelectorAll("a[data-go][href], a[data-new][href]");
  return [...links].map((link) => ({ label: link.dataset.go || link.textContent.trim().replace(/\s+/g, " "), href: link.href }));
}

function matching(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return entries().filter(({ label }) => wanted.every((word) => label.toLowerCase().includes(word)));
}

function line({ label, href }, index) {
  const link = document.createElement("a");
  link.className = "palette-entry";
  link.href = href;
  link.id = `palette-${index}`;
  link.textContent = label;
  link.setAttribute("role", "option");
  link.tabIndex = -1;
  return link;
}

function start() {
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const none = dialog.querySelector("[data-none]");
  let chosen = 0;
  let hits = { words: "", found: [] };
  let wait;

  function choose(index) {
    const lines = [...list.children];
    chosen = lines.length ? (index + lines.length) % lines.length : 0;
    lines.forEach((entry, at) => entry.setAttribute("aria-selected", String(at === chosen)));
    if (lines[chosen]) {
      input.setAttribute("aria-activedescendant", lines[chosen].id);
      lines[chosen].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  // Asked a moment after the last key, and never in the middle of typing pinyin; an answer to words that have changed is dropped.
  async function ask(words) {
    const answer = await fetch(`${dialog.dataset.search}?as=json&q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || words !== input.value.trim()) return;
    hits = { words, found: (await answer.json()).hits };
    const kept = chosen;
    fill();
    choose(kept);
  }

  function typed(event) {
    fill();
    clearTimeout(wait);
    const words = input.value.trim();
    if (dialog.dataset.search && words.length > 1 && !event.isComposing) wait = setTimeout(() => ask(words).catch(() => {}), 180);
  }

  function fill() {
    const found = matching(input.value);
    if (hits.words && hits.words === input.value.trim()) found.push(...hits.found);
    const search = dialog.dataset.search;
    if (search && input.value.trim())
      found.push({ label: `${dialog.dataset.searchWord} ${input.value.trim()}`, href: `${search}?q=${encodeURIComponent(input.value.trim())}` });
    list.replaceChildren(...found.slice(0, 50).map(line));
    none.hidden = found.length > 0;
    choose(0);
  }

  function open() {
    input.value = "";
    fill();
    dialog.showModal();
  }

  input.addEventListener("input", typed);
  input.addEventListener("compositionend", typed);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter" && !event.isComposing) list.children[chosen]?.click();
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else open();
    }
  });
  document.addEventListener("click", (event) => event.target.closest("[data-palette]") && open());
}

if (dialog) start();
