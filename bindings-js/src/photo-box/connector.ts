/**
 * A connector in InstantSearch's manner: a photo becomes part of the search, beside the query and all other widgets.
 *
 *     const photoBox = connectPhotoBox((options, isFirst) => …);
 *     search.addWidgets([photoBox({ searchClient })]);
 *
 * The ID of the photo is in the UI state (`photoBox`), so routing keeps it in the page's address.
 */
import type { InstantSearchClient } from "../instantsearch/types.js";

/** What makes a prediction of a photo on the device, so that the photo is not sent; see `createClassifier`. */
export type Classify = (photo: Blob, options: { signal: AbortSignal }) => Promise<object>;

export interface PhotoBoxParams {
  /** The search client of the page. */
  searchClient: InstantSearchClient;
  /** Classifies photos on the device in place of sending them. */
  classify?: Classify;
}

export type PhotoBoxStatus = "idle" | "working" | "found" | "failed";

/** What a render function gets. */
export interface PhotoBoxRenderState {
  /** Searches by a photo. */
  refine(photo: Blob): Promise<void>;
  /** Goes back to a search without a photo. */
  clear(): void;
  status: PhotoBoxStatus;
  /** `preparing`, `uploading`, `queued` or `started` while the status is `working`. */
  stage: string | null;
  /** Why it failed. */
  error: unknown;
  /** An object URL of the photo, while this page knows it. */
  preview: string | null;
  /** True if results are those of a photo. */
  isRefined: boolean;
}

/** The parts of InstantSearch's helper and instance that the connector uses. */
export interface Helper {
  state: SearchParameters;
  setState(state: SearchParameters): Helper;
  search(): Helper;
}
export interface SearchParameters {
  setQueryParameter(name: string, value: unknown): SearchParameters;
  setPage(page: number): SearchParameters;
  vitrinaPhoto?: string;
}
export interface Instance {
  scheduleRender(): void;
}
export interface InitOptions {
  helper: Helper;
  state: SearchParameters;
  instantSearchInstance: Instance;
}

export type RenderPhotoBox<P> = (
  options: PhotoBoxRenderState & { widgetParams: P; instantSearchInstance: unknown },
  isFirstRender: boolean,
) => void;

export function connectPhotoBox<P extends object = object>(render: RenderPhotoBox<P>, unmount: () => void = () => {}) {
  return (widgetParams: PhotoBoxParams & P) => {
    const { searchClient, classify } = widgetParams;
    let [status, stage, error, preview]: [PhotoBoxStatus, string | null, unknown, string | null] = ["idle", null, null, null];
    let running: AbortController | null = null;
    let actions: Pick<PhotoBoxRenderState, "refine" | "clear"> | null = null;

    function show(photo: Blob | null): void {
      if (preview) URL.revokeObjectURL(preview);
      preview = photo && URL.createObjectURL(photo);
    }

    function start({ helper, instantSearchInstance }: InitOptions): Pick<PhotoBoxRenderState, "refine" | "clear"> {
      const tell = (now: PhotoBoxStatus, at: string | null = null, why: unknown = null) => {
        [status, stage, error] = [now, at, why];
        instantSearchInstance.scheduleRender();
      };
      const search = (id: string | undefined) =>
        helper.setState(helper.state.setPage(0).setQueryParameter("vitrinaPhoto", id)).search();
      return {
        async refine(photo) {
          running?.abort();
          const own = (running = new AbortController());
          show(photo);
          tell("working", "preparing");
          try {
            const { signal } = own;
            const id = classify
              ? searchClient.photos.add(await classify(photo, { signal }))
              : await searchClient.photos.upload(photo, { signal, onProgress: (at) => tell("working", at) });
            if (signal.aborted) return;
            tell("found");
            search(id);
          } catch (why) {
            if (!own.signal.aborted) tell("failed", null, why);
          }
        },
        clear() {
          running?.abort();
          show(null);
          tell("idle");
          search(undefined);
        },
      };
    }

    const renderState = (options: InitOptions): PhotoBoxRenderState => {
      actions ??= start(options);
      const isRefined = Boolean(options.state?.vitrinaPhoto ?? options.helper.state.vitrinaPhoto);
      return { ...actions, status, stage, error, preview, isRefined };
    };
    const all = (options: InitOptions) => ({
      ...renderState(options),
      widgetParams,
      instantSearchInstance: options.instantSearchInstance,
    });

    return {
      $$type: "vitrina.photoBox",
      init: (options: InitOptions) => render(all(options), true),
      render: (options: InitOptions) => render(all(options), false),
      dispose({ state }: { state: SearchParameters }) {
        running?.abort();
        show(null);
        unmount();
        return state.setQueryParameter("vitrinaPhoto", undefined);
      },
      getRenderState: (known: object, options: InitOptions) => ({ ...known, photoBox: all(options) }),
      getWidgetRenderState: (options: InitOptions) => ({ ...renderState(options), widgetParams }),
      getWidgetUiState(uiState: object, { searchParameters }: { searchParameters: SearchParameters }) {
        const photoBox = searchParameters.vitrinaPhoto;
        return photoBox ? { ...uiState, photoBox } : uiState;
      },
      getWidgetSearchParameters: (parameters: SearchParameters, { uiState }: { uiState: { photoBox?: string } }) =>
        parameters.setQueryParameter("vitrinaPhoto", uiState.photoBox),
    };
  };
}
