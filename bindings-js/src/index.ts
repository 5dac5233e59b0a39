/** Search by words and by photo on a shop's own pages. */
export * from "./client/index.js";
export { createInstantSearchClient, UnsupportedFilterError } from "./instantsearch/index.js";
export type { Hit, InstantSearchClient, InstantSearchOptions, SearchResult } from "./instantsearch/index.js";
export { connectPhotoBox, type PhotoBoxParams, type PhotoBoxRenderState } from "./photo-box/connector.js";
export { photoBox, type PhotoBoxWidgetParams } from "./photo-box/widget.js";
export { createSources, type Item, type SourceOptions } from "./autocomplete/index.js";
export { createInsightsClient } from "./insights.js";
export * from "./device.js";
