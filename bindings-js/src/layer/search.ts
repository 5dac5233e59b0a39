/** Asks the server for what a state shows; the newest request wins, and earlier ones are aborted. */
import { type Client, VitrinaError } from "../client/index.js";
import type { Facets, Product, Suggestions, TaskResult, TextAnswer, UnderstoodPart } from "../client/types.js";
import { countProducts } from "../client/tally.js";
import { sorted } from "../instantsearch/photos.js";
import { filterCount, type State, toFilter } from "./state.js";

/** Products of a page. */
export const PAGE = 24;

export interface Results {
  products: Product[];
  total: number;
  isExact: boolean;
  next: string | null;
  facets: Facets | null;
  understood: UnderstoodPart[];
  unknown: string[];
  instead: string[];
  didYouMean: string | null;
  /** What a photo shows. */
  categories: string[];
  notSold: boolean;
  /** The product to which the others are similar. */
  subject: Product | null;
}

const EMPTY: Results = {
  products: [],
  total: 0,
  isExact: true,
  next: null,
  facets: null,
  understood: [],
  unknown: [],
  instead: [],
  didYouMean: null,
  categories: [],
  notSold: false,
  subject: null,
};

export class Searches {
  private running: AbortController | null = null;
  private suggesting: AbortController | null = null;
  /** What a device made of the photo of this page: it is asked for in place of a task. */
  prediction: object | null = null;

  constructor(private readonly client: Client) {}

  /** The results of a state; null where another one was asked for meanwhile. */
  async results(state: State): Promise<Results | null> {
    const { signal } = (this.running = renewed(this.running));
    try {
      if (state.similar) return await this.similar(state, signal);
      if (state.photo) return await this.photo(state, signal);
      return await this.words(state, signal);
    } catch (error) {
      if (signal.aborted) return null;
      // Nothing is in a category that is gone.
      if (error instanceof VitrinaError && error.kind === "invalid" && filterCount(state) > 0) return EMPTY;
      throw error;
    }
  }

  /** The next page. */
  async more(state: State, cursor: string): Promise<Results | null> {
    const { signal } = (this.running = renewed(this.running));
    try {
      const sort = state.sort ?? (isBlank(state) ? "newest" : null);
      return ofAnswer(await this.client.search({ ...toSearch(state), ...(sort && { sort }), limit: PAGE, cursor }, { signal }));
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  /** How what is typed may go on; null where it cannot be said, or something else was typed meanwhile. */
  async suggestions(query: string): Promise<Suggestions | null> {
    const { signal } = (this.suggesting = renewed(this.suggesting));
    return this.client.suggest(query, { limit: 5, signal }).catch(() => null);
  }

  stop(): void {
    this.running?.abort();
    this.suggesting?.abort();
  }

  private async words(state: State, signal: AbortSignal): Promise<Results> {
    // Who has not said anything yet sees what is new.
    const sort = state.sort ?? (isBlank(state) ? "newest" : null);
    const search = { ...toSearch(state), ...(sort && { sort }), limit: PAGE * state.pages, facets: true };
    const results = ofAnswer(await this.client.search(search, { signal }));
    if (isBlank(state) && !state.sort) results.products.sort(photosFirst);
    return results;
  }

  private async photo(state: State, signal: AbortSignal): Promise<Results> {
    const filter = toFilter(state);
    const isNarrowed = Object.keys(filter).length > 0;
    const ask = (narrowed: object) =>
      this.prediction
        ? this.client.searchPrediction({ ...this.prediction, ...narrowed }, { signal })
        : this.client.photoResult(state.photo ?? "", { ...narrowed, signal });
    const query = state.query ? { query: state.query } : {};
    // The counts are of all that the photo resembles, so that one can change one's mind.
    const [answer, all] = await Promise.all([ask({ ...query, filter }), isNarrowed ? ask(query) : null]);
    return {
      ...EMPTY,
      products: state.sort ? sorted(answer.products, state.sort) : resembling(answer),
      total: answer.products.length,
      facets: countProducts((all ?? answer).products),
      categories: likeliest(answer),
      notSold: answer.not_sold,
    };
  }

  private async similar(state: State, signal: AbortSignal): Promise<Results> {
    const id = state.similar ?? "";
    const [subject, products] = await Promise.all([
      this.client.product(id, { signal }),
      this.client.similar(id, { limit: PAGE, filter: toFilter(state), signal }),
    ]);
    return { ...EMPTY, subject, products: sorted(products, state.sort), total: products.length };
  }
}

const photosFirst = (a: Product, b: Product) => Number(!a.photo) - Number(!b.photo);

/** The products of the categories that a photo shows, and all that resemble it, before the others; with a photo first. */
function resembling({ products, categories }: TaskResult): Product[] {
  const isOther = ({ category, resemblance }: Product) => categories.length > 0 && !resemblance && !categories.includes(category ?? "");
  return [...products].sort((a, b) => Number(isOther(a)) - Number(isOther(b)) || photosFirst(a, b));
}

/** The categories that are at least half as likely as the likeliest. */
function likeliest({ predictions }: TaskResult): string[] {
  const least = (predictions[0]?.score ?? 0) / 2;
  return predictions.filter(({ score }) => score >= least).map(({ category }) => category);
}

function renewed(before: AbortController | null): AbortController {
  before?.abort();
  return new AbortController();
}

/** True if nothing is searched for. */
export function isBlank(state: State): boolean {
  return !state.query && !state.photo && !state.similar && filterCount(state) === 0;
}

function toSearch(state: State) {
  return {
    query: state.query,
    filter: toFilter(state),
    ...(state.sort && { sort: state.sort }),
    ignore: state.ignore,
    highlight_units: "utf16" as const,
  };
}

function ofAnswer(answer: TextAnswer): Results {
  return {
    ...EMPTY,
    products: answer.products,
    total: answer.total,
    isExact: answer.total_is_exact,
    next: answer.next_cursor ?? null,
    facets: answer.facets ?? null,
    understood: answer.understood,
    unknown: answer.unknown,
    instead: answer.instead ?? [],
    didYouMean: answer.did_you_mean ?? null,
  };
}

/** What to tell a customer about an error: the name of a text. */
export function explain(error: unknown): "offline" | "failed" | "notAPhoto" | "tooLarge" | "expired" | "busy" {
  if (!(error instanceof VitrinaError)) return "failed";
  switch (error.kind) {
    case "network":
    case "timeout":
    case "unavailable":
      return "offline";
    case "rate_limited":
      return "busy";
    case "not_a_photo":
    case "unreadable":
      return "notAPhoto";
    case "too_large":
      return "tooLarge";
    case "expired":
      return "expired";
    default:
      return "failed";
  }
}
