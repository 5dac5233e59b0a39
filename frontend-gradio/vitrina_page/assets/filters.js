// The filters. Gradio runs this once, with `element`, `props`, `trigger` and `watch` in scope, after choice.js.
const body = element.querySelector(".vt-sheet-body");
const inputs = () => [...element.querySelectorAll("input")];
let touched = null;
let turn = 0;
let mine = [];
const key = (one) => JSON.stringify([one.name, one.value]);
// The groups that are shown in full.
const expanded = new Set();
const isWithin = (path, other) => path === other || path.startsWith(`${other} > `);

// A category takes the place of those above and below it; taken away, it gives way to the one above.
function chooseCategory({ value, checked }) {
  const others = inputs().filter((one) => one.name === "category" && one.value !== value);
  if (checked) {
    for (const one of others) if (isWithin(one.value, value) || isWithin(value, one.value)) one.checked = false;
    return;
  }
  const above = others.find((one) => one.value === value.split(" > ").slice(0, -1).join(" > "));
  if (!above || others.some((one) => one.checked && isWithin(one.value, above.value))) return;
  above.checked = true;
  // What is half chosen does not count as checked.
  above.indeterminate = false;
}

function drawForm() {
  for (const one of inputs()) one.indeterminate = "open" in one.dataset && !one.checked;
  for (const more of element.querySelectorAll(".vt-more-values")) {
    more.setAttribute("aria-expanded", String(expanded.has(more.closest(".vt-filter").dataset.filter)));
  }
}

function send() {
  // Gradio renders only what differs from the value that it knows, so it has to know what the visitor did.
  for (const one of inputs()) one.toggleAttribute("checked", one.checked);
  props.value = body.innerHTML;
  mine = inputs().filter((one) => one.checked).map(key);
  const chosen = choice();
  turn = chosen.turn;
  trigger("input", chosen);
}

// Gradio may not draw the answer to a choice that follows another at once. When all answers have come, had time to be drawn, and
// an earlier choice is still shown, the latest is sent again.
function sendUndrawn(latest) {
  const form = element.querySelector(".vt-filters");
  const isUndrawn = form && Number(form.dataset.turn) < latest;
  if (isUndrawn && latest === window.vitrinaTurn && window.answersDue() === 0) send();
}
document.addEventListener("vitrina-answered", () => setTimeout(sendUndrawn, 1000, window.vitrinaTurn));

element.addEventListener("change", ({ target }) => {
  touched = { name: target.name, value: target.value };
  if (target.name === "category") chooseCategory(target);
  send();
});
element.addEventListener("click", ({ target }) => {
  const more = target.closest(".vt-more-values");
  if (more) {
    const { filter } = more.closest(".vt-filter").dataset;
    if (!expanded.delete(filter)) expanded.add(filter);
    return drawForm();
  }
  if (!target.closest(".vt-clear")) return;
  for (const one of inputs()) one.checked = false;
  touched = { name: "clear" };
  send();
});

// A sheet of a phone is a column of a desktop.
matchMedia("(min-width: 761px)").addEventListener("change", () => {
  for (const sheet of document.querySelectorAll(".vt-sheet:popover-open")) sheet.hidePopover();
});

watch("value", () => {
  const form = element.querySelector(".vt-filters");
  if (!form) return element.querySelector(".vt-sheet").hidePopover?.();
  // An answer to an earlier choice does not undo a later one.
  const late = Number(form.dataset.turn) < turn;
  for (const one of inputs()) one.checked = late ? mine.includes(key(one)) : one.hasAttribute("checked");
  drawForm();
  if (!touched) return;
  // The lists may be in another order now: the focus follows the choice, not its place.
  const lost = document.activeElement === document.body || element.contains(document.activeElement);
  const same = inputs().find((one) => one.name === touched.name && one.value === touched.value);
  if (lost) (same ?? form.querySelector("input"))?.focus({ preventScroll: true });
});
