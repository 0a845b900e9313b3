// Sliders over pictures. `ask(changes, answer)` is called with a list of [input, entry, place] and
// owes one answer, a state. While an answer is owed, further changes are gathered, the last for each
// input, so what is shown in the end is where the sliders stand.
function explorer(root, pictures, spec, ask) {
  keepKeys(root);
  const controls = element("div", { "data-role": "controls" });
  const check = element("p", { "data-live": "check", "aria-live": "polite", style: "margin:4px 0" });
  const note = element("p", { "data-live": "note", style: "margin:4px 0" });
  const stage = element("div", { "data-role": "pictures", style: "overflow-x:auto" }, ...pictures);
  const waiting = new Map();
  let owed = false;
  let asked = 0;
  let answers = 0;
  let apply;

  function send() {
    const lost = Date.now() - asked > 10000; // a kernel that was interrupted owes nothing any more
    if ((owed && !lost) || !waiting.size) return;
    owed = true;
    asked = Date.now();
    const changes = [...waiting.values()];
    waiting.clear();
    ask(changes, state => {
      owed = false;
      answers += 1;
      apply(state, key => waiting.size && /\.(slider|shown)$/.test(key));
      root.dataset.answers = answers;
      root.dataset.settled = waiting.size ? "no" : "yes";
      send();
    });
  }

  function want(key, entry, place) {
    root.dataset.settled = "no";
    waiting.delete(key); // so that the one moved last is the last in the list
    waiting.set(key, [key, entry, place]);
    send();
  }

  function control(input) {
    const slider = element("input", {
      type: "range", min: 0, max: input.places.length - 1, step: 1, "data-input": input.key,
      "data-live": `${input.key}.slider`, "aria-label": input.name, "aria-valuetext": input.shown,
      style: "width:260px;max-width:50%;vertical-align:middle;margin:0 8px",
    });
    const shown = element("output", { "data-live": `${input.key}.shown` }, input.shown);
    const name = element("code", {}, input.name);
    const row = element("div", { style: "padding:2px 0" }, name, " ");
    let picked = () => input.entry;
    const names = spec.frames ? input.entries.slice(0, spec.frames[input.key].length) : input.entries;
    if (input.entries.length > 1) {
      const options = names.map((text, k) => element("option", { value: k }, text));
      const entries = element("select", { "aria-label": `entry of ${input.name}` }, ...options);
      entries.value = input.entry;
      entries.addEventListener("change", () => want(input.key, Number(entries.value), null));
      picked = () => Number(entries.value);
      row.append(entries);
    }
    slider.addEventListener("input", () => {
      const text = input.places[slider.value];
      shown.textContent = text;
      slider.setAttribute("aria-valuetext", text);
      want(input.key, picked(), Number(slider.value));
    });
    row.append(slider, shown);
    return row;
  }

  // What nobody has given a value was drawn, and can be drawn again.
  function drawn() {
    const seed = element("input", { type: "number", min: 0, step: 1, value: spec.seed,
      "data-role": "seed", style: "width:5em;margin:0 8px" });
    seed.addEventListener("input", () => {
      const number = Math.floor(Number(seed.value));
      if (seed.value !== "" && number >= 0 && number < 2 ** 31) want("seed", number, null);
    });
    const names = spec.drawn.flatMap((name, k) => [k ? ", " : "", element("code", {}, name)]);
    return element("div", { style: "padding:2px 0" },
      element("label", {}, "seed", seed), "drawn from it: ", ...names);
  }

  controls.append(...spec.inputs.map(control));
  if (spec.drawn.length && !spec.frames) controls.append(drawn());
  root.prepend(controls, check, note, stage);
  apply = applier(root);
  apply(spec.state);
  root.dataset.settled = "yes";
}

// A view that carries the answers for every place of every slider needs nobody to ask.
function recorded(root) {
  const spec = ownData(root);
  const pictures = ownPictures(root);
  for (const still of root.querySelectorAll("[data-still]")) still.remove();
  explorer(root, pictures, spec, (changes, answer) => {
    const [key, entry, place] = changes[changes.length - 1];
    answer(unpacked(spec, spec.frames[key][entry][place ?? spec.begins[key][entry]]));
  });
}
