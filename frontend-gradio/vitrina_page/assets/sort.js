// The order. Gradio runs this once, with `element`, `trigger` and `watch` in scope.
element.addEventListener("change", ({ target }) => trigger("input", { sort: target.value }));
watch("value", () => {
  const select = element.querySelector("select");
  const chosen = select?.querySelector("[selected]");
  if (chosen) select.value = chosen.value;
});
