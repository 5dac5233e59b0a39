// A product in full, in a dialog with a URL of its own. Gradio runs this once, with `element` in scope.
const details = element.querySelector(".vt-dialog");
const content = details.querySelector(".vt-details");
let asked = 0;
// How often the URL closed the dialog and its `close` event is still to come. It comes later, at times after the URL has opened
// the dialog again.
let closedByUrl = 0;

async function showProduct(id) {
  const mine = ++asked;
  const answer = await fetch(`details/${encodeURIComponent(id)}`).then((response) => (response.ok ? response.text() : ""), () => "");
  if (mine !== asked || !answer) return;
  content.innerHTML = answer;
  if (!details.open) details.showModal();
  details.scrollTop = 0;
  const heading = content.querySelector("#vt-details-title");
  if (heading) document.title = `${heading.textContent} – Vitrina`;
  heading?.focus({ preventScroll: true });
}

// `depth` is how many entries of the history closing goes back.
function open(id) {
  vitrina.push(vitrina.url(location.search, { product: id }), { depth: (history.state?.depth ?? 0) + 1 });
  showProduct(id);
}

function followUrl() {
  const id = vitrina.param("product");
  if (id) return showProduct(id);
  clear();
  if (!details.open) return;
  closedByUrl += 1;
  details.close();
}

function clear() {
  asked += 1;
  content.replaceChildren();
  document.title = vitrina.title;
}

// Cards are rendered anew with every answer, and in the dialog as well.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.(".vt-open");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open(opener.closest("[data-product]").dataset.product);
});
document.addEventListener("vitrina-product", ({ detail }) => open(detail));
content.addEventListener("click", ({ target }) => {
  const chosen = target.closest(".vt-thumb-photo");
  if (!chosen) return;
  content.querySelector(".vt-full .vt-picture img").src = chosen.dataset.source;
  for (const one of content.querySelectorAll(".vt-thumb-photo")) one.setAttribute("aria-pressed", one === chosen);
});
details.querySelector(".vt-close").addEventListener("click", () => details.close());
// A click on the backdrop closes it.
details.addEventListener("click", ({ target }) => { if (target === details) details.close(); });
details.addEventListener("close", () => {
  if (closedByUrl > 0) {
    closedByUrl -= 1;
    return;
  }
  clear();
  if (!vitrina.param("product")) return;
  const depth = history.state?.depth;
  if (depth) history.go(-depth);
  else history.replaceState(history.state, "", vitrina.url(location.search, { product: "" }));
});
addEventListener("popstate", followUrl);
followUrl();
