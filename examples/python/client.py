"""The client of a running server: `python client.py [URL] [WORDS] [PHOTO]`."""

import sys

import vitrina


def main(url: str = "http://127.0.0.1:8000", words: str = "zapatillas", photo: str | None = None) -> None:
    with vitrina.Client(url) as client:
        found = client.search_text(words, limit=5)
        print(f"{found.total} products for {words!r}")
        for product in found.products:
            print(product.name, product.price)
        if photo is not None:
            for product in client.search_image(photo, on_progress=print).products[:5]:
                print(product.name, product.resemblance)


if __name__ == "__main__":
    main(*sys.argv[1:])
