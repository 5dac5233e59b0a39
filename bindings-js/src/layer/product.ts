/** A product in full: photos, price, variants to choose, availability, attributes, and the way to its page in the shop. */
import { attributeValues } from "../client/tally.js";
import type { Product, Variant } from "../client/types.js";
import type { Config } from "./config.js";
import { h, icon, replace } from "./dom.js";
import { availability, offerOf, priceSpan, priceTag, reduction } from "./offer.js";
import { swatch } from "./swatch.js";

/** The widths of the large picture and of those to choose it by, in CSS pixels. */
const LARGE = 640;
const SMALL = 160;
/** Attributes beyond so many are on the shop's own page. */
const MOST_ATTRIBUTES = 12;

/** The sheet of a product; `opened` is called when the customer goes on to the shop, `shown` is the key of a variant to begin with. */
export function productSheet(product: Product, config: Config, opened: () => void, shown: string | null): HTMLElement {
  const { texts, client } = config;
  const variants = product.variants ?? [];
  const photos = [...new Set([product.photo, ...(product.photos ?? [])].filter((photo) => photo !== null))];
  const names = optionNames(variants);
  let variant: Variant | null = (shown && variants.find(({ key }) => key === shown)) || null;
  const chosen = new Map(names.map((name) => [name, variant && valueOf(variant, name)]).filter((one): one is [string, string] => one[1] !== null));
  let photo = variant?.photo ?? photos[0] ?? null;

  const picture = h("div", { class: "picture" });
  const strip = h("div", { class: "strip" });
  const buy = h("div", { class: "buy" });
  const options = h("div", { class: "options" });

  function drawPhoto(): void {
    const source = photo && client.photoUrl({ photo }, LARGE);
    replace(picture, source ? h("img", { src: source, alt: product.name, decoding: "async" }) : h("span", { class: "blank" }, icon("image")), badge());
    const thumb = (one: string, at: number) =>
      h("button", {
        type: "button", class: "thumb", "data-key": `photo${at}`, "aria-pressed": one === photo ? "true" : "false", "aria-label": `${texts.photo} ${at + 1}`,
        onclick: () => { photo = one; drawPhoto(); },
      }, h("img", { src: client.photoUrl({ photo: one }, SMALL), alt: "", loading: "lazy" }));
    replace(strip, photos.length > 1 ? photos.map(thumb) : []);
  }

  function badge(): HTMLElement | null {
    const less = reduction(offerOf(product, variant));
    return less > 0 ? h("span", { class: "badge sale" }, `−${less} %`) : null;
  }

  function drawOffer(): void {
    const offer = offerOf(product, variant);
    const link = config.link(product, variant);
    replace(buy,
      h("p", { class: "price" }, priceTag(offer, config, !variant && priceSpan(product).isFrom)),
      h("p", { class: offer.isAvailable ? "stock" : "stock gone", role: "status" }, availability(offer, config)),
      link && h("a", { class: "primary shop", href: link, "data-key": "shop", onclick: opened }, texts.seeInShop));
  }

  /** The first variant with the values that are chosen, and `value` for `name`; one that can be had, if there is one. */
  function matching(name: string, value: string): Variant | null {
    const wanted = new Map(chosen).set(name, value);
    const fits = variants.filter((one) => [...wanted].every(([of, has]) => valueOf(one, of) === has));
    return fits.find((one) => offerOf(product, one).isAvailable) ?? fits[0] ?? null;
  }

  function choose(name: string, value: string): void {
    if (chosen.get(name) === value) chosen.delete(name);
    else {
      // What no variant has together with this value is no longer chosen.
      if (!matching(name, value)) chosen.clear();
      chosen.set(name, value);
    }
    variant = variants.find((one) => chosen.size === names.length && [...chosen].every(([of, has]) => valueOf(one, of) === has)) ?? null;
    if (variant?.photo) photo = variant.photo;
    drawOptions();
    drawOffer();
    drawPhoto();
  }

  function drawOptions(): void {
    const option = (name: string) => (value: string) => {
      const one = matching(name, value);
      const isGone = one !== null && !offerOf(product, one).isAvailable;
      return h("button", {
        type: "button", class: isGone ? "option-value out" : "option-value", "data-key": `${name}:${value}`,
        "aria-pressed": chosen.get(name) === value ? "true" : "false", "aria-label": isGone ? `${value}, ${texts.outOfStock}` : null,
        onclick: () => choose(name, value),
      }, swatch(value), value);
    };
    replace(options, names.map((name) => {
      const values = [...new Set(variants.map((one) => valueOf(one, name)).filter((value) => value !== null))];
      return h("div", { class: "option-row", role: "group", "aria-label": name }, h("span", { class: "option-name" }, name), h("div", { class: "row" }, values.map(option(name))));
    }));
  }

  const attributes = [...attributeValues({ ...product, variants: [] })].slice(0, MOST_ATTRIBUTES);
  const rows = [
    ...attributes.map(([name, values]): [string, string] => [name, [...values].join(", ")]),
    ...(product.sku ? [[texts.code, product.sku] as [string, string]] : []),
  ];
  drawPhoto();
  drawOptions();
  drawOffer();
  const isBare = photos.length === 0 && !variants.some((one) => one.photo);
  return h("article", { class: isBare ? "product bare" : "product" },
    !isBare && h("div", { class: "gallery" }, picture, strip),
    h("div", { class: "about" },
      h("p", { class: "brand" }, [product.brand, product.categories?.[0]?.join(" › ") ?? product.category].filter(Boolean).join(" · ")),
      h("h2", { tabindex: -1, "data-key": "product" }, product.name),
      options, buy,
      product.description ? h("p", { class: "description" }, product.description) : null,
      rows.length > 0 && h("dl", {}, rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      (product.tags?.length ?? 0) > 0 && h("ul", { class: "tags", "aria-label": texts.tags }, (product.tags ?? []).map((tag) => h("li", {}, tag)))));
}

/** The attributes by which variants differ. */
function optionNames(variants: Variant[]): string[] {
  const names = [...new Set(variants.flatMap((variant) => Object.keys(variant.attributes)))];
  return names.filter((name) => variants.every((variant) => valueOf(variant, name) !== null));
}

/** What variants offer of their first attribute, for a card: each value, and whether a variant with it can be had. */
export function offered(product: Product): { name: string; values: Map<string, boolean> } | null {
  const variants = product.variants ?? [];
  const [name] = optionNames(variants);
  if (!name) return null;
  const values = new Map<string, boolean>();
  for (const variant of variants) {
    const value = valueOf(variant, name) ?? "";
    values.set(value, (values.get(value) ?? false) || offerOf(product, variant).isAvailable);
  }
  return { name, values };
}

export function valueOf({ attributes }: Variant, name: string): string | null {
  return attributes[name]?.join(", ") ?? null;
}
