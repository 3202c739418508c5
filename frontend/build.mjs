// Builds what the browser gets: app.css, app.js, theme.js, the phone's page and worker, and icons.svg, in src/sanbao/ui/static/ui/build/.
// Run it with `node build.mjs` (`--watch` rebuilds CSS and JS on change). Under a second; no network.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(here, "../src/sanbao");
const target = path.join(source, "ui/static/ui/build");
const icons = path.join(here, "node_modules/@tabler/icons/icons");

const options = {
  entryPoints: ["css/app.css", "js/app.js", "js/theme.js", "js/phone.js", "js/phone_worker.js"].map((file) => path.join(here, file)),
  outdir: target,
  entryNames: "[name]",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome109", "firefox115", "safari15.6"],
  legalComments: "linked",
  logLevel: "warning",
};

// Icons that components fall back on.
const OWN = ["point", "inbox"];

// An icon is used where a template says <c-icon name="x">, {% icon "x" %} or icon="x", or Python says icon="x", icon("x") or "icon": "x";
// in a navigation.py, every quoted word that is an icon counts, because its rows name icons by position.
const IN_TEMPLATES = [/<c-icon\b[^>]*?\bname="([a-z0-9-]+)"/g, /\bicon="([a-z0-9-]+)"/g, /{% icon "([a-z0-9-]+)"/g];
const IN_PYTHON = [/\bicon(?:=|\(|": )"([a-z0-9-]+)"/g];
const IN_NAVIGATION = [/"([a-z][a-z0-9-]*)"/g];

async function files(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(html|py)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

function patterns(file) {
  if (file.endsWith(".html")) return { found: IN_TEMPLATES, sure: true };
  if (path.basename(file) === "navigation.py") return { found: IN_NAVIGATION, sure: false };
  return { found: IN_PYTHON, sure: true };
}

async function usedIcons() {
  const names = new Map(OWN.map((name) => [name, null]));
  for (const file of await files(source)) {
    const text = await readFile(file, "utf8");
    const { found, sure } = patterns(file);
    for (const pattern of found)
      for (const [, name] of text.matchAll(pattern))
        if (!names.get(name)) names.set(name, sure ? path.relative(source, file) : null);
  }
  return names;
}

async function symbol(name, usedIn) {
  const [style, base] = name.endsWith("-filled") ? ["filled", name.slice(0, -7)] : ["outline", name];
  const svg = await readFile(path.join(icons, style, `${base}.svg`), "utf8").catch(() => null);
  if (svg === null) {
    if (usedIn) console.error(`There is no Tabler icon "${name}" (in ${usedIn}); see node_modules/@tabler/icons/icons/outline.`);
    return "";
  }
  const shapes = svg.replace(/^[\s\S]*?<svg[\s\S]*?>|<\/svg>\s*$/g, "").replace(/\s+/g, " ").trim();
  const paint = style === "filled" ? 'fill="currentColor"' : 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24"><g ${paint}>${shapes}</g></symbol>`;
}

async function sprite() {
  const used = [...(await usedIcons())].sort(([a], [b]) => (a < b ? -1 : 1));
  const symbols = await Promise.all(used.map(([name, usedIn]) => symbol(name, usedIn)));
  const text = `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.filter(Boolean).join("\n")}\n</svg>\n`;
  await writeFile(path.join(target, "icons.svg"), text);
}

await mkdir(target, { recursive: true });
if (process.argv.includes("--watch")) {
  await sprite();
  await (await esbuild.context(options)).watch();
} else {
  await Promise.all([esbuild.build(options), sprite()]);
}
