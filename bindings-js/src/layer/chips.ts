/** What narrows the results, as chips that one can take away: what was understood of the words, and the filters. */
import type { UnderstoodPart } from "../client/types.js";
import type { Config } from "./config.js";
import { h, icon } from "./dom.js";
import type { State } from "./state.js";
import { fill } from "./texts.js";

export function chips(state: State, understood: UnderstoodPart[], config: Config, change: (part: Partial<State>) => void): HTMLElement[] {
  const { texts } = config;
  const chip = (key: string, text: string, kind: string, remove: () => void) =>
    h("button", { type: "button", class: `chip ${kind}`, "data-key": `chip:${key}`, "aria-label": fill(texts.remove, { x: text }), onclick: remove },
      h("span", {}, text), icon("close"));
  const result: HTMLElement[] = [];
  for (const part of understood) {
    const text = said(part, config);
    if (text) result.push(chip(part.token, text, "understood", () => change({ ignore: [...state.ignore, part.token] })));
  }
  for (const category of state.categories) {
    const name = category.split(" > ").at(-1) ?? category;
    result.push(chip(`c${category}`, name, "", () => change({ categories: state.categories.filter((one) => one !== category) })));
  }
  for (const brand of state.brands) {
    result.push(chip(`b${brand}`, brand, "", () => change({ brands: state.brands.filter((one) => one !== brand) })));
  }
  for (const [name, values] of Object.entries(state.attributes)) {
    for (const value of values) {
      const left = values.filter((one) => one !== value);
      result.push(chip(`a${name}:${value}`, value, "", () => change({ attributes: { ...state.attributes, [name]: left } })));
    }
  }
  if (state.min !== null || state.max !== null) {
    result.push(chip("price", range(state.min, state.max, config), "", () => change({ min: null, max: null })));
  }
  if (state.inStock) result.push(chip("stock", texts.stock, "", () => change({ inStock: false })));
  return result;
}

/** A part of a query in words; null for what needs none, such as a filler. */
function said(part: UnderstoodPart, config: Config): string | null {
  const { texts } = config;
  const { min_price: min = null, max_price: max = null } = part;
  if (min !== null || max !== null) return range(min, max, config);
  switch (part.kind) {
    case "cheap":
      return texts.cheap;
    case "expensive":
      return texts.expensive;
    case "filler":
    case "best":
      return null;
    default:
      return part.text;
  }
}

function range(min: number | null, max: number | null, { texts, bound }: Config): string {
  if (min === null) return fill(texts.upTo, { x: bound(max ?? 0) });
  if (max === null) return fill(texts.atLeastPrice, { x: bound(min) });
  return fill(texts.between, { x: bound(min), y: bound(max) });
}
