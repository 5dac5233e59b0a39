/** What a product costs at a moment: the rule of the server, whose filters and orders go by it too. */
import type { Product } from "./types.js";

/**
 * The price of a product at `now`, in seconds since 1970, this machine's clock unless given: the reduced one from `sale_from`
 * on and before `sale_until`, else `price`.
 */
export function currentPrice(
  product: Pick<Product, "price" | "sale_price" | "sale_from" | "sale_until">,
  now: number = Date.now() / 1000,
): number {
  const { price, sale_price: sale, sale_from: from, sale_until: until } = product;
  const isValid = (from ?? -Infinity) <= now && now < (until ?? Infinity);
  return isValid ? (sale ?? price) : price;
}
