/** A product in the results. */
import type { Product } from "../client/types.js";
import { withMatchedVariant } from "../client/variant.js";
import type { Config } from "./config.js";
import { h, icon, marked } from "./dom.js";
import { offerOf, priceSpan, priceTag, reduction, shortage } from "./offer.js";
import { offered, valueOf } from "./product.js";
import { fill } from "./texts.js";

export interface CardActions {
  /** Called when a product is opened, with its place from 1. */
  opened(product: Product, position: number): void;
  /** The customer wants to see it in full, with similar ones. */
  look(product: Product): void;
}

/** The widths of a card's picture, in CSS pixels, and what of them is downloaded. */
const WIDTHS = [320, 640] as const;
/** So many pictures are loaded at once; the others when they come into view. */
const EAGER = 8;
/** Values of a variant's attribute that are shown. */
const CHOICES = 5;

export function card(product: Product, position: number, config: Config, actions: CardActions): HTMLElement {
  const { texts, client } = config;
  const variant = product.matched_variant ?? null;
  const link = config.link(product, variant);
  const { photo } = withMatchedVariant(product);
  const url = client.photoUrl({ photo }, WIDTHS[0]);
  const sets = WIDTHS.map((width) => `${client.photoUrl({ photo }, width)} ${width}w`);
  const picture = url
    ? h("img", {
        src: url,
        srcset: url.includes("?w=") ? sets.join(", ") : null,
        sizes: "(min-width: 900px) 240px, 45vw",
        alt: "",
        loading: position > EAGER ? "lazy" : "eager",
        decoding: "async",
        // A picture that does not come leaves the place empty.
        onerror: (event: Event) => (event.currentTarget as HTMLElement).replaceWith(blank()),
      })
    : blank();
  const { offer, isFrom } = variant ? { offer: offerOf(product, variant), isFrom: false } : priceSpan(product);
  const less = reduction(offer);
  const short = shortage(offer, config);
  const look = () => actions.look(product);
  const name = h("span", { class: "name" }, marked(product.name, product.highlights?.name));
  const title = link
    ? h("a", { href: link, class: "title", "data-key": `p${product.id}`, onclick: () => actions.opened(product, position) }, name)
    : h("button", { type: "button", class: "title", "data-key": `p${product.id}`, onclick: look }, name);
  const quick = link &&
    h("button", {
      type: "button", class: "look", "data-key": `s${product.id}`,
      "aria-label": fill(texts.similar, { x: product.name }), title: texts.similarShort, onclick: look,
    }, icon("look"), h("span", {}, texts.similarShort));
  return h(
    "li",
    { class: offer.isAvailable ? "card" : "card out" },
    h("div", { class: "picture" }, picture,
      product.resemblance === "nearly_same" ? h("span", { class: "badge" }, texts.nearlySame) : less > 0 && h("span", { class: "badge sale" }, `−${less} %`),
      quick),
    h("div", { class: "words" },
      h("span", { class: "brand" }, product.brand ?? product.category ?? ""),
      title,
      h("span", { class: "price" }, priceTag(offer, config, isFrom), short && h("span", { class: "gone" }, short)),
      choices(product)),
  );
}

/** Sizes, colours or the like that a product comes in, in one line. */
function choices(product: Product): HTMLElement | null {
  const known = offered(product);
  if (!known || known.values.size < 2) return null;
  const values = [...known.values];
  const more = values.length - CHOICES;
  const found = product.matched_variant && valueOf(product.matched_variant, known.name);
  // The one that was searched for is among those that are shown.
  values.sort(([a], [b]) => Number(b === found) - Number(a === found));
  return h("span", { class: "choices" },
    h("span", { class: "hidden" }, `${known.name}: `),
    values.slice(0, CHOICES).map(([value, isThere]) => h("span", { class: `${value === found ? "found" : ""} ${isThere ? "" : "out"}`.trim() }, value)),
    more > 0 && h("span", {}, `+${more}`));
}

function blank(): HTMLElement {
  return h("span", { class: "blank" }, icon("image"));
}

/** Places for products that are on their way. */
export function skeletons(count: number): HTMLElement[] {
  const one = () =>
    h("li", { class: "card skeleton", "aria-hidden": "true" },
      h("div", { class: "picture" }),
      h("div", { class: "words" }, h("span", { class: "bar" }), h("span", { class: "bar short" })));
  return Array.from({ length: count }, one);
}
