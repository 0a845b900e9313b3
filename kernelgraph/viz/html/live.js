// What views that change have in common: pictures are put into the page once; from then on texts and
// attributes of their elements are changed, and no element is ever replaced.

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function inlined(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const picture = document.importNode(parsed, true);
  picture.setAttribute("class", "mathjax_ignore tex2jax_ignore"); // names are no formulas
  const most = Number(picture.getAttribute("width")) > 1200 ? "none" : "100%"; // then it scrolls
  picture.setAttribute("style",
    `max-width:${most};height:auto;vertical-align:top;margin:4px 8px 4px 0`);
  return picture;
}

// The pictures of a static view, which are data of images there, as elements of the page.
function ownPictures(root) {
  return [...root.querySelectorAll("img[data-role=picture]")].map(image => {
    const bytes = Uint8Array.from(atob(image.src.split(",")[1]), letter => letter.charCodeAt(0));
    return inlined(new TextDecoder().decode(bytes));
  });
}

function ownData(root) {
  return JSON.parse(root.querySelector('script[type="application/json"]').textContent);
}

// A recorded state: for each entry of `varying` the number of its text among `strings`.
function unpacked(spec, frame) {
  const state = {};
  spec.varying.forEach(([part, name], index) => {
    (state[part] ??= {})[name] = spec.strings[frame[index]];
  });
  return state;
}

function applier(root) {
  const elements = new Map();
  for (const each of root.querySelectorAll("[data-live]")) elements.set(each.dataset.live, each);
  return (state, leaveOut = () => false) => {
    for (const [key, part] of Object.entries(state)) {
      const changed = elements.get(key);
      if (!changed || leaveOut(key)) continue;
      for (const [name, value] of Object.entries(part)) {
        if (name === "text") changed.textContent = value;
        else if (name === "value") changed.value = value;
        else changed.setAttribute(name, value);
      }
    }
  };
}

// Keys that are pressed in a view are not meant for the notebook around it.
function keepKeys(root, pressed = () => {}) {
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.addEventListener("keydown", event => {
    event.stopPropagation();
    pressed(event);
  });
}
