import { createApp } from "vue";
import InstantSearch from "vue-instantsearch/vue3/es";
import { createClient, createInstantSearchClient } from "vitrina";

const searchClient = createInstantSearchClient(createClient({ url: "http://127.0.0.1:8000" }));
const orders = [{ label: "Best", value: "products" }, { label: "Cheap", value: "products_price_asc" }];
const levels = [0, 1, 2].map((level) => `hierarchicalCategories.lvl${level}`);
const app = createApp({
  setup: () => ({ searchClient, orders, levels }),
  template: `
    <ais-instant-search index-name="products" :search-client="searchClient" :future="{ preserveSharedStateOnUnmount: true }">
      <ais-configure :hits-per-page.camel="8" />
      <ais-search-box />
      <ais-stats />
      <ais-sort-by :items="orders" />
      <ais-current-refinements />
      <ais-clear-refinements />
      <div id="brands"><ais-refinement-list attribute="brand" :limit="50" /></div>
      <div id="colors"><ais-refinement-list attribute="attributes.color" :limit="50" /></div>
      <div id="categories"><ais-hierarchical-menu :attributes="levels" :limit="50" /></div>
      <div id="range"><ais-range-input attribute="price" /></div>
      <div id="stock"><ais-toggle-refinement attribute="in_stock" label="In stock" /></div>
      <ais-hits>
        <template v-slot:item="{ item }"><p :data-id="item.objectID"><ais-highlight attribute="name" :hit="item" /></p></template>
      </ais-hits>
      <ais-pagination />
    </ais-instant-search>`,
});
app.use(InstantSearch);
app.mount("#app");
