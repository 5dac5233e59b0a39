// A product in full, in a dialog. Gradio runs this once, with `element` in scope.
const details = element.querySelector(".vt-dialog");
const content = details.querySelector(".vt-details");
let asked = 0;

async function showProduct(number) {
  const mine = ++asked;
  const answer = await fetch(`details/${number}`).then((response) => response.text(), () => "");
  if (mine !== asked || !answer) return;
  content.innerHTML = answer;
  if (!details.open) details.showModal();
  details.scrollTop = 0;
  content.querySelector("#vt-details-title")?.focus({ preventScroll: true });
}

// Cards are drawn anew with every answer, and in the dialog as well.
document.addEventListener("click", ({ target }) => {
  const opener = target.closest?.(".vt-open");
  if (opener) showProduct(opener.closest("[data-product]").dataset.product);
});
details.querySelector(".vt-close").addEventListener("click", () => details.close());
// A click beside it closes it.
details.addEventListener("click", ({ target }) => { if (target === details) details.close(); });
details.addEventListener("close", () => {
  asked += 1;
  content.replaceChildren();
});
