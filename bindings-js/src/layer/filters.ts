/** The filters: categories, brands, prices, stock and the shop's own attributes, with counts. */
import type { Facets } from "../client/types.js";
import type { Config } from "./config.js";
import { type Child, h } from "./dom.js";
import { type State, toggled } from "./state.js";
import { swatch } from "./swatch.js";
import { fill } from "./texts.js";
import { type Branch, branches, toggledBranch } from "./tree.js";

/** Values that are shown before "more". */
const SHOWN = 7;
/** Values as short as sizes are stand side by side. */
const COMPACT = 4;
/** Categories further down stand no further to the right. */
const DEEPEST = 3;

export interface FilterView {
  state: State;
  facets: Facets | null;
  /** Which groups are shown in full. */
  expanded: Set<string>;
  change(part: Partial<State>): void;
  redraw(): void;
}

interface Value {
  value: string;
  count: number;
}

export function filters(view: FilterView, { texts, bound }: Config): Child[] {
  const { state, facets, change } = view;
  if (!facets) return [];
  const groups: Child[] = [
    tree(view, texts),
    group(view, texts.brands, "brands", facets.brands.map(({ brand, count }) => plain(brand, count)), state.brands, (value) =>
      change({ brands: toggled(state.brands, value) }), texts),
    price(view, texts, bound),
  ];
  for (const { name, values: counts } of facets.attributes ?? []) {
    const values = counts.map(({ value, count }) => plain(value, count));
    const chosen = state.attributes[name] ?? [];
    groups.push(
      group(view, title(name), `a.${name}`, values, chosen, (value) =>
        change({ attributes: { ...state.attributes, [name]: toggled(chosen, value) } }), texts),
    );
  }
  if (facets.in_stock > 0 && (facets.out_of_stock > 0 || state.inStock)) {
    const box = h("input", { type: "checkbox", "data-key": "stock", onchange: () => change({ inStock: !state.inStock }) });
    box.checked = state.inStock;
    groups.push(h("fieldset", { class: "group" }, h("label", { class: "choice" }, box, h("span", {}, texts.stock), count(facets.in_stock))));
  }
  return groups;
}

function group(
  view: FilterView,
  name: string,
  key: string,
  values: Value[],
  chosen: string[],
  toggle: (value: string) => void,
  texts: Config["texts"],
): Child {
  // What is chosen stays visible, even where nothing has it any more.
  const known = new Set(values.map(({ value }) => value));
  const all = [...values, ...chosen.filter((value) => !known.has(value)).map((value) => plain(value, 0))];
  if (all.length === 0 || (all.length === 1 && chosen.length === 0)) return null;
  const isExpanded = view.expanded.has(key);
  const shown = isExpanded ? all : all.filter(({ value }, at) => at < SHOWN || chosen.includes(value));
  const choice = ({ value, count: number }: Value) => {
    const box = h("input", { type: "checkbox", "data-key": `${key}:${value}`, onchange: () => toggle(value) });
    box.checked = chosen.includes(value);
    return h("label", { class: "choice" }, box, swatch(value), h("span", {}, value), count(number));
  };
  const isCompact = all.every(({ value }) => value.length <= COMPACT);
  return h(
    "fieldset",
    { class: isCompact ? "group compact" : "group" },
    h("legend", {}, name),
    h("div", { class: "values" }, shown.map(choice)),
    all.length > SHOWN && more(view, key, texts),
  );
}

/** The categories: those below a chosen one are shown under it. */
function tree(view: FilterView, texts: Config["texts"]): Child {
  const { state, facets, change } = view;
  const all = branches(facets?.categories ?? [], state.categories);
  if (all.length < 2 && state.categories.length === 0) return null;
  const roots = all.filter(({ depth }) => depth === 0);
  const isExpanded = view.expanded.has("categories");
  const hidden = isExpanded ? [] : roots.filter(({ isChosen, isOpen }, at) => at >= SHOWN && !isChosen && !isOpen);
  const choice = (branch: Branch) => {
    const box = h("input", {
      type: "checkbox", "data-key": `categories:${branch.path}`,
      onchange: () => change({ categories: toggledBranch(state.categories, branch, all) }),
    });
    box.checked = branch.isChosen;
    box.indeterminate = branch.isOpen;
    return h("label", { class: `choice depth${Math.min(branch.depth, DEEPEST)}` }, box, h("span", {}, branch.name), count(branch.count));
  };
  return h("fieldset", { class: "group" }, h("legend", {}, texts.categories),
    all.filter((branch) => !hidden.includes(branch)).map(choice), roots.length > SHOWN && more(view, "categories", texts));
}

function more(view: FilterView, key: string, texts: Config["texts"]): HTMLElement {
  const isExpanded = view.expanded.has(key);
  const toggle = () => {
    if (isExpanded) view.expanded.delete(key);
    else view.expanded.add(key);
    view.redraw();
  };
  return h("button", { type: "button", class: "more", "data-key": `more:${key}`, "aria-expanded": isExpanded ? "true" : "false", onclick: toggle },
    isExpanded ? texts.less : texts.more);
}

function price({ state, facets, change }: FilterView, texts: Config["texts"], bound: Config["bound"]): Child {
  const ranges = facets?.prices ?? [];
  if (ranges.length < 2 && state.min === null && state.max === null) return null;
  const field = (label: string, shown: string, key: "min" | "max") => {
    const input = h("input", {
      type: "number", min: 0, step: "any", inputmode: "decimal", "aria-label": label, placeholder: shown, "data-key": key,
      onchange: () => {
        const value = Number.parseFloat(input.value);
        change({ [key]: Number.isFinite(value) && value >= 0 ? value : null });
      },
    });
    const value = state[key];
    input.value = value === null ? "" : String(value);
    return input;
  };
  const range = ({ min, max, count: number }: Facets["prices"][number]) => {
    const isChosen = state.min === (min || null) && state.max === (max ?? null);
    const label = max == null
      ? fill(texts.atLeastPrice, { x: bound(min) })
      : min === 0 ? fill(texts.upTo, { x: bound(max) }) : fill(texts.between, { x: bound(min), y: bound(max) });
    const pick = () => change(isChosen ? { min: null, max: null } : { min: min || null, max: max ?? null });
    const attributes = { type: "button", class: "range", "data-key": `range:${min}`, "aria-pressed": isChosen ? "true" : "false", onclick: pick };
    return h("button", attributes, h("span", {}, label), count(number));
  };
  return h(
    "fieldset",
    { class: "group" },
    h("legend", {}, texts.price),
    ranges.map(range),
    h("div", { class: "bounds" }, field(texts.priceMin, texts.from, "min"), field(texts.priceMax, texts.to, "max")),
  );
}

const count = (number: number) => h("span", { class: "count" }, String(number));
const plain = (value: string, number: number): Value => ({ value, count: number });
const title = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
