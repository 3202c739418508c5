// Ticked rows: the head's box ticks all, Shift ticks a range, the bar at the foot says how many.

let last = null;

function boxes(list) {
  return [...list.querySelectorAll("input[name=row]")];
}

function tell(list) {
  const all = boxes(list);
  const ticked = all.filter((box) => box.checked).length;
  for (const count of list.querySelectorAll("[data-ticked]")) count.textContent = ticked;
  const head = list.querySelector("input[data-all]");
  if (head) {
    head.checked = ticked > 0 && ticked === all.length;
    head.indeterminate = ticked > 0 && ticked < all.length;
  }
}

document.addEventListener("click", (event) => {
  const box = event.target;
  const list = box.closest?.("[data-list]");
  if (!list) return;
  if (box.matches("[data-untick]")) boxes(list).forEach((each) => (each.checked = false));
  else if (box.matches("input[data-all]")) boxes(list).forEach((each) => (each.checked = box.checked));
  else if (box.matches("input[name=row]")) {
    const all = boxes(list);
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) all.slice(from, to + 1).forEach((each) => (each.checked = box.checked));
    last = box;
  } else return;
  tell(list);
});
