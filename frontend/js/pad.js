// A signature on the glass: <div data-pad> with a <canvas> and a hidden input. The strokes are written as points in a frame of
// 600 × 240, from which the server draws the picture. Without this script the page offers another way (by telephone, on paper).

const WIDTH = 600, HEIGHT = 240;

function begin(pad) {
  const canvas = pad.querySelector("canvas"), input = pad.querySelector("input[type=hidden]");
  const pen = canvas.getContext("2d");
  let strokes = [];
  pad.hidden = false;
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  pen.lineWidth = 4;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#000";

  function point(event) {
    const frame = canvas.getBoundingClientRect();
    const inside = (value, most) => Math.max(0, Math.min(most - 1, Math.round(value)));
    return [inside(((event.clientX - frame.left) * WIDTH) / frame.width, WIDTH), inside(((event.clientY - frame.top) * HEIGHT) / frame.height, HEIGHT)];
  }

  function keep() {
    input.value = strokes.map((stroke) => stroke.map(([x, y], index) => `${index ? "L" : "M"}${x},${y}`).join(" ")).join(" ");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    const first = point(event);
    strokes.push([first]);
    pen.beginPath();
    pen.moveTo(...first);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const next = point(event), stroke = strokes.at(-1), [x, y] = stroke.at(-1);
    if (Math.hypot(next[0] - x, next[1] - y) < 3) return;
    stroke.push(next);
    pen.lineTo(...next);
    pen.stroke();
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, keep);
  pad.querySelector("[data-clear]")?.addEventListener("click", () => {
    strokes = [];
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    keep();
  });
}

export function pads(root = document) {
  for (const pad of root.querySelectorAll("[data-pad]:not([data-begun])")) {
    pad.dataset.begun = "";
    begin(pad);
  }
}

pads();
document.addEventListener("htmx:afterSettle", () => pads());
