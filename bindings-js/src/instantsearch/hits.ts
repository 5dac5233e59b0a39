/** Products as hits, with highlights. */
import type { Client } from "../client/index.js";
import type { Product } from "../client/types.js";
import { withMatchedVariant } from "../client/variant.js";
import { SEPARATOR } from "./filter.js";
import type { Hit, SearchParams } from "./types.js";

/** The width that `image` asks for, in pixels. */
const IMAGE_WIDTH = 320;
const PRE_TAG = "<em>";
const POST_TAG = "</em>";

/** A product as a hit, by the variant that matches; positions of highlights are UTF-16 code units. */
export function toHit(found: Product, client: Client, params: SearchParams, query: string): Hit {
  const product = withMatchedVariant(found);
  const { highlights } = product;
  const words = query.trim().split(/\s+/).filter(Boolean);
  const tags = [params.highlightPreTag ?? PRE_TAG, params.highlightPostTag ?? POST_TAG] as const;
  const marked = (text: string, ranges: number[][] | undefined) => {
    const matched = (ranges ?? []).map(([start = 0, end = 0]) => text.slice(start, end));
    const level = matched.length === 0 ? "none" : matched.length >= words.length ? "full" : "partial";
    return { value: mark(text, ranges ?? [], tags), matchLevel: level as "none" | "partial" | "full", matchedWords: matched };
  };
  const result: Hit["_highlightResult"] = {
    name: marked(product.name, highlights?.name),
    description: marked(product.description, highlights?.description),
  };
  for (const attribute of ["brand", "category"] as const) {
    if (product[attribute]) result[attribute] = marked(product[attribute], []);
  }
  return {
    ...product,
    objectID: String(product.id),
    hierarchicalCategories: levels(product),
    image: client.photoUrl(product, IMAGE_WIDTH),
    _highlightResult: result,
  };
}

/** Puts tags around ranges of a text. */
export function mark(text: string, ranges: number[][], [before, after]: readonly [string, string]): string {
  let [marked, at] = ["", 0];
  for (const [start = 0, end = 0] of ranges) {
    marked += text.slice(at, start) + before + text.slice(start, end) + after;
    at = end;
  }
  return marked + text.slice(at);
}

function levels(product: Product): Record<string, string[]> {
  const paths = product.categories ?? (product.category ? [[product.category]] : []);
  const result: Record<string, string[]> = {};
  for (const path of paths) {
    path.forEach((_, level) => {
      const values = (result[`lvl${level}`] ??= []);
      const value = path.slice(0, level + 1).join(SEPARATOR);
      if (!values.includes(value)) values.push(value);
    });
  }
  return result;
}
