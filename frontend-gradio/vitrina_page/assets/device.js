// Classification on the visitor's device. Runs before photo.js and in its scope, which uses `onDevice`.
const deviceBox = element.querySelector(".vt-device");
const deviceSwitch = deviceBox.querySelector("input");
const deviceReport = element.querySelector(".vt-device-report");
const deviceBar = deviceReport.querySelector("progress");
const KEPT = "vitrina-on-device";
let module = null;
let opening = null;

// The module with the classifier, loaded when first needed.
function load() {
  module ??= import(new URL("browser/vitrina.js", document.baseURI).href);
  module.catch(() => { module = null; });
  return module;
}

const onDevice = {
  get there() { return !deviceBox.hidden; },
  get chosen() { return this.there && deviceSwitch.checked; },

  // A photo's labels and embedding, in the form that the shop takes. Rejects where the photo is unreadable or the browser
  // cannot classify.
  async classify(file, signal) {
    const [{ predictionRequest }, classifier] = await Promise.all([load(), openClassifier()]);
    setDevice("classifying");
    const classified = await classifier.classify(file, { signal });
    setDevice("done");
    return predictionRequest(classified);
  },

  // The photo made small enough to travel lightly, or as it is.
  async shrink(file) {
    if (!this.there) return file;
    return load().then(({ shrink }) => shrink(file), () => file);
  },

  // This device cannot classify: switches back and shows why.
  refuse() {
    closeClassifier();
    deviceSwitch.checked = false;
    keep(false);
    setDevice("refused");
  },

  // Nothing is being classified any more.
  rest() {
    if (deviceBox.dataset.device !== "loading") setDevice(deviceSwitch.checked ? "ready" : "off");
  },
};

function setDevice(state) {
  deviceBox.dataset.device = state;
  deviceReport.dataset.device = state;
}

function openClassifier() {
  opening ??= load().then(({ createClassifier }) => {
    setDevice("loading");
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
  // A browser without storage forgets the choice.
  try { chosen ? localStorage.setItem(KEPT, "yes") : localStorage.removeItem(KEPT); } catch {}
}

// Loads the classifier before there is a photo, so that the first one does not wait for it.
function prepare() {
  const mine = openClassifier();
  mine.then(
    () => { if (deviceBox.dataset.device === "loading") setDevice("ready"); },
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
  setDevice("off");
});
try {
  if (onDevice.there && localStorage.getItem(KEPT)) {
    deviceSwitch.checked = true;
    prepare();
  }
} catch {}
