// A text with data-reading has to be scrolled through before the tick of the form with data-read-first can be set. Whoever jumps ahead is led back
// to where they stopped; each press of that button shows the next page of the text, so the keyboard and a screen reader come to its end, too.
// Without this script the tick can be set at once.

const text = document.querySelector("[data-reading]");
const form = document.querySelector("form[data-read-first]");
if (text && form) {
  const tick = form.elements.read;
  const hint = form.querySelector("[data-reading-hint]");
  const on = form.querySelector("[data-reading-on]");
  const share = form.querySelector("[data-reading-share]");
  const pace = 2; // screens a second: nobody reads quicker, and the End key passes over the text in a third of one
  let readTo = 0; // as a share of the text: it may be laid out anew meanwhile
  let looked = -Infinity;
  let again = 0;

  const look = () => {
    const now = performance.now();
    const box = text.getBoundingClientRect();
    const shown = Math.min(1, (window.innerHeight - box.top) / box.height);
    const most = readTo + (Math.min(1, (now - looked) / 1000) * pace * window.innerHeight) / box.height;
    if (-box.top <= readTo * box.height + 1) readTo = Math.max(readTo, looked < 0 ? shown : Math.min(shown, most));
    looked = now;
    share.textContent = `${Math.max(0, Math.min(99, Math.floor(readTo * 100)))} %`;
    window.clearTimeout(again);
    if (readTo * box.height >= box.height - 2) atTheEnd();
    else if (readTo < shown && -box.top <= readTo * box.height + 1) again = window.setTimeout(look, 200);
  };
  const atTheEnd = () => {
    window.removeEventListener("scroll", look);
    window.removeEventListener("resize", look);
    tick.disabled = false;
    hint.hidden = true;
    form.querySelector("[data-reading-done]").textContent = form.dataset.readFirst;
  };
  on.addEventListener("click", () => {
    const box = text.getBoundingClientRect();
    window.scrollBy({ top: box.top + readTo * box.height - 80, behavior: "instant" }); // below what stays at the top of the page
    look();
    on.focus({ preventScroll: true });
  });

  tick.disabled = true;
  hint.hidden = false;
  window.addEventListener("scroll", look, { passive: true });
  window.addEventListener("resize", look);
  look();
}
