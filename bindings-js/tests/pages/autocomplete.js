import { autocomplete } from "@algolia/autocomplete-js";
import { createClient, createSources } from "vitrina";

const client = createClient({ url: "http://127.0.0.1:8000" });
autocomplete({
  container: "#app",
  placeholder: "Buscar",
  detachedMediaQuery: "none",
  getSources: createSources(client, { onSelect: (item) => { window.chosen = item; } }),
});
