// The photo box. Gradio runs this once, with `element`, `props`, `trigger` and `upload` in scope, after device.js.
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

// The labels come and go with the photo; the box keeps its name, in the language that shows.
input.setAttribute("aria-label", box.querySelector(".vt-drop strong").innerText);

const spanish = () => /^(es|ca|gl|eu)\b/i.test(document.documentElement.lang || navigator.language);

function tell(value) {
  props.value = value;
  trigger("upload");
}

function show(file) {
  if (objectUrl) URL.revokeObjectURL(objectUrl);
  objectUrl = file ? URL.createObjectURL(file) : null;
  box.dataset.state = file ? "chosen" : "empty";
  box.dataset.readable = "yes";
  thumb.src = objectUrl || "data:,";
  thumb.alt = file ? (spanish() ? "Tu foto" : "Your photo") : "";
  preview.querySelector(".vt-file-name").textContent = file ? file.name : "";
}

// What the browser cannot show is shown by its name; whether it is a photo is the shop's to say.
thumb.addEventListener("error", () => { box.dataset.readable = "no"; });

// A newer photo, or none: what is under way for the old one does not matter any more.
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
  return onDevice.chosen ? recognise(file, mine) : deliver(file, mine);
}

async function recognise(file, mine) {
  box.dataset.state = "classifying";
  try {
    const recognised = await onDevice.recognise(file, leaving.signal);
    if (mine !== turn) return;
    box.dataset.state = "chosen";
    tell({ recognised, name: file.name });
  } catch (error) {
    if (mine !== turn) return;
    box.dataset.state = "chosen";
    if (error.kind === "unreadable") {
      onDevice.rest();
      return tell({ error: "unsupported" });
    }
    // Closed: the visitor switched it off meanwhile.
    if (error.kind !== "closed") {
      console.warn(error);
      onDevice.refuse();
    }
    // It was to stay here: only who chose it can send it.
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
      return tell({ error: "too_large" });
    }
    const { path } = await upload(smaller);
    if (mine !== turn) return;
    if (!path) throw new Error("no path");
    box.dataset.state = "chosen";
    tell({ path, name: file.name });
  } catch {
    if (mine !== turn) return;
    box.dataset.state = "chosen";
    tell({ error: "upload" });
  }
}

function clear() {
  next();
  show(null);
  props.value = null;
  trigger("clear");
}

send.addEventListener("click", () => {
  const file = waiting;
  deliver(file, next());
});

input.addEventListener("change", () => {
  const file = input.files[0];
  input.value = "";
  if (file) take(file);
});

box.querySelector(".vt-remove").addEventListener("click", () => { clear(); input.focus(); });

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

// The camera: a dialog with what it sees; phones offer theirs in the file chooser as well.
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
    return tell({ error: "camera" });
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
