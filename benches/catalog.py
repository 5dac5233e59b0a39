"""Products, queries and photos of the bench: generated, the same ones in every run."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO_PHOTOS = ROOT / "data/demo/vendure/assets/images"

# Kinds of products by the category that they are in.
KINDS = {
    "Camisetas": ["camiseta", "camiseta de tirantes", "polo", "camiseta térmica"],
    "Zapatos": ["zapatillas", "botas", "sandalias", "zapatos", "mocasines"],
    "Pantalones": ["pantalón", "vaqueros", "mallas", "bermudas"],
    "Teléfonos": ["teléfono móvil", "smartphone", "funda de móvil", "cargador"],
    "Portátiles": ["portátil", "ultrabook", "maletín de portátil"],
    "Informática": ["ratón", "teclado", "monitor", "tableta", "disco duro", "impresora", "cámara web"],
    "Cámaras": ["cámara réflex", "objetivo", "trípode", "cámara de acción"],
    "Muebles": ["sofá", "silla", "mesa", "estantería", "armario", "escritorio"],
    "Iluminación": ["lámpara", "bombilla", "foco", "flexo"],
    "Plantas": ["orquídea", "cactus", "helecho", "maceta"],
    "Deportes": ["bicicleta", "casco", "balón", "mancuernas", "esterilla", "tienda de campaña"],
    "Cocina": ["sartén", "cafetera", "batidora", "horno", "tostadora", "cuchillo", "vajilla"],
}
QUALITIES = """rojo azul verde negro blanco gris amarillo marrón rosa plateado algodón cuero madera acero aluminio cristal plástico lana lino
bambú inalámbrico plegable impermeable ligero compacto profesional infantil portátil silencioso recargable ajustable ergonómico clásico moderno
rápido resistente pequeño grande fino elegante deportivo urbano doble eléctrico digital automático táctil suave ancho largo""".split()
SYLLABLES = "ba be bo ca co da do fa ga ka ko la lo ma mi mo na no ra ri ro sa so ta to va vi xa za zo".split()


def _words() -> list[str]:
    """Ordinary words for descriptions: every ninth of the Spanish dictionary, the frequent ones first."""
    words = (ROOT / "data/words/es.txt").read_text(encoding="utf-8").split()[::9]
    random.Random("words").shuffle(words)
    return words


def _brands() -> list[str]:
    choice = random.Random("brands")
    return sorted({"".join(choice.choices(SYLLABLES, k=choice.choice([2, 3]))).capitalize() for _ in range(300)})


def products(count: int):
    """Yields `count` products with about 30 words each; few words are frequent and many are rare, as in texts (Zipf)."""
    choice, words, brands = random.Random("products"), _words(), _brands()
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(words))))
    kinds = [(category, kind) for category, kinds in KINDS.items() for kind in kinds]
    for number in range(1, count + 1):
        category, kind = choice.choice(kinds)
        qualities, brand = choice.sample(QUALITIES, 2), choice.choice(brands)
        description = choice.choices(words, cum_weights=weights, k=choice.randint(15, 30))
        yield {
            "id": number, "key": f"p{number}", "category": category, "brand": brand,
            "name": f"{kind.capitalize()} {' '.join(qualities)} {brand} {choice.randint(10, 999)}",
            "description": " ".join(description).capitalize() + ".",
            "price": choice.randint(199, 99_999) / 100, "stock": choice.randint(0, 200),
        }


def write_products(file: Path, count: int) -> Path:
    """The products as JSON Lines; a file that is there is taken as it is."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        with part.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(product, ensure_ascii=False) + "\n" for product in products(count))
        part.rename(file)
    return file


def queries(count: int, seed: str) -> list[str]:
    """Distinct queries of one to three words, one in ten with a slip of the finger."""
    choice, words, brands = random.Random(seed), _words(), _brands()
    kinds = [kind for kinds in KINDS.values() for kind in kinds]
    found: dict[str, None] = {}
    while len(found) < count:
        parts = [choice.choice(kinds), choice.choice(QUALITIES), choice.choice(brands).lower(), choice.choice(words)]
        query = " ".join(choice.sample(parts, choice.randint(1, 3)))
        if choice.random() < 0.1:
            at = choice.randrange(len(query) - 1)
            query = query[:at] + query[at + 1] + query[at] + query[at + 2:]
        found[query] = None
    return list(found)


def write_bodies(file: Path, count: int, seed: str, body) -> Path:
    """The queries as request bodies, a line each."""
    lines = (json.dumps(body(query), ensure_ascii=False) for query in queries(count, seed))
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.rename(file)
    return file
