/** A photo on its way: upload, task, and the wait for its result. */
import { shrink } from "../device/shrink.js";
import { VitrinaError } from "./errors.js";
import { type Http, jsonOf, pause, type RequestOptions } from "./http.js";
import type { Filter, TaskPending, TaskResult } from "./types.js";

/** How far a photo is: `preparing`, `uploading`, `queued`, `started`. */
export type PhotoStage = "preparing" | "uploading" | "queued" | "started";

/** What narrows the products for a photo. */
export interface PhotoNarrowing {
  /** Words that the products must be found by too. */
  query?: string;
  filter?: Filter | null;
}

export interface PhotoOptions extends RequestOptions, PhotoNarrowing {
  /** Called when the photo gets to a stage. */
  onProgress?: (stage: PhotoStage) => void;
  /** Milliseconds to wait for the result; 60,000 unless given. */
  patience?: number;
  /** False to upload the photo as it is; else large ones are made smaller in the browser. */
  shrink?: boolean;
}

/** The result of a photo, with its task: the result can be asked for again, narrowed otherwise. */
export interface PhotoResult extends TaskResult {
  taskId: string;
}

/** The server holds an answer open so long, in seconds. */
const HELD = 10;
const PATIENCE = 60_000;

/** Uploads a photo, and returns its task's ID. */
export async function upload(http: Http, photo: Blob, options: PhotoOptions = {}): Promise<string> {
  const { signal, onProgress } = options;
  let small = photo;
  if (options.shrink !== false && typeof createImageBitmap === "function" && typeof OffscreenCanvas === "function") {
    onProgress?.("preparing");
    small = await shrink(photo instanceof File ? photo : new File([photo], "photo", { type: photo.type }));
  }
  onProgress?.("uploading");
  const body = new FormData();
  body.append("file", small, "photo");
  const { task_id: task } = await http.json<{ task_id: string }>("/search/image", {
    method: "POST",
    body,
    signal,
    extra: 45_000,
    repeatable: false,
  });
  return task;
}

/** Waits for the result of a task. */
export async function result(http: Http, taskId: string, options: PhotoOptions = {}): Promise<PhotoResult> {
  const { signal, onProgress } = options;
  const end = Date.now() + (options.patience ?? PATIENCE);
  const path = `/tasks/${encodeURIComponent(taskId)}/result${narrowed(options)}`;
  for (let stage: string | null = null; ; ) {
    const call = { signal, headers: { prefer: `wait=${HELD}` }, extra: 1000 * HELD };
    const { status, isHeld, body } = await http.answer(path, call, async (response) => ({
      status: response.status,
      isHeld: response.headers.has("preference-applied"),
      body: await jsonOf<TaskResult | TaskPending>(response),
    }));
    if (status === 200) return { ...(body as TaskResult), taskId };
    const now = (body as TaskPending).stage;
    if (now !== stage && (now === "queued" || now === "started")) onProgress?.(now);
    stage = now;
    if (Date.now() > end) throw new VitrinaError("timeout", "the photo was not classified in time");
    // A server that does not hold answers open is asked every so often.
    if (!isHeld) await pause(500, signal);
  }
}

/** A filter as the parameters of a URL. */
export function narrowed({ query, filter }: PhotoNarrowing, more: Record<string, string> = {}): string {
  const params = new URLSearchParams(more);
  if (query) params.set("query", query);
  for (const category of filter?.categories ?? []) params.append("category", category);
  for (const brand of filter?.brands ?? []) params.append("brand", brand);
  if (filter?.min_price != null) params.set("min_price", String(filter.min_price));
  if (filter?.max_price != null) params.set("max_price", String(filter.max_price));
  if (filter?.in_stock) params.set("in_stock", "true");
  for (const [name, values] of Object.entries(filter?.attributes ?? {})) {
    for (const value of values) params.append("attribute", `${name.replaceAll(":", "\\:")}:${value}`);
  }
  const text = params.toString();
  return text && `?${text}`;
}
