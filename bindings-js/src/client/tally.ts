/** Facets of products at hand, for answers that come without: photos and similar products. */
import { currentPrice } from "./price.js";
import type { Facets, Product } from "./types.js";

/** The values of a product's attributes and of its variants', by name. */
export function attributeValues({ attributes, variants }: Product): Map<string, Set<string>> {
  const values = new Map<string, Set<string>>();
  for (const of of [attributes, ...(variants ?? []).map((variant) => variant.attributes)]) {
    for (const [name, some] of Object.entries(of ?? {})) {
      const known = values.get(name) ?? new Set();
      for (const value of some) known.add(value);
      values.set(name, known);
    }
  }
  return values;
}

/** Counts products as the server counts those of a search by words. */
export function countProducts(products: Product[]): Facets {
  const categories = new Map<string, { label: number; category: string; path: string[]; count: number }>();
  const brands = new Map<string, number>();
  const attributes = new Map<string, Map<string, number>>();
  const add = (counts: Map<string, number>, value: string) => counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const product of products) {
    if (product.brand) add(brands, product.brand);
    const above = (product.categories ?? (product.category ? [[product.category]] : [])).flatMap((path) => path.map((_, at) => path.slice(0, at + 1)));
    for (const [key, path] of new Map(above.map((path) => [JSON.stringify(path), path]))) {
      const known = categories.get(key) ?? { label: 0, category: path.at(-1) ?? "", path, count: 0 };
      known.count++;
      categories.set(key, known);
    }
    for (const [name, values] of attributeValues(product)) {
      const counts = attributes.get(name) ?? new Map<string, number>();
      for (const value of values) add(counts, value);
      attributes.set(name, counts);
    }
  }
  const prices = products.map((product) => currentPrice(product));
  const inStock = products.filter(({ in_stock }) => in_stock).length;
  return {
    brands: byCount(brands).map(([brand, count]) => ({ brand, count })),
    categories: [...categories.values()].sort((a, b) => b.count - a.count),
    attributes: [...attributes].map(([name, counts]) => ({ name, values: byCount(counts).map(([value, count]) => ({ value, count })) })),
    prices: [],
    in_stock: inStock,
    out_of_stock: products.length - inStock,
    ...(prices.length && { stats: { price: { min: Math.min(...prices), max: Math.max(...prices) } } }),
  };
}

const byCount = (counts: Map<string, number>) => [...counts].sort((a, b) => b[1] - a[1]);
