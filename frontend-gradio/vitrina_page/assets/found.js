// Proposals and chips among the results. Gradio runs this once, with `element`, `trigger` and `watch` in scope.
let followed = false;

element.addEventListener("click", ({ target }) => {
  const proposal = target.closest(
    "button[data-query], button[data-category], button[data-clear], button[data-ignore], button[data-facet]",
  );
  if (!proposal) return;
  followed = true;
  trigger("select", { ...proposal.dataset });
});
// The proposal disappears with the old results; the focus moves to the new heading.
watch("value", () => {
  if (!followed) return;
  followed = false;
  element.querySelector("#vt-results-title")?.focus({ preventScroll: true });
});
