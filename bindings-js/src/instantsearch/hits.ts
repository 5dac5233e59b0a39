/** Products as hits, with highlights. */
import type { Client } from "../client/index.js";
import type { Product } from "../client/types.js";
import { withMatchedVariant } from "../client/variant.js";
import { SEPARATOR } from "./filter.js";
import { mark, snippet } from "./highlight.js";
import type { Hit, SearchParams } from "./types.js";

/** The width that `image` asks for, in pixels. */
const IMAGE_WIDTH = 320;
const PRE_TAG = "<em>";
const POST_TAG = "</em>";
const SNIPPET_WORDS = 10;
const ELLIPSIS = "…";

/** A product as a hit, by the variant that matches; positions of highlights are UTF-16 code units. */
export function toHit(found: Product, client: Client, params: SearchParams, query: string): Hit {
  const product = withMatchedVariant(found);
  const { highlights } = product;
  const typed = query.trim().split(/\s+/).filter(Boolean);
  const tags = [params.highlightPreTag ?? PRE_TAG, params.highlightPostTag ?? POST_TAG] as const;
  const marked = (text: string, ranges: number[][] | undefined) => {
    const matched = (ranges ?? []).map(([start = 0, end = 0]) => text.slice(start, end));
    const level = matched.length === 0 ? "none" : matched.length >= typed.length ? "full" : "partial";
    return { value: mark(text, ranges ?? [], tags), matchLevel: level as "none" | "partial" | "full", matchedWords: matched };
  };
  const result: Hit["_highlightResult"] = {
    name: marked(product.name, highlights?.name),
    description: marked(product.description, highlights?.description),
  };
  for (const attribute of ["brand", "category"] as const) {
    if (product[attribute]) result[attribute] = marked(product[attribute], []);
  }
  const words = snippetWords(params.attributesToSnippet);
  const snippets: Hit["_snippetResult"] = {};
  for (const attribute of ["name", "description"] as const) {
    const many = words.get(attribute) ?? words.get("*");
    if (many === undefined) continue;
    const value = snippet(product[attribute], highlights?.[attribute] ?? [], many, tags, params.snippetEllipsisText ?? ELLIPSIS);
    snippets[attribute] = { value, matchLevel: result[attribute]?.matchLevel ?? "none" };
  }
  return {
    ...product,
    objectID: String(product.id),
    hierarchicalCategories: levels(product),
    image: client.photoUrl(product, IMAGE_WIDTH),
    _highlightResult: result,
    _snippetResult: snippets,
  };
}

/** The attributes of snippets with their numbers of words: `["description:20"]`, 10 words unless given. */
function snippetWords(given: SearchParams["attributesToSnippet"]): Map<string, number> {
  const words = new Map<string, number>();
  for (const one of given ?? []) {
    const [attribute = "", count] = one.split(":");
    words.set(attribute, Math.max(Number(count) || SNIPPET_WORDS, 1));
  }
  return words;
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
