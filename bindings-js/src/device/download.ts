/** Files that are fetched once: with progress, checked by their hash, and kept in the browser's cache under it. */
import { ClassifierError } from "./errors.js";

/** A file, what it must be, and how large it is. */
export interface Asset {
  url: string;
  bytes: number;
  sha256: string;
}

const CACHE = "vitrina-classifier";

/** The assets' contents, in their order; `onProgress` hears how many bytes of all of them are there. */
export async function download(assets: Asset[], onProgress: (loaded: number) => void): Promise<Uint8Array[]> {
  // Without a secure context there is no such cache; the browser's own still keeps what the address names by hash.
  const cache = await globalThis.caches?.open(CACHE).catch(() => undefined);
  const loaded = assets.map(() => 0);
  const contents = await Promise.all(
    assets.map((asset, place) =>
      content(asset, cache, (bytes) => {
        loaded[place] = bytes;
        onProgress(loaded.reduce((sum, one) => sum + one, 0));
      }),
    ),
  );
  if (cache) await forgetOthers(cache, assets);
  return contents;
}

const address = (asset: Asset) => `${asset.url}?sha256=${asset.sha256}`;

async function content(asset: Asset, cache: Cache | undefined, onProgress: (loaded: number) => void) {
  const kept = await cache?.match(address(asset));
  if (kept) {
    const bytes = new Uint8Array(await kept.arrayBuffer());
    onProgress(asset.bytes);
    return bytes;
  }
  const bytes = await fetched(asset, onProgress);
  await verify(asset, bytes);
  // A full disk is no reason not to go on.
  await cache?.put(address(asset), new Response(bytes)).catch(() => undefined);
  return bytes;
}

async function fetched(asset: Asset, onProgress: (loaded: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const wrong = (why: string, cause?: unknown) =>
    new ClassifierError("unavailable", `${asset.url}: ${why}`, { cause });
  const response = await fetch(address(asset)).catch((cause) => {
    throw wrong("it cannot be reached", cause);
  });
  if (!response.ok || !response.body) throw wrong(`the answer is ${response.status}`);
  const bytes = new Uint8Array(asset.bytes);
  let loaded = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause) => {
      throw wrong("the download broke off", cause);
    });
    if (done) break;
    if (loaded + value.length > asset.bytes) {
      await reader.cancel();
      throw wrong(`there are more than ${asset.bytes} bytes`);
    }
    bytes.set(value, loaded);
    onProgress((loaded += value.length));
  }
  if (loaded < asset.bytes) throw wrong(`there are but ${loaded} of ${asset.bytes} bytes`);
  return bytes;
}

async function verify(asset: Asset, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  // Only secure contexts can hash.
  if (!globalThis.crypto?.subtle) return;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== asset.sha256) {
    throw new ClassifierError("unavailable", `${asset.url}: its SHA-256 is ${found}, not ${asset.sha256}`);
  }
}

/** What an older model or runtime left in the cache goes, but for files of other places. */
async function forgetOthers(cache: Cache, assets: Asset[]): Promise<void> {
  const current = new Set(assets.map(address));
  const paths = new Set(assets.map((asset) => asset.url));
  for (const request of await cache.keys()) {
    if (!current.has(request.url) && paths.has(request.url.replace(/\?.*$/, ""))) await cache.delete(request);
  }
}
