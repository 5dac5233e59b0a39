// How the search goes. Gradio runs this once, with `element` and `watch` in scope.
let latest = 0;
let told = "";

watch("value", () => {
  const sentence = element.querySelector("[data-run]");
  if (!sentence) return;
  const run = Number(sentence.dataset.run);
  // What an earlier search still had to say may come after a later one's answer.
  if (run < latest) sentence.outerHTML = told;
  else [latest, told] = [run, sentence.outerHTML];
});
