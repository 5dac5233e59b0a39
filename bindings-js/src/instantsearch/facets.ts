/** Facet counts of the server as InstantSearch reads them. */
import type { Facets } from "../client/types.js";
import { dimension, isWithin, SEPARATOR } from "./filter.js";

export type Counts = Record<string, number>;

/** The facets that a request asks for by name, `*` being all that the answer has. */
export function wanted(facets: string | readonly string[] | undefined, known: Facets | null): string[] {
  const names = typeof facets === "string" ? facets.split(",") : [...(facets ?? [])];
  if (!names.includes("*")) return names.map((name) => name.trim()).filter(Boolean);
  const depth = Math.max(1, ...(known?.categories ?? []).map((category) => pathOf(category).length));
  const levels = Array.from({ length: depth }, (_, level) => `hierarchicalCategories.lvl${level}`);
  const attributes = (known?.attributes ?? []).map(({ name }) => `attributes.${name}`);
  return ["brand", "category", "price", "in_stock", ...levels, ...attributes];
}

/** The counts of an attribute; `within` are the category paths that the request is narrowed to. */
export function counts(facets: Facets, attribute: string, within: string[], most: number): Counts {
  const of = dimension(attribute);
  switch (of.kind) {
    case "brand":
      return collect(facets.brands.map(({ brand, count }) => [brand, count]), most);
    case "category":
      return collect(facets.categories.map(({ category, count }) => [category, count]), most);
    case "stock":
      return collect([["true", facets.in_stock], ["false", facets.out_of_stock]], most);
    case "level":
      return collect(levelCounts(facets, of.level, within), most);
    case "price":
      return {};
    default: {
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
function levelCounts({ categories }: Facets, level: number, within: string[]): [string, number][] {
  const isShown = (path: string) => within.length === 0 || within.some((one) => isWithin(path, one) || isWithin(one, path));
  return categories
    .filter((category) => pathOf(category).length === level + 1)
    .map((category): [string, number] => [pathOf(category).join(SEPARATOR), category.count])
    .filter(([path]) => isShown(path));
}

function collect(counts: [string, number][], most: number): Counts {
  return Object.fromEntries(counts.filter(([, count]) => count > 0).slice(0, most));
}
