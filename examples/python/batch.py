"""Many products at once, their photos embedded afterwards: `python batch.py [FOLDER] [COUNT]`."""

import sys

import vitrina


def main(folder: str = "shop-data", count: str = "5000") -> None:
    with vitrina.Shop.open(folder, create=True) as shop:
        products = (
            {"name": f"Zapato {number}", "price": f"{20 + number % 80}.90", "category": "Zapatos"}
            for number in range(int(count))
        )
        ids = shop.put_products(products)
        print("wrote", len(ids), "products")
        page = shop.products(limit=3, sort="price_desc")
        while page.next_cursor is not None and page.products[0].price > 99:
            print([str(product.price) for product in page.products])
            page = shop.products(limit=3, sort="price_desc", cursor=page.next_cursor)


if __name__ == "__main__":
    main(*sys.argv[1:])
