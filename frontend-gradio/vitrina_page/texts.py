"""All texts of the page in Spanish and English, and the number formats of each language.

Gradio's own components are translated in the browser (`browser_texts`), HTML from the server by `text`. Both
choose the language by the same rule.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from starlette.requests import Request

Lang = Literal["es", "en"]

# Languages whose speakers get Spanish and not English.
SPANISH_READERS = ("es", "ca", "gl", "eu")

# The language that a visitor chose on the page.
LANGUAGE_COOKIE = "vitrina_language"

_NBSP = "\u00a0"

TEXTS: dict[str, tuple[str, str]] = {
    # the page itself
    "page_description": (
        "Busca en la tienda con palabras o con una foto: productos, precios y los que más se parecen.",
        "Search the shop by words or by a photo: products, prices, and what is most similar.",
    ),
    "tagline": ("Encuéntralo con palabras o con una foto", "Find it by words or by a photo"),
    "skip": ("Ir a los resultados", "Skip to results"),
    "words_label": ("¿Qué buscas?", "What are you looking for?"),
    "words_placeholder": ("Por ejemplo: zapatillas", "For example: shoes"),
    "search": ("Buscar", "Search"),
    "clear": ("Borrar", "Clear"),
    "search_photo": ("Buscar con una foto", "Search by a photo"),
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
    "filters_show": ("Ver {products}", "Show {products}"),
    "filter_remove": ("Quitar {name}", "Remove {name}"),
    "filters_clear": ("Quitar los filtros", "Clear filters"),
    "filter_category": ("Categoría", "Category"),
    "filter_brand": ("Marca", "Brand"),
    "filter_price": ("Precio", "Price"),
    "filter_more": ("Ver más", "Show more"),
    "filter_fewer": ("Ver menos", "Show fewer"),
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
    "photo_kept": ("La foto de esta búsqueda", "The photo of this search"),
    # the photo, classified on the visitor's device
    "device": ("Buscar sin enviar la foto", "Search without sending the photo"),
    "device_note": ("Se analiza en tu dispositivo.", "It is analysed on your device."),
    "device_loading": (
        "Preparando… (8 MB, solo la primera vez)",
        "Getting ready… (8 MB, only the first time)",
    ),
    "device_classifying": ("Analizando la foto en tu dispositivo…", "Analysing the photo on your device…"),
    "device_done": ("Foto analizada en tu dispositivo.", "Photo analysed on your device."),
    "device_refused": (
        "Este navegador no puede analizar fotos: se envían a la tienda.",
        "This browser cannot analyse photos: they are sent to the shop.",
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
    "submitted": ("Buscando productos parecidos…", "Looking for similar products…"),
    # what was found
    "all_products": ("Todos los productos", "All products"),
    "results_for": ("Resultados para «{query}»", "Results for “{query}”"),
    "results_related": ("También puede interesarte", "You may also like"),
    "results_related_only": (
        "Nada coincide con «{query}», pero esto puede interesarte",
        "Nothing matches “{query}”, but you may like these",
    ),
    "results_photo": ("Parecidos a tu foto", "Similar to your photo"),
    "results_both": ("Parecidos a tu foto y «{query}»", "Similar to your photo and “{query}”"),
    "in_categories": ("en {categories}", "in {categories}"),
    "count_one": ("1 producto", "1 product"),
    "count_many": ("{n} productos", "{n} products"),
    "count_some": ("{shown} de {n} productos", "{shown} of {n} products"),
    "count_many_more": ("Más de {n} productos", "More than {n} products"),
    "count_some_more": ("{shown} de más de {n} productos", "{shown} of more than {n} products"),
    "did_you_mean": ("¿Quisiste decir {query}?", "Did you mean {query}?"),
    "understood": ("Lo que hemos entendido y los filtros", "What we understood, and filters"),
    "take_back": ("Buscar «{words}» como palabras", "Search for “{words}” as words"),
    "understood_max_price": ("hasta {max}", "up to {max}"),
    "understood_min_price": ("desde {min}", "from {min}"),
    "understood_price_range": ("de {min} a {max}", "{min} to {max}"),
    "understood_cheap": ("lo barato primero", "cheapest first"),
    "understood_expensive": ("lo caro primero", "most expensive first"),
    "understood_best": ("lo mejor", "the best"),
    "instead": ("También puedes mirar en:", "You can also look into:"),
    "predictions_title": ("Lo que se ve en tu foto", "What your photo shows"),
    "predictions_nothing": (
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
    "empty_title_filters": ("Ningún producto cumple estos filtros", "No product matches these filters"),
    "empty_title_photo": ("No hay productos parecidos a esa foto", "No products look like that photo"),
    "empty_title_all": ("La tienda todavía no tiene productos", "The shop has no products yet"),
    "empty_hint": (
        "Prueba con menos palabras o más generales, como «zapatos» o «camiseta», o busca con una foto.",
        "Try fewer or more general words, such as “zapatos” or “camiseta”, or search with a photo.",
    ),
    "empty_hint_filters": ("Quita alguno para ver más.", "Remove one to see more."),
    "empty_hint_photo": (
        "Prueba con otra foto en la que el producto se vea entero y con buena luz, o busca con palabras.",
        "Try another photo that shows the whole product in good light, or search by words.",
    ),
    "empty_hint_all": ("Vuelve pronto.", "Come back soon."),
    "nearly_same": ("Casi igual", "Nearly the same"),
    "similar": ("Parecido", "Similar"),
    "out_of_stock": ("Agotado", "Out of stock"),
    "preorder": ("En reserva", "Pre-order"),
    "backorder": ("Bajo pedido", "On back order"),
    "now": ("Ahora", "Now"),
    "before": ("Antes", "Before"),
    # a product in full
    "see_in_shop": ("Ver en la tienda", "See in the shop"),
    "photo_number": ("Foto {n}", "Photo {n}"),
    "variants": ("Opciones", "Options"),
    "tags": ("Etiquetas", "Tags"),
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
        "Elige una más pequeña o redúcela: lo normal es que quepan hasta 20 MB.",
        "Choose a smaller one or shrink it: usually up to 20 MB fit.",
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
    """Returns the text `key` in `lang`, formatted with `values`."""
    sentence = TEXTS[key][0 if lang == "es" else 1]
    return sentence.format(**values) if values else sentence


def browser_texts() -> dict[str, dict[str, str]]:
    """Returns the texts by language code, as `gr.I18n` takes them."""
    spanish = {key: pair[0] for key, pair in TEXTS.items()}
    english = {key: pair[1] for key, pair in TEXTS.items()}
    return {**dict.fromkeys(SPANISH_READERS, spanish), "en": english}


def language(accept_language: str | None, chosen: str | None = None) -> Lang:
    """Returns a visitor's language: the one `chosen` on the page (`LANGUAGE_COOKIE`), else the first choice
    of `Accept-Language`, as the browser itself chooses.

    Without the header it is Spanish, the shop's first language; any other language is English.
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


def visitor_language(request: Request) -> Lang:
    """Returns the language that the visitor chose, or that the browser asks for."""
    return language(request.headers.get("accept-language"), request.cookies.get(LANGUAGE_COOKIE))


def price(lang: Lang, amount: Decimal) -> str:
    """Formats euros: "1.299,00 €", "€1,299.00"."""
    english = f"{amount:,.2f}"
    if lang == "en":
        return f"-€{english[1:]}" if english.startswith("-") else f"€{english}"
    return english.translate(str.maketrans(",.", ".,")) + _NBSP + "€"


def price_span(lang: Lang, low: Decimal, high: Decimal | None) -> str:
    """Formats a price range, whole euros without cents: "20 € – 49,99 €", "From €5,000"."""
    written = [
        price(lang, amount).replace(",00" if lang == "es" else ".00", "")
        for amount in (low, high)
        if amount is not None
    ]
    return text(lang, "price_from", low=written[0]) if high is None else " – ".join(written)


def number(lang: Lang, amount: int) -> str:
    """Formats a whole number: "1.299", "1,299"."""
    return f"{amount:,}".replace(",", "." if lang == "es" else ",")


def percent(lang: Lang, share: float) -> str:
    """Formats a share of one as a percentage: "93 %", "93%"; below half a percent "<1 %"."""
    share = min(max(share, 0.0), 1.0)
    figure = "<1" if 0.0 < share < 0.005 else str(round(share * 100))
    return figure + ("%" if lang == "en" else _NBSP + "%")


def count(lang: Lang, shown: int, total: int | None = None, exact: bool = True) -> str:
    """Says how many products are shown, and of how many; `total` is a lower bound unless `exact`."""
    more = "" if exact else "_more"
    if total is not None and total > shown:
        return text(lang, f"count_some{more}", shown=number(lang, shown), n=number(lang, total))
    if shown == 1:
        return text(lang, "count_one")
    return text(lang, f"count_many{more}", n=number(lang, shown))
