/** Searches by photo: the answer holds all products that resemble it, so pages, order and counts are made of them here. */
import type { Client } from "../client/index.js";
import { currentPrice } from "../client/price.js";
import { countProducts } from "../client/tally.js";
import type { Facets, Filter, PredictionSearch, Product, Sort, TaskResult } from "../client/types.js";
import { randomToken } from "./token.js";
import type { Photos } from "./types.js";

/** What a device made of photos is remembered for the last so many. */
const REMEMBERED = 20;
const ON_DEVICE = "device-";

export interface PhotoAnswer {
  products: Product[];
  facets: Facets;
  notSold: boolean;
}

export class PhotoSearches implements Photos {
  private readonly predictions = new Map<string, PredictionSearch>();

  constructor(private readonly client: Client) {}

  upload(photo: Blob, options: { signal?: AbortSignal; onProgress?: (stage: string) => void } = {}): Promise<string> {
    return this.client.uploadPhoto(photo, options);
  }

  add(prediction: object): string {
    // Never that of an earlier page, which may still be in an address.
    const id = ON_DEVICE + randomToken();
    this.predictions.set(id, prediction as PredictionSearch);
    const [oldest] = this.predictions.keys();
    if (this.predictions.size > REMEMBERED && oldest) this.predictions.delete(oldest);
    return id;
  }

  async search(id: string, query: string, filter: Filter, sort: Sort | null): Promise<PhotoAnswer> {
    const narrowed = { ...(query && { query }), filter };
    let answer: TaskResult;
    if (id.startsWith(ON_DEVICE)) {
      const prediction = this.predictions.get(id);
      // A page that was reloaded has forgotten what its device saw.
      if (!prediction) return { products: [], facets: countProducts([]), notSold: false };
      answer = await this.client.searchPrediction({ ...prediction, ...narrowed });
    } else {
      answer = await this.client.photoResult(id, narrowed);
    }
    return { products: sorted(answer.products, sort), facets: countProducts(answer.products), notSold: answer.not_sold };
  }
}

export function sorted(products: Product[], sort: Sort | null): Product[] {
  const now = Date.now() / 1000;
  const by: Partial<Record<Sort, (a: Product, b: Product) => number>> = {
    price_asc: (a, b) => currentPrice(a, now) - currentPrice(b, now),
    price_desc: (a, b) => currentPrice(b, now) - currentPrice(a, now),
    name: (a, b) => a.name.localeCompare(b.name),
    newest: (a, b) => b.id - a.id,
  };
  const order = sort && by[sort];
  return order ? [...products].sort(order) : products;
}
