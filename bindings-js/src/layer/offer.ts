/** What a product, or a variant of it, costs, and whether it can be had. */
import { currentPrice } from "../client/price.js";
import type { Product, Variant } from "../client/types.js";
import { variantPrice } from "../client/variant.js";
import type { Config } from "./config.js";
import { type Child, h } from "./dom.js";
import { fill } from "./texts.js";

/** What is offered: the product itself, or a variant with what it leaves out taken from the product. */
export interface Offer {
  price: number;
  /** The regular price, where the current one is reduced. */
  before: number | null;
  isAvailable: boolean;
  availability: Product["availability"] | null;
  /** Pieces, where the shop counts them. */
  stock: number | null;
}

export function offerOf(product: Product, variant: Variant | null = null): Offer {
  const priced = variant ? variantPrice(product, variant) : product;
  const price = currentPrice(priced);
  const availability = variant?.availability ?? (variant?.stock == null ? product.availability : null) ?? null;
  const stock = variant ? (variant.stock ?? null) : product.stock;
  const isAvailable = availability ? availability !== "out_of_stock" : variant?.stock == null ? product.in_stock : variant.stock > 0;
  return { price, before: price < priced.price ? priced.price : null, isAvailable, availability, stock };
}

/** The lowest price of a product, and whether variants of it cost more. */
export function priceSpan(product: Product): { offer: Offer; isFrom: boolean } {
  const offer = offerOf(product);
  const prices = (product.variants ?? []).map((variant) => offerOf(product, variant).price);
  return { offer, isFrom: prices.some((price) => price > offer.price) };
}

/** A price, with the regular one struck through where it is reduced. */
export function priceTag({ price, before }: Offer, { texts, money }: Config, isFrom = false): Child[] {
  const shown = isFrom ? fill(texts.atLeastPrice, { x: money(price) }) : money(price);
  if (before === null) return [shown];
  return [
    h("ins", {}, h("span", { class: "hidden" }, texts.priceNow), shown), " ",
    h("del", {}, h("span", { class: "hidden" }, texts.priceBefore), money(before)),
  ];
}

/** By how many percent a price is reduced; 0 where it is not. */
export function reduction({ price, before }: Offer): number {
  return before ? Math.round(100 * (1 - price / before)) : 0;
}

/** What is to say about availability on a card: nothing where a product can simply be bought. */
export function shortage({ isAvailable, availability }: Offer, { texts }: Config): string | null {
  if (!isAvailable) return texts.outOfStock;
  return availability === "preorder" || availability === "backorder" ? texts[availability] : null;
}

/** The fewest pieces that are not worth a word. */
const PLENTY = 6;

/** Availability in words. */
export function availability(offer: Offer, config: Config): string {
  const { texts } = config;
  const short = shortage(offer, config);
  if (short) return short;
  const { stock } = offer;
  return stock !== null && stock > 0 && stock < PLENTY ? (stock === 1 ? texts.lastOne : fill(texts.lastOnes, { n: stock })) : texts.available;
}
