// The file field covers its zone, so dropping works by itself; this shows the names of the files and lights the zone up.

function zone(event) {
  return event.target.closest?.(".dropzone");
}

function size(bytes) {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

document.addEventListener("change", (event) => {
  const names = event.target.matches?.("input[type=file]") && zone(event)?.querySelector("[data-names]");
  if (!names) return;
  const files = [...event.target.files];
  names.textContent = files.map((file) => `${file.name} (${size(file.size)})`).join(", ");
  zone(event).classList.toggle("dropzone-filled", files.length > 0);
});
for (const name of ["dragenter", "dragover"])
  document.addEventListener(name, (event) => zone(event)?.classList.add("dropzone-over"));
for (const name of ["dragleave", "drop"])
  document.addEventListener(name, (event) => zone(event)?.classList.remove("dropzone-over"));
