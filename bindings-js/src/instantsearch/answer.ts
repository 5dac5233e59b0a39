/** Answers requests by words, by photo and by ID, with as few searches as can be. */
import type { Client } from "../client/index.js";
import { VitrinaError } from "../client/errors.js";
import { countProducts } from "../client/tally.js";
import type { Facets, Product, TextAnswer, TextSearch } from "../client/types.js";
import { counted } from "./facets.js";
import { toFilter, UnsupportedFilterError, without } from "./filter.js";
import { productsOf, searchesOf } from "./pages.js";
import { type Asked, covers, type Setup, toSearch } from "./request.js";
import type { Understood } from "./types.js";

/** The server takes so many searches at once. */
const BATCH = 20;
const ID = "objectID";
const NOTHING: Understood = { understood: [], unknown: [], instead: [], did_you_mean: null, not_sold: false };

/** What answers a request: products, if it asks for any, and counts. */
export interface Found {
  products: Product[];
  total: number;
  isExact: boolean;
  facets: Facets | null;
  understood: Understood;
}

/**
 * Answers all requests. Counts of the server leave their own filter out, so the request for hits answers those that InstantSearch
 * adds for the counts of each refined facet and of the levels above a menu's.
 */
export async function answer(asked: Asked[], setup: Setup): Promise<Found[]> {
  const searches = new Map<string, TextSearch>();
  const facets = counted(asked.map(({ params }) => params), setup.names);
  const keys = asked.map((one) => {
    if (one.params.vitrinaPhoto || one.narrowing.choices.has(ID)) return [];
    const main = asked.find((other) => other !== one && covers(other, one, setup.names)) ?? one;
    return searchesOf(toSearch(main, facets), main.page, main.hitsPerPage).map((search) => {
      const key = JSON.stringify(search);
      searches.set(key, search);
      return key;
    });
  });
  const answers = await answersTo(searches, setup.client);
  return Promise.all(asked.map((one, at) => {
    const [photo, ids] = [one.params.vitrinaPhoto, one.narrowing.choices.get(ID)];
    if (ids) return byId(ids, one, setup.client);
    if (photo) return byPhoto(photo, one, setup);
    const parts = (keys[at] ?? []).map((key) => answers.get(key) as TextAnswer);
    return ofAnswer(parts[0] as TextAnswer, productsOf(parts, one.page, one.hitsPerPage));
  }));
}

/** The answers by the keys of the searches, in as few requests as can be. */
async function answersTo(searches: Map<string, TextSearch>, client: Client): Promise<Map<string, TextAnswer>> {
  const [all, answers] = [[...searches], new Map<string, TextAnswer>()];
  for (let from = 0; from < all.length; from += BATCH) {
    const batch = all.slice(from, from + BATCH);
    const bodies = batch.map(([, search]) => search);
    const [only] = bodies;
    const found = bodies.length === 1 && only ? [await client.search(only)] : await client.searchMany(bodies);
    batch.forEach(([key], at) => answers.set(key, found[at] as TextAnswer));
  }
  return answers;
}

function ofAnswer(answer: TextAnswer, products: Product[]): Found {
  const { understood, unknown, instead, did_you_mean } = answer;
  return {
    products,
    total: answer.total,
    isExact: answer.total_is_exact,
    facets: answer.facets ?? null,
    understood: { understood, unknown, instead: instead ?? [], did_you_mean: did_you_mean ?? null, not_sold: false },
  };
}

async function byPhoto(photo: string, one: Asked, { photos }: Setup): Promise<Found> {
  const { products, facets, notSold } = await photos.search(photo, one.query, toFilter(one.narrowing), one.sort);
  return { ...pageOf(products, one), facets, understood: { ...NOTHING, not_sold: notSold } };
}

/** The page of a product, or a list of favourites: `filters: "objectID:7"`. */
async function byId(ids: string[], one: Asked, client: Client): Promise<Found> {
  const others = toFilter(without(one.narrowing, "id"));
  if (one.query || Object.keys(others).length) throw new UnsupportedFilterError(`products by ${ID} cannot be narrowed further`);
  const found = await Promise.all(ids.map((id) => client.product(id).catch(nobody)));
  const products = found.filter((product) => product !== null);
  return { ...pageOf(products, one), facets: countProducts(products), understood: NOTHING };
}

function pageOf(products: Product[], { page, hitsPerPage }: Asked): Pick<Found, "products" | "total" | "isExact"> {
  const from = page * hitsPerPage;
  return { products: products.slice(from, from + hitsPerPage), total: products.length, isExact: true };
}

/** A product that the shop does not have, or no longer. */
function nobody(error: unknown): null {
  if (error instanceof VitrinaError && (error.kind === "not_found" || error.kind === "invalid")) return null;
  throw error;
}
