// node retries.mjs: a server of its own that is busy, refuses, does not answer, stops within its answer, or is not there.
import { createServer } from "node:http";
import { createClient } from "../../dist/client.js";

let attempts = 0;
const server = createServer((request, response) => {
  attempts++;
  request.resume();
  if (request.url.startsWith("/busy") && attempts < 3) return response.writeHead(503, { "retry-after": "0" }).end("{}");
  if (request.url.startsWith("/refused")) return response.writeHead(400).end("{}");
  if (request.url.startsWith("/broken")) return response.destroy();
  if (request.url.startsWith("/slow")) return undefined;
  if (request.url.startsWith("/stalled")) return response.write('{"total":');
  if (request.url.startsWith("/page")) return response.end("<!doctype html>");
  return response.end('{"total":0}');
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;

async function told(path, call, options = {}) {
  attempts = 0;
  const answer = await call(createClient({ url: base + path, ...options })).catch(({ kind }) => ({ kind }));
  return { attempts, ...answer };
}
const search = (client) => client.search({ query: "x" });
/** Aborts a request whose answer has begun. */
const abort = (call) => {
  const own = new AbortController();
  const begun = async (...of) => {
    const response = await fetch(...of);
    setTimeout(() => own.abort("own reason"));
    return response;
  };
  return call(createClient({ url: `${base}/stalled`, fetch: begun }), { signal: own.signal }).catch((reason) => reason);
};
const said = {
  upload: await told("/broken", (client) => client.uploadPhoto(new Blob(["x"]))),
  busy: await told("/busy", search),
  refused: await told("/refused", search),
  slow: await told("/slow", search, { timeout: 50, retries: 0 }),
  stalled: await told("/stalled", search, { timeout: 50, retries: 0 }),
  aborted: await abort((client, options) => client.search({ query: "x" }, options)),
  abortedPhoto: await abort((client, options) => client.photoResult("x", options)),
  page: await told("/page", search),
  unreachable: await createClient({ url: "http://127.0.0.1:1", retries: 0 }).search({ query: "x" }).catch(({ kind }) => ({ kind })),
};
server.closeAllConnections();
server.close();
console.log(JSON.stringify(said));
