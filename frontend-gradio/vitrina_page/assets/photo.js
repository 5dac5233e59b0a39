// The photo box. Gradio runs this once, with `element`, `props`, `trigger` and `upload` in scope, after device.js.
const sheet = element.querySelector(".vt-photo-sheet");
const box = element.querySelector(".vt-photo");
const input = box.querySelector(".vt-file");
const preview = box.querySelector(".vt-preview");
const thumb = box.querySelector(".vt-thumb");
const dialog = box.querySelector(".vt-camera");
const video = dialog.querySelector("video");
const send = box.querySelector(".vt-send");
const maxBytes = Number(box.dataset.maxBytes);
let turn = 0;
let leaving = null;
let waiting = null;
let objectUrl = null;
let stream = null;
// The key of the photo in the URL, once it has one.
let photoKey = null;

// The labels come and go with the photo; the box keeps its name, in the language that shows.
input.setAttribute("aria-label", box.querySelector(".vt-drop strong").innerText);

const spanish = () => document.documentElement.lang === "es";

function report(value) {
  props.value = value;
  trigger("upload");
}

function show(file) {
  if (objectUrl) URL.revokeObjectURL(objectUrl);
  objectUrl = file ? URL.createObjectURL(file) : null;
  photoKey = null;
  draw(objectUrl, file?.name);
}

function draw(picture, name = null) {
  const chosen = name !== null;
  box.dataset.state = chosen ? "chosen" : "empty";
  box.dataset.readable = chosen && !picture ? "no" : "yes";
  thumb.src = picture || "data:,";
  thumb.alt = chosen ? (spanish() ? "Tu foto" : "Your photo") : "";
  preview.querySelector(".vt-file-name").textContent = name ?? "";
  if (chosen) sheet.hidePopover?.();
}

// A file that the browser cannot show is shown by its name; the shop decides whether it is a photo.
thumb.addEventListener("error", () => { box.dataset.readable = "no"; });

// A newer photo, or none: cancels the work on the old one.
function next() {
  leaving?.abort();
  leaving = new AbortController();
  waiting = null;
  send.hidden = true;
  onDevice.rest();
  return ++turn;
}

function take(file) {
  const mine = next();
  show(file);
  return onDevice.chosen ? classify(file, mine) : deliver(file, mine);
}

async function classify(file, mine) {
  box.dataset.state = "classifying";
  try {
    const classified = await onDevice.classify(file, leaving.signal);
    if (mine !== turn) return;
    box.dataset.state = "chosen";
    report({ classified, name: file.name });
  } catch (error) {
    if (mine !== turn) return;
    box.dataset.state = "chosen";
    if (error.kind === "unreadable") {
      onDevice.rest();
      return report({ error: "unsupported" });
    }
    // Closed: the visitor switched it off meanwhile.
    if (error.kind !== "closed") {
      console.warn(error);
      onDevice.refuse();
    }
    // The visitor chose not to send it, so only they can send it after all.
    waiting = file;
    send.hidden = false;
  }
}

async function deliver(file, mine) {
  box.dataset.state = "sending";
  try {
    const smaller = await onDevice.shrink(file);
    if (mine !== turn) return;
    if (smaller.size > maxBytes) {
      box.dataset.state = "chosen";
      return report({ error: "too_large" });
    }
    const { path } = await upload(smaller);
    if (mine !== turn) return;
    if (!path) throw new Error("no path");
    box.dataset.state = "chosen";
    report({ path, name: file.name });
  } catch {
    if (mine !== turn) return;
    box.dataset.state = "chosen";
    report({ error: "upload" });
  }
}

function clear() {
  next();
  show(null);
  props.value = null;
  trigger("clear");
}

// The search has a URL now: what it takes to show it again is kept in the tab.
document.addEventListener("vitrina-photo", ({ detail: key }) => {
  if (key === photoKey || box.dataset.state === "empty") return;
  photoKey = key;
  vitrina.keepPhoto(key, { picture: small(), name: preview.querySelector(".vt-file-name").textContent, classified: props.value?.classified });
});

// The photo as a small data URL; none where the browser cannot show it.
function small() {
  if (!thumb.naturalWidth || thumb.naturalWidth < 2) return null;
  const scale = Math.min(1, 480 / Math.max(thumb.naturalWidth, thumb.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(thumb.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(thumb.naturalHeight * scale));
  canvas.getContext("2d").drawImage(thumb, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.8);
}

// Shows the photo that the URL names, after loading the page or going back.
function followUrl() {
  const key = vitrina.param("photo");
  if (key === photoKey) return;
  next();
  show(null);
  photoKey = key;
  const kept = vitrina.photo(key);
  const local = key?.startsWith("local-");
  // A photo that stayed on another device cannot be shown or searched here.
  if (!key || (local && !kept)) {
    props.value = null;
    return;
  }
  draw(kept?.picture, kept?.name ?? box.dataset[spanish() ? "keptEs" : "keptEn"]);
  props.value = local ? { classified: kept.classified, name: kept.name } : { task: key };
}
addEventListener("popstate", followUrl);
followUrl();

send.addEventListener("click", () => {
  const file = waiting;
  deliver(file, next());
});

input.addEventListener("change", () => {
  const file = input.files[0];
  input.value = "";
  if (file) take(file);
});

box.querySelector(".vt-remove").addEventListener("click", () => {
  clear();
  // On a phone the box is closed; its opener is in the search bar.
  (document.querySelector(".vt-open-photo")?.offsetParent ? document.querySelector(".vt-open-photo") : input).focus();
});

// Dropping and pasting work anywhere on the page.
const carriesFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
let depth = 0;
document.addEventListener("dragenter", (event) => {
  if (!carriesFile(event)) return;
  depth += 1;
  box.classList.add("vt-dragging");
});
document.addEventListener("dragleave", (event) => {
  if (!carriesFile(event)) return;
  depth = Math.max(0, depth - 1);
  if (depth === 0) box.classList.remove("vt-dragging");
});
document.addEventListener("dragover", (event) => { if (carriesFile(event)) event.preventDefault(); });
document.addEventListener("drop", (event) => {
  if (!carriesFile(event)) return;
  event.preventDefault();
  depth = 0;
  box.classList.remove("vt-dragging");
  const file = event.dataTransfer.files[0];
  if (file) take(file);
});
document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])][0];
  if (!file) return;
  event.preventDefault();
  take(file);
});

// The camera, in a dialog; phones offer theirs in the file chooser as well.
function stopCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  if (dialog.open) dialog.close();
}

box.querySelector(".vt-use-camera").addEventListener("click", async () => {
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 960 } },
    });
  } catch {
    return report({ error: "camera" });
  }
  video.srcObject = stream;
  dialog.showModal();
  video.play().catch(() => {});
});
dialog.addEventListener("close", stopCamera);
dialog.querySelector(".vt-cancel").addEventListener("click", stopCamera);
dialog.querySelector(".vt-shoot").addEventListener("click", () => {
  if (!video.videoWidth) return;
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob((blob) => {
    stopCamera();
    if (blob) take(new File([blob], "camera.jpg", { type: "image/jpeg" }));
  }, "image/jpeg", 0.9);
});
