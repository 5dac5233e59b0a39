/** Numbered pages, within the first 1,000 products. */
import type { TextAnswer, TextSearch } from "../client/types.js";

/** Numbered pages reach so far, in products. */
export const REACH = 1000;
/** The server returns so many products at once. */
const MOST = 100;

/** The searches that hold page `page` (from 0) of `size` products; their counts are in the first. */
export function searchesOf(search: TextSearch, page: number, size: number): TextSearch[] {
  const from = page * size;
  if (size <= 0 || from >= REACH) return [{ ...search, limit: 0 }];
  if (size <= MOST) return [{ ...search, limit: size, page: page + 1 }];
  const first = Math.floor(from / MOST);
  const end = Math.ceil(Math.min(from + size, REACH) / MOST);
  return Array.from({ length: end - first }, (_, at) => ({
    ...search,
    limit: MOST,
    page: first + at + 1,
    ...(at > 0 && { facets: false }),
  }));
}

/** The page's products, out of the answers to its searches. */
export function productsOf(answers: TextAnswer[], page: number, size: number): TextAnswer["products"] {
  const products = answers.flatMap((answer) => answer.products);
  if (size <= MOST) return products;
  const before = (page * size) % MOST;
  return products.slice(before, before + size);
}
