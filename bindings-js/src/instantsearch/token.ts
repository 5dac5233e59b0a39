/** IDs that nobody guesses and no two pages share. */

const BYTES = 16;

/** 128 random bits in hexadecimal digits. Unlike `crypto.randomUUID` it is there on pages without TLS too. */
export function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
