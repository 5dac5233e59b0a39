/** Products by the variant that a search asks for ("polo rojo"). */
import type { Product, Variant } from "./types.js";

type Priced = Pick<Product, "price" | "sale_price" | "sale_from" | "sale_until">;

/** The price of a variant: its own, or the product's where it has none. */
export function variantPrice(product: Product, variant: Variant): Priced {
  const { price, sale_price, sale_from, sale_until } = variant;
  if (price == null && sale_price == null) return product;
  return {
    price: price ?? product.price,
    ...(sale_price != null && { sale_price }),
    ...(sale_from != null && { sale_from }),
    ...(sale_until != null && { sale_until }),
  };
}

/** A product with the photo, price and link of its `matched_variant`, as far as that has its own. */
export function withMatchedVariant(product: Product): Product {
  const variant = product.matched_variant;
  if (!variant) return product;
  const { sale_price: _price, sale_from: _from, sale_until: _until, ...rest } = product;
  const url = variant.url ?? product.url;
  return { ...rest, ...variantPrice(product, variant), photo: variant.photo ?? product.photo, ...(url != null && { url }) };
}
