// The label of the appliance: read while the camera looks at it, or from a photograph; where the browser can't read codes the number is typed.
// The picture never leaves the phone. The camera is asked for when the button is pressed, and closed as soon as a code is found.

const EVERY = 200; // milliseconds between two looks

// A QR code may hold an address whose last part is the serial number.
const serialIn = (code) => code.trim().replace(/\/+$/, "").split(/[/=?]/).at(-1);

function prepare(button) {
  const form = button.closest("form"), photograph = form.querySelector("[data-scan-file]"), note = form.querySelector("[data-scan-note]");
  const live = form.querySelector("[data-scan-live]"), view = live.querySelector("[data-scan-view]"), look = form.querySelector("[data-scan-camera]");
  const reader = new BarcodeDetector();
  let stream = null;

  function found(codes, otherwise = "") {
    note.textContent = codes.length ? note.dataset.found : otherwise;
    if (codes.length) form.querySelector("[name=serial]").value = serialIn(codes[0].rawValue);
    return codes.length > 0;
  }

  button.hidden = false;
  button.addEventListener("click", () => photograph.click());
  photograph.addEventListener("change", async () => {
    if (photograph.files.length) found(await reader.detect(await createImageBitmap(photograph.files[0])).catch(() => []), note.dataset.none);
  });

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = view.srcObject = null;
    live.hidden = true;
    look.hidden = false;
  }

  async function watch(mine) {
    while (stream === mine) {
      if (found(await reader.detect(view).catch(() => []))) return stop();
      await new Promise((done) => setTimeout(done, EVERY));
    }
  }

  async function open() {
    look.hidden = true;
    note.textContent = "";
    try {
      const opened = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
      if (document.hidden || !form.closest("details").open) {
        stream = opened;
        return stop();
      }
      stream = view.srcObject = opened;
      live.hidden = false;
      await view.play();
      watch(opened);
    } catch {
      stop();
      note.textContent = note.dataset.refused;
    }
  }

  if (!navigator.mediaDevices?.getUserMedia) return;
  look.hidden = false;
  look.addEventListener("click", open);
  live.querySelector("[data-scan-stop]").addEventListener("click", stop);
  form.closest("details").addEventListener("toggle", (event) => event.target.open || stop());
  document.addEventListener("visibilitychange", () => document.hidden && stop());
  addEventListener("pagehide", stop);
}

if ("BarcodeDetector" in window) for (const button of document.querySelectorAll("[data-scan]")) prepare(button);
