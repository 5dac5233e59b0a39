// node run.mjs URL PHOTO: runs the compiled client, and prints what it found as JSON.
import { readFile } from "node:fs/promises";
import { byPhoto, byWords } from "./generated/client.js";

const [url, photo] = process.argv.slice(2);
const words = await byWords(url, "zapatillas");
console.log(JSON.stringify({ words, photo: await byPhoto(url, new Blob([await readFile(photo)])) }));
