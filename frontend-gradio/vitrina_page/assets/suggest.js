// Suggestions below the search box, as a WAI-ARIA combobox, and the cross in the box. Gradio runs this once, with
// `element` and `trigger` in scope.
const PAUSE = 120;
const ICONS = {
  query: "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14M16.5 16.5 21 21",
  category: "M4 5h6v6H4zM14 5h6v6h-6zM4 15h6v4H4zM14 15h6v4h-6z",
  product: "M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01",
};
const panel = element.querySelector(".vt-suggest");
const list = panel.querySelector("ul");
const status = element.querySelector("[role=status]");
let input = null;
let options = [];
let active = -1;
let timer = null;
let asking = null;

function close() {
  clearTimeout(timer);
  asking?.abort();
  asking = null;
  show([], "");
}

function show(found, announcement) {
  options = found;
  list.replaceChildren(...options.map(row));
  panel.hidden = options.length === 0;
  status.textContent = announcement;
  input.setAttribute("aria-expanded", String(!panel.hidden));
  activate(-1);
}

function row({ kind, text, note, photo }, place) {
  const item = document.createElement("li");
  item.id = `vt-suggestion-${place}`;
  item.setAttribute("role", "option");
  item.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="${ICONS[kind] ?? ICONS.query}"/></svg><span></span><small></small>`;
  if (photo) {
    const picture = new Image(44, 44);
    picture.src = photo;
    picture.alt = "";
    picture.decoding = "async";
    item.querySelector("svg").replaceWith(picture);
  }
  item.querySelector("span").textContent = text;
  item.querySelector("small").textContent = note;
  item.addEventListener("click", () => choose(place));
  return item;
}

function activate(place) {
  active = place;
  [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === active)));
  if (active < 0) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", list.children[active].id);
  list.children[active].scrollIntoView({ block: "nearest" });
}

function choose(place) {
  const { kind, text, category, product } = options[place];
  close();
  if (product) return document.dispatchEvent(new CustomEvent("vitrina-product", { detail: product }));
  trigger("select", kind === "category" ? { category } : { query: text });
}

async function ask() {
  const mine = (asking = new AbortController());
  try {
    const answer = await fetch(`suggest?q=${encodeURIComponent(input.value)}`, { signal: mine.signal });
    const { options: found, announcement } = await answer.json();
    if (mine === asking) show(found, announcement);
  } catch {
    // Typing goes on without suggestions.
    if (mine === asking) show([], "");
  }
}

function typed() {
  clearTimeout(timer);
  asking?.abort();
  asking = null;
  if (!input.value.trim()) return close();
  activate(-1);
  timer = setTimeout(ask, PAUSE);
}

function pressed(event) {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && options.length) {
    event.preventDefault();
    // One place more than there are options: the box itself, with nothing chosen.
    const places = options.length + 1;
    activate(((active + 1 + step + places) % places) - 1);
  } else if (event.key === "Escape" && options.length) {
    event.preventDefault();
    close();
  } else if (event.key === "Enter" && active >= 0) {
    event.preventDefault();
    choose(active);
  } else if (event.key === "Enter") {
    close();
    if (!matchMedia("(pointer: coarse)").matches) return;
    // The keyboard on the screen would cover the results. Without the focus the box does not get the key: the button
    // searches in its place.
    event.preventDefault();
    document.querySelector("#vt-search").click();
    input.blur();
  }
}

// The search box is a component of its own and may be drawn later.
function attach() {
  input = document.querySelector("#vt-words input");
  if (!input) return requestAnimationFrame(attach);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  })) input.setAttribute(name, value);
  input.addEventListener("input", typed);
  input.addEventListener("keydown", pressed);
  input.addEventListener("blur", close);
  // A click in the list leaves the focus where it is.
  panel.addEventListener("mousedown", (event) => event.preventDefault());
}
element.querySelector(".vt-wipe").addEventListener("click", () => {
  input.value = "";
  // Gradio hears of it as of typing.
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.focus();
});
attach();
