/** Products as hits, with highlights. */
import { currentPrice } from "../client/price.js";
import type { Product } from "../client/types.js";
import { withMatchedVariant } from "../client/variant.js";
import { canonical, dimension, type Names, SEPARATOR } from "./filter.js";
import { mark, snippet, type Tags } from "./highlight.js";
import type { Setup } from "./request.js";
import type { Highlighted, Hit, MatchLevel, SearchParams } from "./types.js";

/** The width that `image` asks for, in pixels. */
const IMAGE_WIDTH = 320;
const PRE_TAG = "<em>";
const POST_TAG = "</em>";
/** The texts that have snippets unless a page names them: other engines have that in the settings of an index. */
const SNIPPETS = ["name", "description"];
const SNIPPET_WORDS = 10;
const ELLIPSIS = "…";

/** A product as a hit, by the variant that matches; positions of highlights are UTF-16 code units. */
export function toHit(found: Product, { client, names }: Setup, params: SearchParams, query: string): Hit {
  const product = withMatchedVariant(found);
  const paths = product.categories ?? (product.category ? [[product.category]] : []);
  const hit: Hit = {
    ...product,
    objectID: String(product.id),
    price: currentPrice(product),
    regular_price: product.price,
    categories: [...new Set(paths.flat())],
    hierarchicalCategories: levels(paths),
    image: client.photoUrl(product, IMAGE_WIDTH),
    _highlightResult: {},
    _snippetResult: {},
  };
  addHighlights(hit, product, params, query.trim().split(/\s+/).filter(Boolean).length);
  addSnippets(hit, product, params, names);
  for (const [name, ours] of Object.entries(names)) {
    hit[name] = valueOf(hit, ours);
    for (const results of [hit._highlightResult, hit._snippetResult]) if (results[ours]) results[name] = results[ours];
  }
  return hit;
}

function addHighlights(hit: Hit, { highlights }: Product, params: SearchParams, typed: number): void {
  const tags = tagsOf(params);
  const marked = (text: string, ranges: number[][] = []): Highlighted => {
    const matchedWords = ranges.map(([start = 0, end = 0]) => text.slice(start, end));
    const matchLevel: MatchLevel = !matchedWords.length ? "none" : matchedWords.length >= typed ? "full" : "partial";
    return { value: mark(text, ranges, tags), matchLevel, matchedWords };
  };
  hit._highlightResult = {
    name: marked(hit.name, highlights?.name),
    description: marked(hit.description, highlights?.description),
    ...(hit.brand && { brand: marked(hit.brand) }),
    ...(hit.category && { category: marked(hit.category) }),
    categories: hit.categories.map((category) => marked(category)),
  };
}

function addSnippets(hit: Hit, { highlights }: Product, params: SearchParams, names: Names): void {
  const words = snippetWords(params.attributesToSnippet ?? SNIPPETS, names);
  for (const attribute of ["name", "description"] as const) {
    const many = words.get(attribute) ?? words.get("*");
    if (many === undefined) continue;
    const [ranges, ellipsis] = [highlights?.[attribute] ?? [], params.snippetEllipsisText ?? ELLIPSIS];
    const matchLevel = (hit._highlightResult[attribute] as Highlighted).matchLevel;
    hit._snippetResult[attribute] = { value: snippet(hit[attribute], ranges, many, tagsOf(params), ellipsis), matchLevel };
  }
}

const tagsOf = ({ highlightPreTag, highlightPostTag }: SearchParams): Tags => [highlightPreTag ?? PRE_TAG, highlightPostTag ?? POST_TAG];

/** The attributes of snippets with their numbers of words: `["description:20"]`, 10 words unless given. */
function snippetWords(given: readonly string[], names: Names): Map<string, number> {
  return new Map(given.map((one) => {
    const [attribute = "", count] = one.split(":");
    return [canonical(attribute, names), Math.max(Number(count) || SNIPPET_WORDS, 1)];
  }));
}

/** A field of a hit, or an attribute of the product: a text where it has one value. */
function valueOf(hit: Hit, name: string): unknown {
  if (hit[name] !== undefined) return hit[name];
  const of = dimension(name);
  const wanted = of.kind === "attribute" ? of.name.toLowerCase() : name;
  const [, values] = Object.entries(hit.attributes ?? {}).find(([known]) => known.toLowerCase() === wanted) ?? [];
  return values?.length === 1 ? values[0] : values;
}

function levels(paths: string[][]): Record<string, string[]> {
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
