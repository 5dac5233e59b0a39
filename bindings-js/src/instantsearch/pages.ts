/** Numbered pages over cursors, within the first 1,000 products. */
import type { Client } from "../client/index.js";
import type { TextAnswer, TextSearch } from "../client/types.js";

/** Numbered pages reach so far, in products. */
export const REACH = 1000;
/** The server returns so many products at once. */
const MOST = 100;
/** Walks are remembered for the last so many searches. */
const REMEMBERED = 20;

/** A page of a search: its products, with all else of the answer. */
export class Pages {
  /** For each search the cursors by which its products go on after 100, 200, … */
  private readonly walks = new Map<string, string[]>();

  constructor(private readonly client: Client) {}

  /** The search that page `page` (from 0) of `size` products needs, where one answer holds it; else null. */
  static single(search: TextSearch, page: number, size: number): TextSearch | null {
    const end = (page + 1) * size;
    return end <= MOST ? { ...search, limit: Math.max(end, 1) } : null;
  }

  /** The answer with the products of a page that lies further on. */
  async far(search: TextSearch, page: number, size: number): Promise<TextAnswer> {
    const [from, to] = [page * size, Math.min((page + 1) * size, REACH)];
    const first = Math.floor(from / MOST);
    const answers: TextAnswer[] = [];
    for (let at = first; at * MOST < to; at++) {
      const answer = await this.hundred(search, at);
      if (!answer) break;
      answers.push(answer);
    }
    const [answer] = answers;
    const counted = answer ?? (await this.client.search({ ...search, limit: 1 }));
    const products = answers.flatMap((one) => one.products);
    return { ...counted, products: products.slice(from - first * MOST, to - first * MOST) };
  }

  /** The products of a search from `at` hundreds on; null behind its end. */
  private async hundred(search: TextSearch, at: number): Promise<TextAnswer | null> {
    const key = JSON.stringify(search);
    const walk = this.walks.get(key) ?? [];
    this.walks.delete(key);
    this.walks.set(key, walk);
    const [oldest] = this.walks.keys();
    if (this.walks.size > REMEMBERED && oldest !== undefined) this.walks.delete(oldest);
    for (let step = Math.min(at, walk.length); ; step++) {
      const cursor = step > 0 ? walk[step - 1] : null;
      const answer = await this.client.search({ ...search, limit: MOST, ...(cursor && { cursor }) });
      if (answer.next_cursor) walk[step] = answer.next_cursor;
      if (step === at) return answer;
      if (!answer.next_cursor) return null;
    }
  }
}
