// Sliders over pictures. Each picture is put into the page once; from then on texts and attributes
// of its elements are changed, and no element is ever replaced.

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function inlined(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const picture = document.importNode(parsed, true);
  picture.setAttribute("style", "max-width:100%;height:auto;vertical-align:top;margin:4px 8px 4px 0");
  return picture;
}

// `ask(changes, answer)` is called with a list of [input, entry, place] and owes one answer, a
// state. While an answer is owed, further changes are gathered, the last for each input, so what is
// shown in the end is where the sliders stand.
function explorer(root, pictures, spec, ask) {
  root.addEventListener("keydown", event => event.stopPropagation());
  root.dataset.lmSuppressShortcuts = "true";
  const controls = element("div", { "data-role": "controls" });
  const check = element("p", { "data-live": "check", "aria-live": "polite", style: "margin:4px 0" });
  const note = element("p", { "data-live": "note", style: "margin:4px 0" });
  const stage = element("div", { "data-role": "pictures" }, ...pictures);
  const elements = new Map();
  const waiting = new Map();
  let owed = false;
  let answers = 0;

  function apply(state) {
    for (const [key, part] of Object.entries(state)) {
      const changed = elements.get(key);
      if (!changed || (waiting.size && key.endsWith(".slider"))) continue;
      for (const [name, value] of Object.entries(part)) {
        if (name === "text") changed.textContent = value;
        else if (name === "value") changed.value = value;
        else changed.setAttribute(name, value);
      }
    }
  }

  function send() {
    if (owed || !waiting.size) return;
    owed = true;
    const changes = [...waiting.values()];
    waiting.clear();
    ask(changes, state => {
      owed = false;
      answers += 1;
      apply(state);
      root.dataset.answers = answers;
      root.dataset.settled = waiting.size ? "no" : "yes";
      send();
    });
  }

  function want(key, entry, place) {
    root.dataset.settled = "no";
    waiting.set(key, [key, entry, place]);
    send();
  }

  for (const input of spec.inputs) {
    const slider = element("input", {
      type: "range", min: 0, max: input.places.length - 1, step: 1, "data-input": input.key,
      "data-live": `${input.key}.slider`, "aria-label": input.name, "aria-valuetext": input.shown,
      style: "width:260px;vertical-align:middle;margin:0 8px",
    });
    slider.value = input.place;
    const shown = element("output", { "data-live": `${input.key}.shown` }, input.shown);
    const name = element("code", {}, input.name);
    const label = element("label", { style: "display:block;padding:2px 0" }, name, " ");
    let picked = () => input.entry;
    if (input.entries.length > 1) {
      const options = input.entries.map((text, k) => element("option", { value: k }, text));
      const entries = element("select", { "aria-label": `entry of ${input.name}` }, ...options);
      entries.value = input.entry;
      entries.addEventListener("change", () => want(input.key, Number(entries.value), null));
      picked = () => Number(entries.value);
      label.append(entries);
    }
    slider.addEventListener("input", () => {
      const text = input.places[slider.value];
      shown.textContent = text;
      slider.setAttribute("aria-valuetext", text);
      want(input.key, picked(), Number(slider.value));
    });
    label.append(slider, shown);
    controls.append(label);
  }
  root.prepend(controls, check, note, stage);
  for (const each of root.querySelectorAll("[data-live]")) elements.set(each.dataset.live, each);
  apply(spec.state);
  root.dataset.settled = "yes";
}

// A view that carries the answers for every place of every slider needs nobody to ask: `frames` has,
// for each slider, numbers of `strings` in the order of `varying`.
function recorded(root) {
  const spec = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  const images = [...root.querySelectorAll("img[data-role=picture]")];
  const pictures = images.map(image => {
    const bytes = Uint8Array.from(atob(image.src.split(",")[1]), letter => letter.charCodeAt(0));
    return inlined(new TextDecoder().decode(bytes));
  });
  for (const still of root.querySelectorAll("[data-still]")) still.remove();
  explorer(root, pictures, spec, (changes, answer) => {
    const [key, , place] = changes[changes.length - 1];
    const state = {};
    spec.varying.forEach(([part, name], index) => {
      (state[part] ??= {})[name] = spec.strings[spec.frames[key][place][index]];
    });
    answer(state);
  });
}
