"""Generate the large demo: 20,000 products in the demo's categories, from the demo's brands and from lists of words.

    python data/demo/large.py [--products N] [--out FILE]

The same number gives the same products, byte for byte: nothing here is random. Lines are as those of products_es.jsonl, with
categories as paths below the demo's own, and without photos.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
FOLDER = Path(__file__).parent
TARGET = FOLDER / "large" / "products.jsonl"
# Beyond every number of the small demo.
FIRST_ID = 1001
PRODUCTS = 20_000
SHOP = "https://tienda.example/producto/"

# Colours as they agree with a noun of either gender; attributes have the first.
COLORS = [
    ("rojo", "roja"),
    ("azul", "azul"),
    ("negro", "negra"),
    ("blanco", "blanca"),
    ("verde", "verde"),
    ("gris", "gris"),
    ("amarillo", "amarilla"),
    ("marrón", "marrón"),
    ("rosa", "rosa"),
    ("beis", "beis"),
]
LINES = ["Alba", "Brisa", "Cumbre", "Duna", "Estela", "Faro", "Marea", "Nube", "Roca", "Senda", "Umbral", "Vega"]
CLOTHES = ["S", "M", "L", "XL"]
SHOES = [str(size) for size in range(38, 45)]
MEMORY = ["128 GB", "256 GB", "512 GB"]


@dataclass(frozen=True)
class Kind:
    """A kind of product: a noun with its gender, the ways in which it is made, and what it costs in euros."""

    path: tuple[str, ...]
    noun: str
    feminine: bool
    styles: tuple[str, ...]
    low: int
    high: int
    materials: tuple[str, ...] = ()
    option: str = ""
    values: tuple[str, ...] = ()


def kind(path: str, noun: str, gender: str, styles: str, prices: str, materials: str = "", option: str = "") -> Kind:
    """A kind in short: lists are separated by commas, and an option is its name."""
    low, high = prices.split("-")
    values = {"Talla": CLOTHES, "Número": SHOES, "Almacenamiento": MEMORY}.get(option, [])
    return Kind(
        tuple(path.split(" > ")),
        noun,
        gender == "f",
        tuple(styles.split(", ")),
        int(low),
        int(high),
        tuple(filter(None, materials.split(", "))),
        "Talla" if option == "Número" else option,
        tuple(values),
    )


KINDS = [
    kind("Camisetas > Deportivas", "Camiseta deportiva", "f", "de tirantes, de manga corta, transpirable", "9-35", "poliéster", "Talla"),
    kind("Camisetas > Básicas", "Camiseta básica", "f", "de cuello redondo, de cuello de pico, entallada", "6-25", "algodón, lino", "Talla"),
    kind("Camisetas > Polos", "Polo", "m", "de piqué, de manga larga, de rayas", "15-49", "algodón", "Talla"),
    kind("Pantalones > Vaqueros", "Pantalón vaquero", "m", "recto, ajustado, de campana", "25-89", "algodón", "Talla"),
    kind("Pantalones > Cortos", "Pantalón corto", "m", "deportivo, de playa, con bolsillos", "12-45", "algodón, poliéster", "Talla"),
    kind("Zapatos > Zapatillas > De correr", "Zapatillas de correr", "f", "de asfalto, de montaña, con amortiguación", "39-159", "", "Número"),
    kind("Zapatos > Zapatillas > De vestir", "Zapatillas", "f", "de lona, de caña alta, con plataforma", "25-99", "lona, cuero", "Número"),
    kind("Zapatos > Botas", "Botas", "f", "de agua, de montaña, con cremallera", "45-189", "cuero, goma", "Número"),
    kind("Zapatos > Sandalias", "Sandalias", "f", "de tiras, con hebilla, de playa", "15-79", "cuero", "Número"),
    kind("Teléfonos > Móviles", "Teléfono móvil", "m", "5G, resistente, compacto", "129-999", "", "Almacenamiento"),
    kind("Teléfonos > Fundas", "Funda de teléfono", "f", "transparente, con tapa, antigolpes", "7-35", "silicona, cuero"),
    kind("Portátiles > Para estudiar", "Portátil", "m", "de 13 pulgadas, de 14 pulgadas, de 15 pulgadas", "349-899", "", "Almacenamiento"),
    kind("Portátiles > Para juegos", "Portátil para juegos", "m", "de 15 pulgadas, de 17 pulgadas", "899-2499", "", "Almacenamiento"),
    kind("Informática > Monitores", "Monitor", "m", "curvo, 4K, de 27 pulgadas", "119-799"),
    kind("Informática > Teclados y ratones", "Teclado", "m", "mecánico, inalámbrico, con luz", "15-149"),
    kind("Informática > Teclados y ratones", "Ratón", "m", "inalámbrico, vertical, para juegos", "9-99"),
    kind("Cámaras > Compactas", "Cámara compacta", "f", "sumergible, con zum, instantánea", "79-599"),
    kind("Cámaras > Trípodes", "Trípode", "m", "ligero, de viaje, con rótula", "15-249", "aluminio, carbono"),
    kind("Deportes > Balones", "Balón", "m", "de fútbol, de baloncesto, de playa", "9-69"),
    kind("Deportes > Acampada", "Tienda de campaña", "f", "para dos personas, familiar, de montaña", "49-499"),
    kind("Deportes > Acampada", "Saco de dormir", "m", "de verano, de plumas, infantil", "25-229"),
    kind("Plantas > De interior", "Planta", "f", "colgante, de hoja ancha, en maceta", "6-59"),
    kind("Plantas > Macetas", "Maceta", "f", "redonda, cuadrada, con plato", "4-49", "barro, cerámica"),
    kind("Jardín > Herramientas", "Pala de jardín", "f", "de mano, plegable, con mango largo", "5-39", "acero"),
    kind("Jardín > Muebles de jardín", "Silla de jardín", "f", "plegable, apilable, con cojín", "19-149", "madera, aluminio"),
    kind("Muebles > Sofás", "Sofá", "m", "de dos plazas, de tres plazas, con chaise longue", "249-1899", "tela, cuero"),
    kind("Muebles > Sillas", "Silla", "f", "de comedor, de escritorio, tapizada", "29-299", "madera, tela"),
    kind("Muebles > Mesas", "Mesa", "f", "de comedor, extensible, auxiliar", "49-799", "madera, cristal"),
    kind("Muebles > Estanterías", "Estantería", "f", "de pared, con puertas, de esquina", "39-499", "madera, metal"),
    kind("Iluminación > Lámparas de techo", "Lámpara de techo", "f", "colgante, redonda, de tres luces", "25-299", "metal, cristal"),
    kind("Iluminación > Lámparas de mesa", "Lámpara de mesa", "f", "de lectura, con regulador, nórdica", "15-149", "metal, cerámica"),
    kind("Decoración > Cojines", "Cojín", "m", "cuadrado, de punto, para exterior", "7-45", "algodón, lino"),
    kind("Decoración > Espejos", "Espejo", "m", "redondo, de pie, de pared", "19-249", "madera, metal"),
    kind("Otros > Mochilas", "Mochila", "f", "urbana, de montaña, para portátil", "19-129", "lona, poliéster"),
    kind("Otros > Relojes", "Reloj", "m", "de pulsera, de pared, deportivo", "19-299", "acero, cuero"),
]  # fmt: skip


class Choice:
    """Choices that follow from a name alone, so that another machine or version of Python makes the same."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0

    def below(self, limit: int) -> int:
        """A whole number from 0 to below `limit`."""
        self._count += 1
        digest = sha256(f"{self._name} {self._count}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % limit

    def one(self, values: Sequence[T]) -> T:
        return values[self.below(len(values))]


def brands() -> dict[str, list[str]]:
    """The made-up brands of the small demo by category."""
    found = defaultdict(set)
    for line in (FOLDER / "products_es.jsonl").read_text(encoding="utf-8").splitlines():
        product = json.loads(line)
        found[product["category"]].add(product["brand"])
        found[""].add(product["brand"])
    return {category: sorted(names) for category, names in found.items()}


def plural(color: str) -> str:
    """The plural of a colour."""
    if color == "beis":
        return color
    return color + "s" if color[-1] in "aeo" else color.replace("ó", "o") + "es"


def variants(of: Kind, key: str, price: float, choice: Choice) -> list[dict[str, Any]]:
    """A variant for each value of the option; more memory costs more, another size does not."""
    made = []
    for place, value in enumerate(of.values):
        variant: dict[str, Any] = {"sku": f"{key}-{place + 1}", "attributes": {of.option: value}, "stock": choice.below(12)}
        if of.option == "Almacenamiento":
            variant["price"] = round(price * (1 + place * 0.2), 2)
        made.append(variant)
    return made


def product(number: int, of: Kind, makers: dict[str, list[str]]) -> dict[str, Any]:
    """The product of a number."""
    key = f"G{number:05}"
    choice = Choice(key)
    color = choice.one(COLORS)
    style, line = choice.one(of.styles), choice.one(LINES)
    price = (of.low * 100 + choice.below((of.high - of.low) * 100)) / 100
    attributes: dict[str, list[str]] = {"Color": [color[0]]}
    made_of = ""
    if of.materials:
        material = choice.one(of.materials)
        attributes["Material"] = [material]
        made_of = f" de {material}"
    shade = color[of.feminine]
    if of.noun.split()[0].endswith("s"):
        shade = plural(shade)
    found = variants(of, key, price, choice)
    fields: dict[str, Any] = {
        "id": FIRST_ID + number,
        "key": key,
        "name": f"{of.noun} {style} {line} {shade}",
        "description": f"{of.noun}{made_of}, {style}. De la serie {line}.",
        "brand": choice.one(makers.get(of.path[0], makers[""])),
        "price": price,
        "categories": [list(of.path)],
        "stock": sum(variant["stock"] for variant in found) if found else choice.below(60),
        "url": f"{SHOP}{key.lower()}",
        "attributes": attributes,
        "popularity": choice.below(1000),
    }
    if choice.below(6) == 0:
        # Below the cheapest variant, whose price is the product's.
        fields["sale"] = {"price": round(price * 0.8, 2)}
    if found:
        fields["variants"] = found
    else:
        fields["sku"] = key
    return fields


def products(count: int) -> Iterator[dict[str, Any]]:
    """As many products, of each kind about as many."""
    makers = brands()
    for number in range(count):
        yield product(number, KINDS[number % len(KINDS)], makers)


def write(target: Path, count: int) -> None:
    """Write the products in one go."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            for fields in products(count):
                file.write(json.dumps(fields, ensure_ascii=False) + "\n")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Generate the products of the large demo.")
    parser.add_argument("--products", type=int, default=PRODUCTS, help="how many")
    parser.add_argument("--out", type=Path, default=TARGET, help="the file that is written")
    arguments = parser.parse_args()
    write(arguments.out, arguments.products)
    print(arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
