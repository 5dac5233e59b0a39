// The filters. Gradio runs this once, with `element`, `props`, `trigger` and `watch` in scope, after choice.js.
const inputs = () => [...element.querySelectorAll("input")];
let open = matchMedia("(min-width: 761px)").matches;
let touched = null;
let turn = 0;
let mine = [];
const key = (one) => JSON.stringify([one.name, one.value]);

function tell() {
  // The page renders only what differs from the value it knows: it has to know what the visitor did.
  for (const one of inputs()) one.toggleAttribute("checked", one.checked);
  props.value = element.innerHTML;
  mine = inputs().filter((one) => one.checked).map(key);
  const told = choice();
  turn = told.turn;
  trigger("input", told);
}

element.addEventListener("change", ({ target }) => {
  touched = { name: target.name, value: target.value };
  tell();
});
element.addEventListener("click", ({ target }) => {
  if (!target.closest(".vt-clear")) return;
  for (const one of inputs()) one.checked = false;
  touched = { name: "clear" };
  tell();
});
// "toggle" does not bubble.
element.addEventListener("toggle", ({ target }) => { open = target.open; }, true);

watch("value", () => {
  const details = element.querySelector("details");
  if (!details) return;
  details.open = open;
  // An answer to an earlier choice does not take back what was chosen since.
  const late = Number(details.dataset.turn) < turn;
  for (const one of inputs()) one.checked = late ? mine.includes(key(one)) : one.hasAttribute("checked");
  if (!touched) return;
  // The lists are in another order now: the focus goes with what was chosen, not with its place.
  const lost = document.activeElement === document.body || element.contains(document.activeElement);
  const same = inputs().find((one) => one.name === touched.name && one.value === touched.value);
  if (lost) (same ?? details.querySelector("summary")).focus({ preventScroll: true });
});
