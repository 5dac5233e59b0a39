import { createRoot } from "react-dom/client";
import {
  ClearRefinements, Configure, CurrentRefinements, HierarchicalMenu, Highlight, Hits, InstantSearch, Pagination, RangeInput, RefinementList,
  SearchBox, SortBy, Stats, ToggleRefinement,
} from "react-instantsearch";
import { createClient, createInstantSearchClient } from "vitrina";

const searchClient = createInstantSearchClient(createClient({ url: "http://127.0.0.1:8000" }));
const orders = [{ label: "Best", value: "products" }, { label: "Cheap", value: "products_price_asc" }];
const levels = [0, 1, 2].map((level) => `hierarchicalCategories.lvl${level}`);
const Hit = ({ hit }) => <p data-id={hit.objectID} data-price={hit.price}><Highlight attribute="name" hit={hit} /></p>;

createRoot(document.getElementById("app")).render(
  <InstantSearch indexName="products" searchClient={searchClient}>
    <Configure hitsPerPage={8} />
    <SearchBox />
    <Stats />
    <SortBy items={orders} />
    <CurrentRefinements />
    <ClearRefinements />
    <div id="brands"><RefinementList attribute="brand" limit={50} /></div>
    <div id="colors"><RefinementList attribute="attributes.color" limit={50} /></div>
    <div id="categories"><HierarchicalMenu attributes={levels} limit={50} /></div>
    <div id="range"><RangeInput attribute="price" /></div>
    <div id="stock"><ToggleRefinement attribute="in_stock" /></div>
    <Hits hitComponent={Hit} />
    <Pagination />
  </InstantSearch>,
);
