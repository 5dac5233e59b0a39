// The state of filters and order together, so that neither depends on which event arrives first. Runs before
// filters.js and sort.js, in their scope.
function choice() {
  const form = document.querySelector("#vt-filters .vt-filters");
  const checked = (name) => [...form.querySelectorAll(`input[name="${name}"]:checked`)].map((one) => one.value);
  const select = document.querySelector("#vt-sort select");
  window.vitrinaTurn = (window.vitrinaTurn ?? 0) + 1;
  return {
    turn: window.vitrinaTurn,
    ...(select && { sort: select.value }),
    ...(form && {
      filters: {
        categories: checked("category"),
        brands: checked("brand"),
        price: checked("price")[0] ?? "",
        in_stock: checked("stock").length > 0,
        attributes: [...form.querySelectorAll('input[name^="a."]:checked')].map((one) => [one.name.slice(2), one.value]),
      },
    }),
  };
}
