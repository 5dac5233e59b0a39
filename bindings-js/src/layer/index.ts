/**
 * The search layer. A shop's page needs one script and one element:
 *
 *     <script src="https://search.example.com/layer.js" async></script>
 *     <vitrina-search input="#search" key="vitrina_…"></vitrina-search>
 */
import { VitrinaSearch } from "./element.js";

if (!customElements.get("vitrina-search")) customElements.define("vitrina-search", VitrinaSearch);
