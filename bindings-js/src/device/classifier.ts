/** The module's own side of the classifier: it starts the worker and asks it, one photo after the other. */
import { ClassifierError } from "./errors.js";
import type { Order, Classification, Report } from "./messages.js";

export interface ClassifierOptions {
  /** The folder with this module's files. Default: where the module itself lies. Same origin as the page. */
  baseUrl?: string | URL;
  /** The model's manifest, from `baseUrl`. Default: that of the model that the module was built with. */
  manifest?: string | URL;
  /** How many threads compute. Default: one, or up to four where the page is cross-origin isolated. */
  threads?: number;
  /** Hears how many bytes of model and runtime are there, and of how many. */
  onProgress?: (progress: { loaded: number; total: number }) => void;
}

/** A model in the browser. */
export interface Classifier {
  /** The model's name and version, such as `efficientnet_lite0/1`. */
  readonly model: string;
  /**
   * What a photo shows; one photo at a time, in the order of the calls. A photo whose `signal` is aborted before its turn
   * is left out. Rejects with a `ClassifierError`, or with the signal's reason.
   */
  classify(photo: Blob, options?: { signal?: AbortSignal }): Promise<Classification>;
  /** Ends the worker and frees its memory; what waits is rejected as `closed`. */
  close(): void;
}

/** The folder of the model, named by the build. */
declare const MODEL: string;
const MANIFEST = `models/${MODEL}/manifest.json`;
const MOST_THREADS = 4;

/** A module with one function of the type () -> v128: whether it is valid tells whether there is SIMD. */
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** Whether this browser can classify at all. */
export function isSupported(): boolean {
  return (
    typeof WebAssembly === "object" &&
    WebAssembly.validate(SIMD) &&
    typeof Worker === "function" &&
    typeof OffscreenCanvas === "function" &&
    typeof createImageBitmap === "function"
  );
}

/**
 * Downloads the model, or takes it from the browser's cache, and gets it ready in a worker.
 *
 * Rejects with a `ClassifierError`: `unsupported`, `unavailable` or `failed`.
 */
export async function createClassifier(options: ClassifierOptions = {}): Promise<Classifier> {
  if (!isSupported()) throw new ClassifierError("unsupported", "this browser lacks WebAssembly SIMD or offscreen canvases");
  const baseUrl = new URL(options.baseUrl ?? ".", options.baseUrl ? document.baseURI : import.meta.url).href;
  const manifestUrl = new URL(options.manifest ?? MANIFEST, baseUrl).href;
  const threads = options.threads ?? defaultThreads();
  const worker = new WorkerCalls(new URL("worker.js", baseUrl));
  try {
    const opened = await worker.call({ open: { baseUrl, manifestUrl, threads } }, options.onProgress);
    if (!("opened" in opened)) throw new ClassifierError("failed", "the worker answered something else");
    return new WorkerClassifier(worker, opened.opened.model);
  } catch (error) {
    worker.close();
    throw error;
  }
}

/** Threads need memory that is shared, which browsers give to isolated pages alone; one core is left to the page. */
function defaultThreads(): number {
  if (!globalThis.crossOriginIsolated) return 1;
  return Math.min(MOST_THREADS, Math.max(1, navigator.hardwareConcurrency - 1));
}

class WorkerClassifier implements Classifier {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly worker: WorkerCalls,
    readonly model: string,
  ) {}

  classify(photo: Blob, { signal }: { signal?: AbortSignal } = {}): Promise<Classification> {
    const run = async () => {
      signal?.throwIfAborted();
      const report = await this.worker.call({ classify: photo });
      if (!("classified" in report)) throw new ClassifierError("failed", "the worker answered something else");
      return report.classified;
    };
    const turn = this.last.then(run);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  close(): void {
    this.worker.close();
  }
}

type Unnumbered<T> = T extends { id: number } ? Omit<T, "id"> : never;

interface Waiting {
  resolve(report: Report): void;
  reject(error: ClassifierError): void;
  onProgress: ClassifierOptions["onProgress"];
}

/** A worker, and who waits for which of its answers. */
class WorkerCalls {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private ended: ClassifierError | null = null;
  private id = 0;

  constructor(url: URL) {
    this.worker = new Worker(url, { type: "module", name: "vitrina-classifier" });
    this.worker.addEventListener("message", ({ data }: MessageEvent<Report>) => this.hear(data));
    this.worker.addEventListener("error", ({ message }) => {
      // Without a message the script itself did not load.
      this.end(message ? new ClassifierError("failed", message) : new ClassifierError("unavailable", `${url} did not load`));
    });
  }

  call(order: Unnumbered<Order>, onProgress?: ClassifierOptions["onProgress"]): Promise<Report> {
    if (this.ended) return Promise.reject(this.ended);
    const id = ++this.id;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, onProgress });
      this.worker.postMessage({ id, ...order });
    });
  }

  close(): void {
    this.end(new ClassifierError("closed", "the classifier was closed"));
  }

  private hear(report: Report): void {
    const waiting = this.waiting.get(report.id);
    if (!waiting) return;
    if ("progress" in report) return waiting.onProgress?.(report.progress);
    this.waiting.delete(report.id);
    if ("problem" in report) waiting.reject(new ClassifierError(report.problem.kind, report.problem.message));
    else waiting.resolve(report);
  }

  private end(error: ClassifierError): void {
    if (this.ended) return;
    this.ended = error;
    this.worker.terminate();
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
