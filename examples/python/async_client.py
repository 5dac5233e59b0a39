"""Several searches at once, with asyncio: `python async_client.py [URL] [WORDS]…`."""

import asyncio
import sys

import vitrina


async def main(url: str = "http://127.0.0.1:8000", *queries: str) -> None:
    async with vitrina.AsyncClient(url) as client:
        wanted = queries or ("zapatillas", "camiseta")
        answers = await asyncio.gather(*(client.search_text(words, limit=3) for words in wanted))
        for words, found in zip(wanted, answers):
            print(words, [product.name for product in found.products])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
