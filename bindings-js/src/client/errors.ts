/**
 * Why a request failed:
 * - `network`: no answer came: the server is not reachable, or its answer is not for this page (CORS)
 * - `timeout`: no answer came in time
 * - `invalid`: the request is wrong (400, 422)
 * - `forbidden`: the key is missing or wrong, or not for this origin (401, 403)
 * - `not_found`: there is no such product or task (404)
 * - `expired`: the result has expired: upload the photo again (410)
 * - `too_large`: the photo or the request is too large (413)
 * - `not_a_photo`: the bytes are no photo of an accepted format (415)
 * - `unreadable`: the photo could not be read
 * - `rate_limited`: too many requests (429)
 * - `unavailable`: the server, or something that it depends on, is down or full (408, 503)
 * - `failed`: anything else
 */
export type VitrinaErrorKind =
  | "network"
  | "timeout"
  | "invalid"
  | "forbidden"
  | "not_found"
  | "expired"
  | "too_large"
  | "not_a_photo"
  | "unreadable"
  | "rate_limited"
  | "unavailable"
  | "failed";

/** An error that callers branch on by its `kind`. A request that was aborted rejects with its signal's reason instead. */
export class VitrinaError extends Error {
  override readonly name = "VitrinaError";

  constructor(
    readonly kind: VitrinaErrorKind,
    message: string,
    /** The HTTP status, where there was an answer. */
    readonly status: number | null = null,
    /** Milliseconds after which the server asks to be tried again. */
    readonly retryAfter: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** True if the same request may succeed later. */
  get isTemporary(): boolean {
    return ["network", "timeout", "rate_limited", "unavailable"].includes(this.kind);
  }
}

const KINDS: Record<number, VitrinaErrorKind> = {
  400: "invalid",
  401: "forbidden",
  403: "forbidden",
  404: "not_found",
  408: "unavailable",
  410: "expired",
  413: "too_large",
  415: "not_a_photo",
  422: "invalid",
  429: "rate_limited",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

/** The error that an answer reports: problem details (RFC 9457) where it has them. */
export async function errorOf(response: Response): Promise<VitrinaError> {
  const problem = (await response.json().catch(() => null)) as { type?: string; detail?: string } | null;
  const unreadable = problem?.type?.endsWith("/unreadable") === true;
  const kind = unreadable ? "unreadable" : (KINDS[response.status] ?? "failed");
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) ? 1000 * seconds : null;
  return new VitrinaError(kind, problem?.detail ?? `the server answered ${response.status}`, response.status, retryAfter);
}
