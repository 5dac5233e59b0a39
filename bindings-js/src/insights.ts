/** Clicks and conversions of InstantSearch's insights middleware, sent to the shop's own server and to nobody else. */
import type { Client } from "./client/index.js";
import type { ShopEvent } from "./client/types.js";

interface InsightsPayload {
  objectIDs?: string[];
  positions?: number[];
  queryID?: string;
  eventSubtype?: string;
}

/** The events of search-insights' methods that say something about products. */
function action(method: string, { eventSubtype }: InsightsPayload): ShopEvent["action_name"] | null {
  if (method.startsWith("clicked")) return "click";
  if (method.startsWith("viewed")) return "view";
  if (!method.startsWith("converted") && !method.startsWith("addedToCart") && !method.startsWith("purchased")) return null;
  return method.startsWith("addedToCart") || eventSubtype === "addToCart" ? "add_to_cart" : "purchase";
}

/** The function for `createInsightsMiddleware({ insightsClient })`. It keeps no token and sets no cookie. */
export function createInsightsClient(client: Client): (method: string, ...payloads: InsightsPayload[]) => void {
  return (method, ...payloads) => {
    const events = payloads.flatMap((payload) => {
      const name = typeof payload === "object" && payload ? action(method, payload) : null;
      if (!name) return [];
      return (payload.objectIDs ?? []).map((object_id, at): ShopEvent => {
        const position = payload.positions?.[at];
        return { action_name: name, object_id, ...(position && { position }), ...(payload.queryID && { query_id: payload.queryID }) };
      });
    });
    if (events.length) void client.sendEvents(events.slice(0, 100));
  };
}
