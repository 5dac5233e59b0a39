// The URL and title of the search that is shown. Gradio runs this once, with `props`, `trigger` and `watch` in scope.
let current = vitrina.listing(location.search);
// The URL came first, by loading the page or going back: the answer to it adds no entry to the history.
let followed = true;
let restored = history.state?.y ?? null;

watch("value", () => {
  if (!props.value) return;
  const { search, title, photo, done } = JSON.parse(props.value);
  vitrina.title = title;
  if (!vitrina.param("product")) document.title = title;
  const next = vitrina.listing(search);
  // Where the listing is the same, only the number of pages may differ.
  if (followed || next === vitrina.listing(location.search)) {
    if (done) history.replaceState(history.state, "", vitrina.url(search, { product: vitrina.param("product") }));
  } else {
    vitrina.push(vitrina.url(search));
    if (scrollY > 0) window.scrollTo({ top: 0 });
  }
  current = next;
  if (!done) return;
  followed = false;
  if (photo) document.dispatchEvent(new CustomEvent("vitrina-photo", { detail: photo }));
  if (restored !== null) {
    const y = restored;
    restored = null;
    // The products are drawn with this update.
    requestAnimationFrame(() => requestAnimationFrame(() => window.scrollTo({ top: y })));
  }
});

addEventListener("popstate", () => {
  // Only the dialog of a product opened or closed.
  if (vitrina.listing(location.search) === current) return;
  followed = true;
  restored = history.state?.y ?? 0;
  current = vitrina.listing(location.search);
  trigger("input", vitrina.asked());
});
