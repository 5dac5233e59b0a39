// Photos to try. Runs after photo.js and in its scope: `take` is what it does with them.
const examples = box.querySelector(".vt-examples");

const nameOf = ({ name, translations }) => translations[document.documentElement.lang] ?? name;

async function tryExample(one) {
  const photo = await fetch(one.source).then((answer) => (answer.ok ? answer.blob() : null), () => null);
  if (photo) take(new File([photo], `${nameOf(one)}.jpg`, { type: photo.type }));
}

function example(one) {
  const item = document.createElement("li");
  item.innerHTML = '<button type="button"><img alt="" width="52" height="52" loading="lazy" decoding="async"></button>';
  item.querySelector("img").src = one.source;
  item.querySelector("img").alt = nameOf(one);
  item.querySelector("button").addEventListener("click", () => tryExample(one));
  return item;
}

fetch("examples").then((answer) => answer.json()).then(({ examples: found }) => {
  examples.querySelector("ul").replaceChildren(...found.map(example));
  examples.hidden = found.length === 0;
}, () => {});
