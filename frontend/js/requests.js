// htmx, hardened: nothing evaluated, nothing inline, nothing from elsewhere, and no page kept in the browser's storage.

import htmx from "htmx.org";

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  timeout: 20_000,
  // A form with errors answers 422 and is shown again.
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

// Fields left empty need not stand in the address.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.elt.matches("form.filters")) return;
  for (const [key, value] of [...detail.parameters.entries()]) if (value === "") detail.parameters.delete(key);
});

function trouble() {
  const note = document.getElementById("trouble");
  if (note) note.hidden = false;
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, trouble);
document.addEventListener("htmx:beforeRequest", () => {
  const note = document.getElementById("trouble");
  if (note) note.hidden = true;
});
