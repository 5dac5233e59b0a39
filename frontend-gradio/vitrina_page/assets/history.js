// The page's URL, and photos kept for as long as the tab is open, so that back and reload find them. Shared by the
// scripts of all components as `vitrina`; runs ahead of Gradio's scripts.
window.vitrina = {
  title: document.title,

  param: (name) => new URLSearchParams(location.search).get(name),

  // A query string without what is not part of a search, for comparison.
  listing(search) {
    const params = new URLSearchParams(search);
    for (const name of [...params.keys()]) {
      if (!["q", "category", "brand", "price", "stock", "sort", "ignore", "photo"].includes(name) && !name.startsWith("a.")) {
        params.delete(name);
      }
    }
    return params.toString();
  },

  // What the URL asks the server for.
  asked() {
    return { search: location.search, kept: vitrina.photo(vitrina.param("photo"))?.classified ?? null };
  },

  // The URL of a query string, in the language of this one.
  url(search, extra = {}) {
    const params = new URLSearchParams(search);
    for (const [name, value] of Object.entries({ lang: vitrina.param("lang"), ...extra })) {
      if (value) params.set(name, value);
      else params.delete(name);
    }
    const query = params.toString().replaceAll("%3A", ":");
    return `${location.pathname}${query && `?${query}`}`;
  },

  // Adds an entry to the history; the entry that it leaves remembers where the page was scrolled to.
  push(url, state = {}) {
    history.replaceState({ ...history.state, y: scrollY }, "");
    history.pushState(state, "", url);
  },

  photo(key) {
    try { return key && JSON.parse(sessionStorage.getItem(`vitrina-photo:${key}`)); } catch { return null; }
  },

  keepPhoto(key, photo) {
    const name = `vitrina-photo:${key}`;
    try {
      sessionStorage.setItem(name, JSON.stringify(photo));
    } catch {
      // Full: the newest photo matters most. A browser that stores nothing goes without.
      try {
        for (const old of Object.keys(sessionStorage)) if (old.startsWith("vitrina-photo:")) sessionStorage.removeItem(old);
        sessionStorage.setItem(name, JSON.stringify(photo));
      } catch {}
    }
  },
};
history.scrollRestoration = "manual";
// Not when the page is left: an entry cannot be changed once another page loads.
addEventListener("scrollend", () => history.replaceState({ ...history.state, y: scrollY }, ""));
