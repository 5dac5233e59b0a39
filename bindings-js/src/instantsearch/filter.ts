/** From facet, numeric and textual filters to the server's filter. */
import type { Filter, Sort } from "../client/types.js";
import type { FacetFilters, SearchParams } from "./types.js";

/** The attribute of hierarchical menus, by level: `hierarchicalCategories.lvl0`, `categories.lvl1`. */
const LEVEL = /^(?:hierarchicalCategories|hierarchical_categories|categories)\.lvl(\d+)$/;
/** What stands between the parts of a category's path. */
export const SEPARATOR = " > ";
/** True if a category's path is another one, or lies below it. */
export const isWithin = (path: string, other: string) => path === other || path.startsWith(other + SEPARATOR);
/** Endings of index names that choose an order, as pages of several engines write them: `products_price_asc`,
 * `products:price:asc`, `products/sort/price:asc`. */
const SORTS: readonly (readonly [RegExp, Sort])[] = [
  [/[_:/]price[_:]asc$/, "price_asc"],
  [/[_:/]price[_:]desc$/, "price_desc"],
  [/[_:/]name(?:[_:]asc)?$/, "name"],
  [/[_:/]newest$/, "newest"],
];

/** What attributes are called here, by the names that a page has for them. */
export type Names = Readonly<Record<string, string>>;
export const canonical = (attribute: string, names: Names): string => (Object.hasOwn(names, attribute) && names[attribute]) || attribute;

/** What an attribute of InstantSearch narrows. */
export type Dimension =
  | { kind: "brand" | "category" | "price" | "stock" | "id" }
  | { kind: "level"; level: number }
  | { kind: "attribute"; name: string };

export function dimension(attribute: string): Dimension {
  const level = LEVEL.exec(attribute)?.[1];
  if (level) return { kind: "level", level: Number(level) };
  switch (attribute) {
    case "brand":
    case "category":
    case "price":
      return { kind: attribute };
    case "categories":
      return { kind: "category" };
    case "in_stock":
      return { kind: "stock" };
    case "objectID":
      return { kind: "id" };
    default:
      return { kind: "attribute", name: attribute.replace(/^attributes\./, "") };
  }
}

/** Two attributes of the same dimension narrow the same part of a filter. */
export function dimensionKey(attribute: string): string {
  const of = dimension(attribute);
  if (of.kind === "level") return "category";
  return of.kind === "attribute" ? `attribute:${of.name.toLowerCase()}` : of.kind;
}

/** A filter that this server does not have; the message says what to use instead. */
export class UnsupportedFilterError extends Error {
  override readonly name = "UnsupportedFilterError";
}

/** Which values each attribute may have, any of them. */
export type Choices = Map<string, string[]>;

export interface Range {
  min?: number;
  max?: number;
}

/** The filters of a request, by the names of attributes here. */
export interface Narrowing {
  choices: Choices;
  ranges: Map<string, Range>;
  /** The attributes whose values are asked for one by one, not as alternatives (`operator: "and"`). */
  required: Set<string>;
}

/** Reads all the filters of a request. */
export function narrowing(params: SearchParams, names: Names): Narrowing {
  const result: Narrowing = { choices: new Map(), ranges: new Map(), required: new Set() };
  for (const group of groups(params.facetFilters)) addChoice(result, group, names);
  for (const filter of flat(params.numericFilters)) addNumber(result, filter, names);
  if (params.filters) addText(result, params.filters, names);
  return result;
}

/** What is left of it without an attribute's own part. */
export function without({ choices, ranges, required }: Narrowing, own: string): Narrowing {
  const others = <T>(map: Map<string, T>) => new Map([...map].filter(([attribute]) => dimensionKey(attribute) !== own));
  return { choices: others(choices), ranges: others(ranges), required };
}

/** The server's filter for it. */
export function toFilter({ choices, ranges }: Narrowing): Filter {
  const filter: Filter = {};
  const { min, max } = ranges.get("price") ?? {};
  if (min !== undefined) filter.min_price = min;
  if (max !== undefined) filter.max_price = max;
  for (const [attribute, values] of choices) {
    const of = dimension(attribute);
    if (of.kind === "brand") filter.brands = values;
    else if (of.kind === "category" || of.kind === "level") filter.categories = narrower(filter.categories, values);
    else if (of.kind === "stock") filter.in_stock = onlyInStock(values);
    else if (of.kind === "attribute") (filter.attributes ??= {})[of.name] = values;
    else if (of.kind === "id") throw new UnsupportedFilterError("products by objectID cannot be narrowed further");
  }
  return filter;
}

/** Of several levels of one menu the deepest counts: it is in the others. */
function narrower(one: string[] | null | undefined, other: string[]): string[] {
  const depth = (paths: string[]) => Math.max(...paths.map((path) => path.split(SEPARATOR).length));
  return one?.length && depth(one) >= depth(other) ? one : other;
}

function onlyInStock(values: string[]): boolean {
  if (values.includes("false") && !values.includes("true")) {
    throw new UnsupportedFilterError("products out of stock cannot be asked for alone");
  }
  return !values.includes("false");
}

/** The order that an index name asks for. */
export function sortOf(indexName: string, sorts: Record<string, Sort>): Sort | null {
  if (indexName in sorts) return sorts[indexName] ?? null;
  return SORTS.find(([ending]) => ending.test(indexName))?.[1] ?? null;
}

function groups(filters: FacetFilters | undefined): readonly (string | readonly string[])[] {
  return typeof filters === "string" ? [filters] : (filters ?? []);
}

function flat(filters: SearchParams["numericFilters"]): string[] {
  if (!filters) return [];
  if (typeof filters === "string") return filters.split(",");
  return filters.flatMap((one) => {
    if (typeof one === "string") return [one];
    if (one.length > 1) throw new UnsupportedFilterError(`numeric filters cannot be alternatives: ${one.join(" OR ")}`);
    return [...one];
  });
}

function addChoice(result: Narrowing, group: string | readonly string[], names: Names): void {
  const parts = [group].flat().map((one) => {
    const colon = one.indexOf(":");
    const [attribute, value] = [canonical(one.slice(0, colon), names), one.slice(colon + 1)];
    if (colon < 0) throw new UnsupportedFilterError(`a facet filter is "attribute:value", not "${one}"`);
    if (value.startsWith("-")) throw new UnsupportedFilterError(`values cannot be excluded: ${one}`);
    return { attribute, value: value.replace(/^\\-/, "-") };
  });
  const [first] = parts;
  if (!first) return;
  if (parts.some(({ attribute }) => attribute !== first.attribute)) {
    throw new UnsupportedFilterError(`alternatives must be of one attribute: ${[group].flat().join(" OR ")}`);
  }
  if (typeof group === "string") result.required.add(first.attribute);
  const values = parts.map(({ value }) => value);
  const known = result.choices.get(first.attribute);
  // Two groups of one attribute ask for both; of what has one value each, what is in both is left.
  result.choices.set(first.attribute, known ? both(first.attribute, known, values) : values);
}

export function both(attribute: string, one: string[], other: string[]): string[] {
  const common = one.filter((value) => other.includes(value));
  if (common.length) return common;
  throw new UnsupportedFilterError(`several values of ${attribute} at once: use the operator "or"`);
}

function addNumber({ ranges }: Narrowing, filter: string, names: Names): void {
  const range = /^\s*([^:<>=]+?)\s*:\s*(-?[\d.]+)\s+TO\s+(-?[\d.]+)\s*$/.exec(filter);
  const bound = /^\s*([^:<>=]+?)\s*(>=|<=|>|<|=)\s*(-?[\d.]+)\s*$/.exec(filter);
  const attribute = canonical((range ?? bound)?.[1] ?? "", names);
  const { kind } = dimension(attribute);
  if (!attribute || (kind !== "price" && kind !== "attribute")) throw new UnsupportedFilterError(`only prices and attributes have ranges: ${filter}`);
  const cent = 0.01;
  const [least, most] = range
    ? [Number(range[2]), Number(range[3])]
    : bounds(bound?.[2] ?? "", Number(bound?.[3]), cent);
  const known = ranges.get(attribute) ?? {};
  if (least !== undefined) known.min = Math.max(least, known.min ?? least);
  if (most !== undefined) known.max = Math.min(most, known.max ?? most);
  ranges.set(attribute, known);
}

function bounds(operator: string, value: number, step: number): [number | undefined, number | undefined] {
  const rounded = (number: number) => Math.round(100 * number) / 100;
  switch (operator) {
    case ">=":
      return [value, undefined];
    case "<=":
      return [undefined, value];
    case ">":
      return [rounded(value + step), undefined];
    case "<":
      return [undefined, rounded(value - step)];
    default:
      return [value, value];
  }
}

/** `brand:"Zancada" AND (category:A OR category:B) AND price <= 50` */
function addText(result: Narrowing, filters: string, names: Names): void {
  for (const clause of split(filters, "AND")) {
    const inner = clause.replace(/^\(([\s\S]*)\)$/, "$1").trim();
    const parts = split(inner, "OR").map((part) => part.replace(/:\s*"((?:[^"\\]|\\.)*)"$/, (_, text) => `:${text.replace(/\\(.)/g, "$1")}`));
    if (parts.some((part) => /^NOT\s/.test(part))) throw new UnsupportedFilterError(`values cannot be excluded: ${clause}`);
    const [only] = parts;
    const isNumeric = parts.length === 1 && only && (/[<>=]/.test(only) || /\sTO\s/.test(only));
    if (isNumeric) addNumber(result, only, names);
    else addChoice(result, parts.length === 1 && only ? only : parts, names);
  }
}

/** Splits at a word outside of quotes and parentheses. */
function split(text: string, word: "AND" | "OR"): string[] {
  const parts: string[] = [];
  let [depth, quoted, from] = [0, false, 0];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"' && text[at - 1] !== "\\") quoted = !quoted;
    else if (!quoted && char === "(") depth++;
    else if (!quoted && char === ")") depth--;
    else if (!quoted && depth === 0 && text.startsWith(` ${word} `, at)) {
      parts.push(text.slice(from, at).trim());
      from = at + word.length + 2;
      at = from - 1;
    }
  }
  parts.push(text.slice(from).trim());
  return parts.filter(Boolean);
}
