// Classification on the visitor's device. Runs before photo.js and in its scope: `onDevice` is what that one asks.
const deviceBox = element.querySelector(".vt-device");
const deviceSwitch = deviceBox.querySelector("input");
const deviceBar = deviceBox.querySelector("progress");
const KEPT = "vitrina-on-device";
let module = null;
let opening = null;

// The module with the classifier; asked for when first needed.
function vitrina() {
  module ??= import(new URL("browser/vitrina.js", document.baseURI).href);
  module.catch(() => { module = null; });
  return module;
}

const onDevice = {
  get there() { return !deviceBox.hidden; },
  get chosen() { return this.there && deviceSwitch.checked; },

  // What a photo shows, in the form that the shop takes. Rejects where the photo or this browser will not do.
  async recognise(file, signal) {
    const [{ predictionRequest }, classifier] = await Promise.all([vitrina(), openClassifier()]);
    tellDevice("classifying");
    const recognition = await classifier.classify(file, { signal });
    tellDevice("done");
    return predictionRequest(recognition);
  },

  // The photo made small enough to travel lightly, or as it is.
  async shrink(file) {
    if (!this.there) return file;
    return vitrina().then(({ shrink }) => shrink(file), () => file);
  },

  // This device cannot: the switch goes back, and says so.
  refuse() {
    closeClassifier();
    deviceSwitch.checked = false;
    keep(false);
    tellDevice("refused");
  },

  // Nothing is being classified any more.
  rest() {
    if (deviceBox.dataset.device !== "loading") tellDevice(deviceSwitch.checked ? "ready" : "off");
  },
};

function tellDevice(state) { deviceBox.dataset.device = state; }

function openClassifier() {
  opening ??= vitrina().then(({ createClassifier }) => {
    tellDevice("loading");
    deviceBar.value = 0;
    return createClassifier({ onProgress: ({ loaded, total }) => { deviceBar.value = loaded / total; } });
  });
  return opening;
}

function closeClassifier() {
  opening?.then((classifier) => classifier.close(), () => {});
  opening = null;
}

function keep(chosen) {
  // A browser that keeps nothing forgets the choice, and that is all.
  try { chosen ? localStorage.setItem(KEPT, "yes") : localStorage.removeItem(KEPT); } catch {}
}

// Gets the classifier ready before there is a photo, so that the first one need not wait for it.
function prepare() {
  const mine = openClassifier();
  mine.then(
    () => { if (deviceBox.dataset.device === "loading") tellDevice("ready"); },
    (error) => {
      if (mine !== opening) return;
      console.warn(error);
      onDevice.refuse();
    },
  );
}

deviceSwitch.addEventListener("change", () => {
  keep(deviceSwitch.checked);
  if (deviceSwitch.checked) return prepare();
  closeClassifier();
  tellDevice("off");
});
try {
  if (onDevice.there && localStorage.getItem(KEPT)) {
    deviceSwitch.checked = true;
    prepare();
  }
} catch {}
