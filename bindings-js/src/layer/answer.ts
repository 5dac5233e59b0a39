/** What is said about results: how many there are, what was understood, and where to look when there are none. */
import type { Config } from "./config.js";
import { chips } from "./chips.js";
import { type Child, h, icon } from "./dom.js";
import { isBlank, type Results } from "./search.js";
import { filterCount, NOTHING, type State, unfiltered } from "./state.js";
import { fill } from "./texts.js";

export interface AnswerView {
  config: Config;
  state: State;
  results: Results;
  /** Searches with another part of the state; the box shows its query. */
  change(part: Partial<State>): void;
  openFilters(): void;
}

/** How many products there are, in words. */
export function counted({ total, isExact }: Results, { texts, language }: Config): string {
  const n = total.toLocaleString(language);
  return total === 1 ? texts.product : fill(isExact ? texts.products : texts.atLeast, { n });
}

export function heading(view: AnswerView, hasFilters: boolean): Child {
  const { config, state, results, change, openFilters } = view;
  const { texts } = config;
  const hasTitle = results.products.length > 0 || results.notSold;
  const option = (value: string, text: string) => {
    const one = h("option", { value }, text);
    one.selected = (state.sort ?? "relevance") === value;
    return one;
  };
  const orders = ["relevance", "price_asc", "price_desc", "name", "newest"] as const;
  const sort: HTMLSelectElement = h("select", {
    "aria-label": texts.sort, "data-key": "sort",
    onchange: () => change({ sort: sort.value === "relevance" ? null : (sort.value as NonNullable<State["sort"]>) }),
  }, orders.map((order) => option(order, texts[order])));
  const set = filterCount(state);
  const open = h("button", { type: "button", class: "secondary open-filters", "data-key": "filters", "aria-expanded": "false", onclick: openFilters },
    icon("filters"), texts.filters, set > 0 && h("span", { class: "number" }, String(set)));
  return h("div", { class: "heading" },
    hasTitle && h("h2", {}, title(view)),
    results.notSold && h("p", { class: "hint" }, texts.notSoldHint),
    h("div", { class: "row" }, hasFilters && open, results.products.length > 1 && !results.subject && sort));
}

function title({ config, state, results }: AnswerView): string {
  const { texts } = config;
  const n = counted(results, config);
  if (results.subject) return texts.similarTo;
  if (results.notSold) return texts.notSold;
  if (state.photo && results.categories.length) return fill(texts.looksLike, { x: results.categories.join(", ") });
  if (state.query) return fill(texts.found, { n, q: state.query });
  return isBlank(state) ? texts.fresh : n;
}

/** Chips of what was understood and chosen, the corrected query, and words that no product has. */
export function notes({ config, state, results, change }: AnswerView): Child[] {
  const { texts } = config;
  const removable = chips(state, results.understood, config, change);
  const meant = results.didYouMean;
  const right = meant && h("button", { type: "button", class: "link", "data-key": "right", onclick: () => change({ ...NOTHING, query: meant }) }, meant);
  const [before = "", after = ""] = texts.didYouMean.split("{x}");
  return [
    removable.length > 0 && h("div", { class: "chips" }, removable),
    right && h("p", { class: "hint" }, before, right, after),
    results.products.length > 0 && results.unknown.length > 0 && h("p", { class: "hint" }, fill(texts.unknown, { x: results.unknown.join(", ") })),
  ];
}

/** That nothing was found, in words. */
export function nothing({ config, state }: AnswerView): string {
  const { texts } = config;
  if (state.photo) return texts.nothingPhoto;
  return filterCount(state) > 0 ? texts.nothingFiltered : fill(texts.nothing, { q: state.query });
}

export function empty(view: AnswerView): Child {
  const { config, state, results, change } = view;
  const { texts } = config;
  const category = (name: string) =>
    h("button", { type: "button", class: "chip", "data-key": `instead:${name}`, onclick: () => change({ ...NOTHING, categories: [name] }) }, name);
  return h("div", { class: "empty" },
    h("p", { class: "lead" }, nothing(view)),
    filterCount(state) > 0 && h("button", { type: "button", class: "primary", "data-key": "unfilter-all", onclick: () => change(unfiltered(state)) }, texts.clearFilters),
    results.instead.length > 0 && [h("p", {}, texts.nothingHint), h("div", { class: "chips" }, results.instead.map(category))]);
}
