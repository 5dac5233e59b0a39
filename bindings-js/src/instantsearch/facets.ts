/** Facet counts of the server as InstantSearch reads them. */
import type { Facets } from "../client/types.js";
import { canonical, type Choices, dimension, dimensionKey, isWithin, type Names, type Narrowing, SEPARATOR } from "./filter.js";
import type { SearchParams } from "./types.js";

export type Counts = Record<string, number>;

const ALL = "*";

/** The facets that a request names. */
export function named({ facets }: SearchParams): string[] {
  const names = typeof facets === "string" ? facets.split(",") : [...(facets ?? [])];
  return names.map((name) => name.trim()).filter(Boolean);
}

/** The facets that a request asks for, `*` being all that the answer has; `names` are those of the page. */
export function wanted(params: SearchParams, known: Facets, names: Names): string[] {
  return asksForAll(params) ? everything(known, names) : named(params);
}

/** True if a request asks for all facets. */
export const asksForAll = (params: SearchParams): boolean => named(params).includes(ALL);

/** What the server has to count for requests: all facets, those of some names, or none. */
export function counted(requests: SearchParams[], names: Names): boolean | string[] {
  if (requests.some(asksForAll)) return true;
  const facets = requests.flatMap(named).map((name) => {
    const of = dimension(canonical(name, names));
    return of.kind === "attribute" ? of.name : of.kind === "level" ? "category" : of.kind;
  });
  return facets.length > 0 && [...new Set(facets)];
}

/** All facets that an answer has, by every name that pages have for them. */
function everything({ categories, attributes = [] }: Facets, names: Names): string[] {
  const depth = Math.max(1, ...categories.map((category) => pathOf(category).length));
  const levels = Array.from({ length: depth }, (_, level) => [`hierarchicalCategories.lvl${level}`, `categories.lvl${level}`]);
  const own = attributes.flatMap(({ name }) => [`attributes.${name}`, name]);
  return [...new Set(["brand", "category", "categories", "price", "in_stock", ...levels.flat(), ...own, ...Object.keys(names)])];
}

/** The facets that dynamic widgets show unless a page says which, each by one name: the page's own, if it has one. */
export function shown({ attributes = [] }: Facets, names: Names): string[] {
  const ours = ["hierarchicalCategories.lvl0", "categories", "brand", "price", ...attributes.map(({ name }) => `attributes.${name}`)];
  return ours.map((facet) => Object.keys(names).find((name) => sameFacet(names[name] ?? "", facet)) ?? facet);
}

const sameFacet = (one: string, other: string) => dimensionKey(one) === dimensionKey(other) && dimension(one).kind === dimension(other).kind;

/**
 * The counts of an attribute by its name here, within the filters of the request. Of values that are asked for one by one only
 * those are left: the server counts alternatives, and does not ask for two at once.
 */
export function counts(facets: Facets, attribute: string, { choices, required }: Narrowing, most: number): Counts {
  const all = allCounts(facets, attribute, choices, most);
  const only = required.has(attribute) ? choices.get(attribute) : undefined;
  return only ? Object.fromEntries(Object.entries(all).filter(([value]) => only.includes(value))) : all;
}

function allCounts(facets: Facets, attribute: string, choices: Choices, most: number): Counts {
  const of = dimension(attribute);
  switch (of.kind) {
    case "brand":
      return collect(facets.brands.map(({ brand, count }) => [brand, count]), most);
    case "category":
      return collect(facets.categories.map(({ category, count }) => [category, count]), most);
    case "stock":
      return collect([["true", facets.in_stock], ["false", facets.out_of_stock]], most);
    case "level":
      return collect(levelCounts(facets, of.level, choices), most);
    case "price":
    case "id":
      return {};
    case "attribute": {
      // As the server compares names: without case.
      const name = of.name.toLowerCase();
      const values = facets.attributes?.find((one) => one.name.toLowerCase() === name)?.values ?? [];
      return collect(values.map(({ value, count }) => [value, count]), most);
    }
  }
}

/** The lowest and highest price, for sliders. */
export function priceStats(facets: Facets): { min: number; max: number } | null {
  return facets.stats?.price ?? null;
}

/** The names of a category and those above it, from the root. */
export function pathOf({ path, category }: Facets["categories"][number]): string[] {
  return path?.length ? path : [category];
}

/** The categories of a level: of those that a request is narrowed to, what is above and below them. */
function levelCounts({ categories }: Facets, level: number, choices: Choices): [string, number][] {
  const within = [...choices].flatMap(([attribute, paths]) => (dimension(attribute).kind === "level" ? paths : []));
  const isShown = (path: string) => within.length === 0 || within.some((one) => isWithin(path, one) || isWithin(one, path));
  return categories
    .filter((category) => pathOf(category).length === level + 1)
    .map((category): [string, number] => [pathOf(category).join(SEPARATOR), category.count])
    .filter(([path]) => isShown(path));
}

function collect(counts: [string, number][], most: number): Counts {
  return Object.fromEntries(counts.filter(([, count]) => count > 0).slice(0, most));
}
