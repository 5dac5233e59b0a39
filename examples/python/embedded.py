"""A shop in this process, without a server: `python embedded.py [FOLDER] [PHOTO]`."""

import sys

import vitrina


def main(folder: str = "shop-data", photo: str | None = None) -> None:
    with vitrina.Shop.open(folder, create=True) as shop:
        shop.put_product(1, "Zapatilla roja", "59.90", category="Zapatos", photo=photo)
        shop.put_product(2, "Camiseta roja", "12.99", category="Camisetas")
        for product in shop.search_text("zapatillas rojas", max_price=60).products:
            print("by words:", product.name, product.price)
        if photo is not None:
            for product in shop.search_image(photo, query="roja").products:
                print("by photo:", product.name, product.resemblance)


if __name__ == "__main__":
    main(*sys.argv[1:])
