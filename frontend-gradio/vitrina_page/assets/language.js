// Switches the language. Gradio runs this once, with `element` in scope; head and server read the cookie.
element.querySelector(".vt-language").addEventListener("click", () => {
  const other = document.documentElement.lang === "es" ? "en" : "es";
  document.cookie = `vitrina_language=${other}; path=/; max-age=31536000; samesite=lax`;
  const params = new URLSearchParams(location.search);
  params.set("lang", other);
  location.search = params.toString();
});
