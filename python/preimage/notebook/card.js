// The live card. The kernel draws each part as HTML and sets it as a trait; here it is put in its place.
// What only a browser can do is done here: values under the pointer, folds that stay open, and Stop.

const PARTS = { head: ".head", left: ".gap", middle: ".boxes", right: ".answer", trace: "details.trace > div" };

/** Return the last [seconds, value, source] at or before a moment. */
const at = (points, seconds) => points.findLast((point) => point[0] <= seconds) ?? null;

/** Return a value with six digits; ``round`` keeps a proved bound true in print. */
function digits(point, round = Math.round) {
  if (!point || point[1] === 0) return point ? "0" : "–";
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(point[1]))) - 5);
  return String(Number((round(point[1] / unit) * unit).toPrecision(6)));
}

function gap(best, bound) {
  if (!best || !bound) return "–";
  const percent = (100 * Math.abs(best[1] - bound[1])) / Math.max(Math.abs(best[1]), 1e-9);
  return percent > 999 ? "> 999 %" : `${Number(percent.toPrecision(2))} %`;
}

/** Show clock, values, nodes and gap at the pointer. It is called after each redraw too, which wipes it out. */
function hover(card, points) {
  card.querySelector(".tip")?.remove();
  card.querySelector(".cursor")?.remove();
  const area = card.querySelector(".gap .area");
  if (card.pointer === undefined || !area || !points.seconds) return;
  const box = area.getBoundingClientRect();
  const share = (card.pointer - box.left) / box.width;
  if (share < 0 || share > 1) return;
  const seconds = share * points.seconds;
  const [best, bound] = [at(points.incumbents, seconds), at(points.bounds, seconds)];
  const nodes = at(card.history, seconds)?.[1];
  const rows = [
    ["time", `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`, nodes ? `${nodes.toLocaleString("en")} ${points.unit}` : ""],
    ["best", digits(best), best?.[2] ?? ""],
    ["proved", digits(bound, points.sense === "minimise" ? Math.floor : Math.ceil), bound?.[2] ?? ""],
    ["gap", gap(best, bound), ""],
  ];
  const tip = document.createElement("table");
  tip.className = share > 0.5 ? "tip before" : "tip";
  for (const cells of rows) {
    const row = tip.insertRow();
    row.className = cells[0];
    for (const text of cells) row.insertCell().textContent = text;
  }
  const cursor = document.createElement("div");
  cursor.className = "cursor";
  tip.style.left = cursor.style.left = `${100 * share}%`;
  area.append(cursor, tip);
}

function render({ model, el }) {
  el.innerHTML = model.get("card");
  const card = el.firstElementChild;
  card.history = [];

  const show = (part) => {
    card.querySelector(PARTS[part]).innerHTML = model.get(part);
    if (part === "left") hover(card, model.get("points"));
  };
  for (const part of Object.keys(PARTS)) {
    show(part);
    model.on(`change:${part}`, () => show(part));
  }
  model.on("change:state", () => (card.dataset.state = model.get("state")));
  model.on("change:points", () => {
    const { seconds, nodes } = model.get("points");
    if (seconds < (card.history.at(-1)?.[0] ?? 0)) card.history = []; // the next target of a sweep
    card.history.push([seconds, nodes]);
  });

  const point = (event) => {
    card.pointer = event.type === "pointerleave" ? undefined : event.clientX;
    hover(card, model.get("points"));
  };
  const left = card.querySelector(PARTS.left);
  left.addEventListener("pointermove", point);
  left.addEventListener("pointerleave", point);

  const stop = card.querySelector("button");
  stop.addEventListener("click", () => {
    stop.disabled = true;
    stop.textContent = "stopping …";
    model.send("stop");
  });
  // A kernel that listens while it is busy answers "hello" at once, by the trait `heard`; only then is Stop of any use.
  const greet = () => (model.get("heard") ? (stop.hidden = false) : model.send("hello"));
  const greeting = setInterval(greet, 400);
  model.on("change:heard", greet);
  greet();
  return () => clearInterval(greeting);
}

export default { render };
