/** What is searched for, and its form in the page's address: `#vitrina=zapatillas&b=Zancada&max=50`. */
import type { Filter, Sort } from "../client/types.js";

export interface State {
  query: string;
  categories: string[];
  brands: string[];
  /** Chosen values by the name of an attribute. */
  attributes: Record<string, string[]>;
  min: number | null;
  max: number | null;
  inStock: boolean;
  sort: Sort | null;
  /** How many pages are shown. */
  pages: number;
  /** Tokens of understood parts that are searched as words. */
  ignore: string[];
  /** The task of a photo. */
  photo: string | null;
  /** The product to which others are similar. */
  similar: string | null;
  /** The key of its variant that is shown. */
  variant: string | null;
}

export const NOTHING: State = {
  query: "",
  categories: [],
  brands: [],
  attributes: {},
  min: null,
  max: null,
  inStock: false,
  sort: null,
  pages: 1,
  ignore: [],
  photo: null,
  similar: null,
  variant: null,
};

/** How many entries of the browser's history are the layer's, in `history.state`: closing goes back over them. */
export const DEPTH = "vitrinaDepth";

/** How many entries of the history, up to this one, are the layer's. */
export const depth = (): number => Number(history.state?.[DEPTH] ?? 0);

const PREFIX = "#vitrina=";
const SORTS: readonly Sort[] = ["price_asc", "price_desc", "name", "newest"];
const MOST_PAGES = 4;

/** The state in an address; null where the layer is closed. */
export function read(hash: string): State | null {
  if (!hash.startsWith(PREFIX)) return null;
  const params = new URLSearchParams(hash.slice(1));
  const number = (name: string) => {
    const value = Number.parseFloat(params.get(name) ?? "");
    return Number.isFinite(value) && value >= 0 ? value : null;
  };
  const attributes: Record<string, string[]> = {};
  for (const [name, value] of params) {
    if (name.startsWith("a.")) (attributes[name.slice(2)] ??= []).push(value);
  }
  return {
    query: params.get("vitrina") ?? "",
    categories: params.getAll("c"),
    brands: params.getAll("b"),
    attributes,
    min: number("min"),
    max: number("max"),
    inStock: params.has("stock"),
    sort: SORTS.find((sort) => sort === params.get("sort")) ?? null,
    pages: Math.min(MOST_PAGES, Math.max(1, Math.floor(number("n") ?? 1))),
    ignore: params.getAll("i"),
    photo: params.get("photo"),
    similar: params.get("similar"),
    variant: params.get("variant"),
  };
}

export function write(state: State): string {
  const params = new URLSearchParams({ vitrina: state.query });
  for (const category of state.categories) params.append("c", category);
  for (const brand of state.brands) params.append("b", brand);
  for (const [name, values] of Object.entries(state.attributes)) for (const value of values) params.append(`a.${name}`, value);
  if (state.min !== null) params.set("min", String(state.min));
  if (state.max !== null) params.set("max", String(state.max));
  if (state.inStock) params.set("stock", "1");
  if (state.sort) params.set("sort", state.sort);
  if (state.pages > 1) params.set("n", String(state.pages));
  for (const token of state.ignore) params.append("i", token);
  if (state.photo) params.set("photo", state.photo);
  if (state.similar) params.set("similar", state.similar);
  if (state.variant) params.set("variant", state.variant);
  return `#${params}`;
}

export function toFilter(state: State): Filter {
  const attributes = Object.fromEntries(Object.entries(state.attributes).filter(([, values]) => values.length));
  return {
    ...(state.categories.length && { categories: state.categories }),
    ...(state.brands.length && { brands: state.brands }),
    ...(state.min !== null && { min_price: state.min }),
    ...(state.max !== null && { max_price: state.max }),
    ...(state.inStock && { in_stock: true }),
    ...(Object.keys(attributes).length && { attributes }),
  };
}

/** How many filters are set. */
export function filterCount(state: State): number {
  const attributes = Object.values(state.attributes).reduce((sum, values) => sum + values.length, 0);
  const price = state.min !== null || state.max !== null ? 1 : 0;
  return state.categories.length + state.brands.length + attributes + price + (state.inStock ? 1 : 0);
}

/** The state without filters. */
export function unfiltered(state: State): State {
  return { ...NOTHING, query: state.query, sort: state.sort, photo: state.photo, similar: state.similar, variant: state.variant, ignore: state.ignore };
}

/** With a value of a list added, or taken away where it is in it. */
export function toggled(values: readonly string[], value: string): string[] {
  return values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
}
