// The shop's own pages over the client: the newest products, and one product with those similar to it.
import { createClient, currentPrice } from "./vitrina/client.js";

const client = createClient({ url: "http://127.0.0.1:8000" });
const money = new Intl.NumberFormat("es", { style: "currency", currency: "EUR" });

function element(name, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

function tile(product) {
  const picture = client.photoUrl(product, 320);
  return element("li", {},
    element("a", { href: `product.html?id=${product.id}` },
      picture ? element("img", { src: picture, alt: "", width: 240, height: 240, loading: "lazy" }) : element("span", { className: "blank" }),
      element("span", { textContent: product.name }),
      element("b", { textContent: money.format(currentPrice(product)) })));
}

const fill = (id, products) => document.getElementById(id)?.replaceChildren(...products.map(tile));

const id = new URLSearchParams(location.search).get("id");
if (document.getElementById("newest")) {
  const { products } = await client.search({ query: "", sort: "newest", limit: 24 });
  fill("newest", products.filter(({ photo }) => photo).slice(0, 8));
} else if (id) {
  const [product, similar] = await Promise.all([client.product(id), client.similar(id, { limit: 8 })]);
  document.title = `${product.name} · Mercado Alba`;
  const picture = client.photoUrl(product, 640);
  document.getElementById("product").replaceChildren(
    ...(picture ? [element("img", { src: picture, alt: product.name, width: 480, height: 480 })] : []),
    element("div", {},
      element("h1", { textContent: product.name }),
      element("b", { textContent: money.format(currentPrice(product)) }),
      element("p", { textContent: product.description })));
  fill("similar", similar);
}
