// Proposals among the results. Gradio runs this once, with `element`, `trigger` and `watch` in scope.
let followed = false;

element.addEventListener("click", ({ target }) => {
  const proposal = target.closest("button[data-query], button[data-category], button[data-clear]");
  if (!proposal) return;
  followed = true;
  trigger("select", { ...proposal.dataset });
});
// The proposal is gone with the old results; the focus goes to what came of it.
watch("value", () => {
  if (!followed) return;
  followed = false;
  element.querySelector("#vt-results-title")?.focus({ preventScroll: true });
});
