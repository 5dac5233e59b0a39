// A search box that a framework draws late, and draws anew while one types.
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

function Shop() {
  const [text, setText] = useState("");
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setReady(true), 300);
    return () => clearTimeout(timer);
  }, []);
  if (!isReady) return <p>…</p>;
  return (
    <>
      <h1>Una tienda</h1>
      <input id="search" type="search" aria-label="Buscar" value={text} onChange={(event) => setText(event.target.value)} />
    </>
  );
}
createRoot(document.getElementById("app")).render(<Shop />);
