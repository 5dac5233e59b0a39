"""What a product costs now and whether it can be had, as HTML; the rules are the shop's."""

from __future__ import annotations

import time
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from .texts import Lang, price, text

if TYPE_CHECKING:
    from vitrina import Product, Variant

# From so many pieces on the stock is not shown as a number.
_FEW = 10
# What can be ordered though it is not in stock.
_ORDERED = ("preorder", "backorder")


def current_price(of: Product | Variant, regular: Decimal, now: float | None = None) -> Decimal:
    """Returns the reduced price from `sale_from` on and before `sale_until`, else `regular`."""
    now = time.time() if now is None else now
    begun = of.sale_from is None or of.sale_from <= now
    ended = of.sale_until is not None and now >= of.sale_until
    return of.sale_price if of.sale_price is not None and begun and not ended else regular


def price_now(product: Product) -> Decimal:
    """Returns what a product costs now."""
    return current_price(product, product.price)


def variant_price(product: Product, variant: Variant) -> Decimal:
    """Returns what a variant costs now: its own price, or the product's."""
    if variant.price is None and variant.sale_price is None:
        return price_now(product)
    return current_price(variant, product.price if variant.price is None else variant.price)


def price_html(lang: Lang, product: Product) -> str:
    """The price, with the regular one struck through while it is reduced; "from" where variants cost more."""
    now = price_now(product)
    shown = escape(price(lang, now))
    if any(variant_price(product, one) > now for one in product.variants):
        shown = escape(text(lang, "price_from", low=price(lang, now)))
    if now >= product.price:
        return shown
    labels = {key: f'<span class="vt-unseen">{escape(text(lang, key))} </span>' for key in ("now", "before")}
    before = escape(price(lang, product.price))
    return f"<ins>{labels['now']}{shown}</ins> <del>{labels['before']}{before}</del>"


def reduction(product: Product) -> int:
    """Returns by how many percent the price is reduced now."""
    now = price_now(product)
    return round(100 * (1 - now / product.price)) if now < product.price else 0


def order_note(lang: Lang, product: Product) -> str | None:
    """Returns what is to say of a product that cannot simply be bought: sold out, or only ordered."""
    if not product.in_stock:
        return text(lang, "out_of_stock")
    return text(lang, product.availability) if product.availability in _ORDERED else None


def stock(lang: Lang, product: Product) -> str:
    """Whether the product can be had, and how many pieces where few are left."""
    note = order_note(lang, product)
    if note is not None:
        return note
    if product.stock is None or product.stock > _FEW:
        return text(lang, "in_stock")
    return text(lang, "in_stock_one" if product.stock == 1 else "in_stock_some", n=product.stock)


def variants_html(lang: Lang, product: Product) -> str:
    """The variants, one a line: what tells it from the others, its price, and whether it can be had."""
    rows = ""
    for variant in product.variants:
        name = " · ".join(", ".join(values) for values in variant.attributes.values())
        if not name:
            continue
        gone = variant.availability == "out_of_stock" or (variant.availability is None and variant.stock == 0)
        mark = f'<span class="vt-variant-gone">{escape(text(lang, "out_of_stock"))}</span>' if gone else ""
        cost = escape(price(lang, variant_price(product, variant)))
        kind = ' class="vt-gone"' if gone else ""
        rows += (
            f'<li{kind}><span>{escape(name)}</span>{mark}<span class="vt-variant-price">{cost}</span></li>'
        )
    if not rows:
        return ""
    title = escape(text(lang, "variants"))
    return f'<section class="vt-variants"><h3>{title}</h3><ul>{rows}</ul></section>'
