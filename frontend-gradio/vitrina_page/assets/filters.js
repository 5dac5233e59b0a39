// The filters. Gradio runs this once, with `element`, `props`, `trigger` and `watch` in scope, after choice.js.
const body = element.querySelector(".vt-sheet-body");
const inputs = () => [...element.querySelectorAll("input")];
let touched = null;
let turn = 0;
let mine = [];
const key = (one) => JSON.stringify([one.name, one.value]);

function send() {
  // Gradio renders only what differs from the value that it knows, so it has to know what the visitor did.
  for (const one of inputs()) one.toggleAttribute("checked", one.checked);
  props.value = body.innerHTML;
  mine = inputs().filter((one) => one.checked).map(key);
  const chosen = choice();
  turn = chosen.turn;
  trigger("input", chosen);
}

element.addEventListener("change", ({ target }) => {
  touched = { name: target.name, value: target.value };
  send();
});
element.addEventListener("click", ({ target }) => {
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
  if (!touched) return;
  // The lists may be in another order now: the focus follows the choice, not its place.
  const lost = document.activeElement === document.body || element.contains(document.activeElement);
  const same = inputs().find((one) => one.name === touched.name && one.value === touched.value);
  if (lost) (same ?? form.querySelector("input"))?.focus({ preventScroll: true });
});
