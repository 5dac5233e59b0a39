"""Every sentence of the page, in Spanish and in English, and the formats of each language.

Gradio's own components translate in the browser (`browser_texts`); HTML made on the server asks `text` for a
visitor's language. Both choose by the same rule, so a page never mixes two languages.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

Lang = Literal["es", "en"]

# People who browse in Spain's other languages read Spanish before English.
SPANISH_READERS = ("es", "ca", "gl", "eu")

# What a visitor chose on the page.
LANGUAGE_COOKIE = "vitrina_language"

_NBSP = "\u00a0"

TEXTS: dict[str, tuple[str, str]] = {
    # the page itself
    "tagline": ("Encuéntralo con palabras o con una foto", "Find it by words or by a photo"),
    "skip": ("Ir a los resultados", "Skip to results"),
    "words_label": ("¿Qué buscas?", "What are you looking for?"),
    "words_placeholder": ("Por ejemplo: zapatillas", "For example: zapatillas"),
    "search": ("Buscar", "Search"),
    "more": ("Ver más productos", "Show more products"),
    # suggestions
    "suggestions": ("Sugerencias", "Suggestions"),
    "suggestions_some": (
        "{n} sugerencias: elige con las flechas arriba y abajo.",
        "{n} suggestions: choose with the up and down arrows.",
    ),
    "suggestions_none": ("Sin sugerencias.", "No suggestions."),
    "suggestion_category": ("Categoría", "Category"),
    # filters and order
    "filters": ("Filtros", "Filters"),
    "filters_chosen": ("{n} elegidos", "{n} chosen"),
    "filters_clear": ("Quitar los filtros", "Clear filters"),
    "filter_category": ("Categoría", "Category"),
    "filter_brand": ("Marca", "Brand"),
    "filter_price": ("Precio", "Price"),
    "filter_stock": ("Solo disponibles", "Only in stock"),
    "any_price": ("Cualquier precio", "Any price"),
    "price_from": ("Desde {low}", "From {low}"),
    "sort": ("Ordenar por", "Sort by"),
    "sort_relevance": ("Relevancia", "Relevance"),
    "sort_price_asc": ("Precio: de menor a mayor", "Price: low to high"),
    "sort_price_desc": ("Precio: de mayor a menor", "Price: high to low"),
    "sort_name": ("Nombre", "Name"),
    "sort_newest": ("Novedades", "Newest"),
    # the photo
    "photo_choose": ("Elige una foto", "Choose a photo"),
    "photo_how": ("o arrástrala o pégala aquí", "or drag it or paste it here"),
    "photo_drop": ("Suelta la foto para buscar", "Drop the photo to search"),
    "photo_remove": ("Quitar la foto", "Remove the photo"),
    "photo_change": ("Cambiar", "Change"),
    "photo_camera": ("Usar la cámara", "Use camera"),
    "camera_dialog": ("Haz una foto", "Take a photo"),
    "camera_shoot": ("Hacer la foto", "Take the photo"),
    "camera_cancel": ("Cancelar", "Cancel"),
    "examples": ("O prueba con una:", "Or try one of these:"),
    # the photo, classified on the visitor's device
    "device": ("Clasificar en mi dispositivo", "Classify on my device"),
    "device_note": (
        "La foto no sale de aquí: a la tienda solo le llega lo que se ve en ella.",
        "The photo stays here: the shop only learns what it shows.",
    ),
    "device_loading": (
        "Preparando el clasificador… (8 MB, solo la primera vez)",
        "Getting the classifier ready… (8 MB, only the first time)",
    ),
    "device_classifying": ("Clasificando en tu dispositivo…", "Classifying on your device…"),
    "device_done": ("Clasificada en tu dispositivo.", "Classified on your device."),
    "device_refused": (
        "Este navegador no puede: las fotos las clasifica la tienda.",
        "This browser cannot: the shop classifies photos.",
    ),
    "device_send": ("Enviar la foto a la tienda", "Send the photo to the shop"),
    "both_hint": (
        "Los productos que encajan con las palabras, primero los más parecidos a la foto.",
        "The products that match the words, those most like the photo first.",
    ),
    # what is going on
    "loading": ("Cargando los productos…", "Loading the products…"),
    "searching": ("Buscando…", "Searching…"),
    "sending": ("Enviando la foto…", "Sending the photo…"),
    "queued": ("En cola: tu foto espera su turno…", "Queued: your photo is waiting its turn…"),
    "started": ("Clasificando la foto…", "Classifying the photo…"),
    # what was found
    "all_products": ("Todos los productos", "All products"),
    "results_for": ("Resultados para «{query}»", "Results for “{query}”"),
    "results_photo": ("Parecidos a tu foto", "Similar to your photo"),
    "results_both": ("Parecidos a tu foto y «{query}»", "Similar to your photo and “{query}”"),
    "in_categories": ("en {categories}", "in {categories}"),
    "count_one": ("1 producto", "1 product"),
    "count_many": ("{n} productos", "{n} products"),
    "count_some": ("{shown} de {n} productos", "{shown} of {n} products"),
    "count_many_more": ("Más de {n} productos", "More than {n} products"),
    "count_some_more": ("{shown} de más de {n} productos", "{shown} of more than {n} products"),
    "did_you_mean": ("¿Quisiste decir {query}?", "Did you mean {query}?"),
    "instead": ("También puedes mirar en:", "You can also look into:"),
    "seen_title": ("Lo que se ve en tu foto", "What your photo shows"),
    "seen_nothing": (
        "No reconocemos nada que vendamos en esta foto.",
        "We recognise nothing that we sell in this photo.",
    ),
    "results_nearest": ("Lo que más se le parece", "What looks most like it"),
    "nearest_hint": (
        "Prueba con otra foto en la que el producto se vea entero y con buena luz, o busca con palabras.",
        "Try another photo that shows the whole product in good light, or search by words.",
    ),
    "both_none": (
        "Ningún producto encaja con «{query}»: estos son los parecidos a la foto.",
        "No product matches “{query}”: these are the ones like the photo.",
    ),
    "empty_title": ("No hay resultados para «{query}»", "Nothing found for “{query}”"),
    "empty_title_filters": ("Ningún producto cumple estos filtros", "No product passes these filters"),
    "empty_title_photo": ("No hay productos parecidos a esa foto", "No products look like that photo"),
    "empty_title_all": ("La tienda todavía no tiene productos", "The shop has no products yet"),
    "empty_hint": (
        "Prueba con menos palabras o más generales, como «zapatos» o «camiseta», o busca con una foto.",
        "Try fewer or more general words, such as “zapatos” or “camiseta”, or search with a photo.",
    ),
    "empty_hint_filters": ("Quita alguno para ver más.", "Take one back to see more."),
    "empty_hint_photo": (
        "Prueba con otra foto en la que el producto se vea entero y con buena luz, o busca con palabras.",
        "Try another photo that shows the whole product in good light, or search by words.",
    ),
    "empty_hint_all": ("Vuelve pronto.", "Come back soon."),
    "similarity": ("{percent} parecido", "{percent} similar"),
    "out_of_stock": ("Agotado", "Out of stock"),
    # a product in full
    "close": ("Cerrar", "Close"),
    "similar_title": ("Se parecen a este", "Similar to this one"),
    "stock": ("Disponibilidad", "Availability"),
    "in_stock": ("Disponible", "In stock"),
    "in_stock_one": ("Queda 1", "1 left"),
    "in_stock_some": ("Quedan {n}", "{n} left"),
    "gone_title": ("Este producto ya no está", "This product is gone"),
    "gone_hint": (
        "La tienda lo ha retirado. Busca otro parecido.",
        "The shop has taken it off. Look for another.",
    ),
    # what went wrong: a title and what to do
    "invalid_title": ("La tienda no entiende esta búsqueda", "The shop cannot read this search"),
    "invalid_do": ("Escríbela de otra manera y vuelve a intentarlo.", "Put it another way and try again."),
    "unauthorized_title": ("Esta página no tiene permiso", "This page has no permission"),
    "unauthorized_do": (
        "Avisa a quien lleva la tienda: la clave de la página no vale.",
        "Tell the people who run the shop: the page's key is not accepted.",
    ),
    "not_found_title": ("La búsqueda ya no existe", "That search no longer exists"),
    "not_found_do": ("Vuelve a enviar la foto.", "Send the photo again."),
    "expired_title": ("El resultado ha caducado", "The result has expired"),
    "expired_do": ("Vuelve a enviar la foto.", "Send the photo again."),
    "too_large_title": ("La foto es demasiado grande", "The photo is too large"),
    "too_large_do": (
        "Elige una más pequeña o redúcela: lo normal es que quepan hasta 10 MB.",
        "Choose a smaller one or shrink it: usually up to 10 MB fit.",
    ),
    "unsupported_title": (
        "Ese archivo no es una foto que se pueda leer",
        "That file is not a photo we can read",
    ),
    "unsupported_do": (
        "Elige una foto JPEG, PNG, WebP, GIF o BMP.",
        "Choose a JPEG, PNG, WebP, GIF or BMP photo.",
    ),
    "unreadable_title": ("La foto está dañada", "The photo is damaged"),
    "unreadable_do": ("Haz otra o elige una distinta.", "Take another or choose a different one."),
    "busy_title": ("Hay mucha gente buscando ahora", "Many people are searching right now"),
    "busy_do": ("Espera un momento y vuelve a intentarlo.", "Wait a moment and try again."),
    "busy_do_after": ("Vuelve a intentarlo dentro de {seconds} s.", "Try again in {seconds} s."),
    "unavailable_title": ("La tienda no responde", "The shop does not answer"),
    "unavailable_do": ("Vuelve a intentarlo dentro de un momento.", "Try again in a moment."),
    "unavailable_retry": (
        "Los productos aparecerán solos en cuanto responda.",
        "The products will show up by themselves as soon as it does.",
    ),
    "timeout_title": ("La respuesta tarda demasiado", "The answer is taking too long"),
    "timeout_do": (
        "Puede que haya mucha gente buscando. Vuelve a intentarlo.",
        "Many people may be searching. Try again.",
    ),
    "failed_title": ("Algo ha fallado en la tienda", "Something went wrong in the shop"),
    "failed_do": (
        "No es culpa tuya. Vuelve a intentarlo; si sigue igual, avisa a la tienda.",
        "It is not your fault. Try again; if it goes on, tell the shop.",
    ),
    "upload_title": ("La foto no ha llegado", "The photo did not arrive"),
    "upload_do": ("Comprueba tu conexión y vuelve a elegirla.", "Check your connection and choose it again."),
    "camera_title": ("No se puede usar la cámara", "The camera cannot be used"),
    "camera_do": (
        "Da permiso a la página en el navegador o elige una foto guardada.",
        "Allow it for this page in your browser, or choose a saved photo.",
    ),
}


def text(lang: Lang, key: str, **values: object) -> str:
    """The sentence `key` in `lang`; its `{names}` are filled in from `values`."""
    sentence = TEXTS[key][0 if lang == "es" else 1]
    return sentence.format(**values) if values else sentence


def browser_texts() -> dict[str, dict[str, str]]:
    """The sentences by language code, as `gr.I18n` takes them."""
    spanish = {key: pair[0] for key, pair in TEXTS.items()}
    english = {key: pair[1] for key, pair in TEXTS.items()}
    return {**dict.fromkeys(SPANISH_READERS, spanish), "en": english}


def language(accept_language: str | None, chosen: str | None = None) -> Lang:
    """The language for a visitor: the one `chosen` on the page (`LANGUAGE_COOKIE`), else the first choice of
    `Accept-Language`, as the browser itself chooses.

    A missing header is Spanish, the shop's first language; any language that we do not speak is English.
    """
    if chosen in ("es", "en"):
        return "es" if chosen == "es" else "en"
    best, best_weight = "es", 0.0
    for part in (accept_language or "").split(",")[:20]:
        tag, _, parameters = part.strip().partition(";")
        weight = 1.0
        name, _, value = parameters.strip().partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                weight = 0.0
        if tag[:1].isalpha() and weight > best_weight:
            best, best_weight = tag, weight
    return "es" if best.split("-")[0].lower() in SPANISH_READERS else "en"


def price(lang: Lang, amount: Decimal) -> str:
    """Euros as the language writes them: "1.299,00 €", "€1,299.00"."""
    english = f"{amount:,.2f}"
    if lang == "en":
        return f"-€{english[1:]}" if english.startswith("-") else f"€{english}"
    return english.translate(str.maketrans(",.", ".,")) + _NBSP + "€"


def price_span(lang: Lang, low: Decimal, high: Decimal | None) -> str:
    """A range of prices, whole euros without cents: "20 € – 49,99 €", "From €5,000"."""
    written = [
        price(lang, amount).replace(",00" if lang == "es" else ".00", "")
        for amount in (low, high)
        if amount is not None
    ]
    return text(lang, "price_from", low=written[0]) if high is None else " – ".join(written)


def number(lang: Lang, amount: int) -> str:
    """A whole number as the language groups it: "1.299", "1,299"."""
    return f"{amount:,}".replace(",", "." if lang == "es" else ",")


def percent(lang: Lang, share: float) -> str:
    """A share of one as a whole percentage: "93 %", "93%"; a little over nothing is "<1 %"."""
    share = min(max(share, 0.0), 1.0)
    figure = "<1" if 0.0 < share < 0.005 else str(round(share * 100))
    return figure + ("%" if lang == "en" else _NBSP + "%")


def count(lang: Lang, shown: int, total: int | None = None, exact: bool = True) -> str:
    """How many products are on the page, and of how many; unless it is exact, there may be more."""
    more = "" if exact else "_more"
    if total is not None and total > shown:
        return text(lang, f"count_some{more}", shown=number(lang, shown), n=number(lang, total))
    if shown == 1:
        return text(lang, "count_one")
    return text(lang, f"count_many{more}", n=number(lang, shown))
