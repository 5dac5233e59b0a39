// The order. Gradio runs this once, with `element`, `trigger` and `watch` in scope, after choice.js.
let turn = 0;
let chosen = "";
let held = false;

element.addEventListener("change", ({ target }) => {
  chosen = target.value;
  held = true;
  const sent = choice();
  turn = sent.turn;
  trigger("input", sent);
});
watch("value", () => {
  const select = element.querySelector("select");
  const answered = select?.querySelector("[selected]");
  if (!answered) return;
  // An answer to an earlier choice does not undo a later one.
  const late = Number(select.dataset.turn) < turn;
  select.value = late ? chosen : answered.value;
  if (held && document.activeElement === document.body) select.focus({ preventScroll: true });
  held = late;
});
