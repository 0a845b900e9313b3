// One step of the walk at a time: the picture as it is there, and the section that tells of it.
function walk(root) {
  const spec = ownData(root);
  const pictures = ownPictures(root);
  const sections = [...root.querySelectorAll("[data-step]")];
  for (const still of root.querySelectorAll("[data-still]")) still.remove();
  const last = sections.length - 1;
  let step = 0;

  const said = element("span", { "aria-live": "polite", style: "margin-left:8px" });
  const moves = [["|◀", "first", () => 0], ["◀", "back", () => step - 1],
                 ["▶", "next", () => step + 1], ["▶|", "last", () => last]];
  const buttons = moves.map(([sign, name, where]) => {
    const button = element("button", { type: "button", "aria-label": `${name} step`,
      style: "min-width:2.6em;margin-right:4px" }, sign);
    button.addEventListener("click", () => show(where()));
    return button;
  });
  const bar = element("div", { role: "group", "aria-label": "steps", style: "margin:4px 0" },
                      ...buttons, said);
  const stage = element("div", { "data-role": "pictures", style: "overflow-x:auto" }, ...pictures);
  root.prepend(bar, ...sections, stage);
  const apply = applier(root);

  function show(wanted) {
    step = Math.min(Math.max(wanted, 0), last);
    sections.forEach((section, k) => {
      section.style.display = k === step ? "" : "none";
      section.open = k === step;
      section.style.minHeight = "9em"; // so that the picture below stays where it is
    });
    apply(unpacked(spec, spec.frames[step]));
    root.dataset.at = step;
    said.textContent = step ? `step ${step} of ${last}` : "start";
  }

  const keys = { ArrowLeft: 1, ArrowRight: 2, Home: 0, End: 3 };
  keepKeys(root, event => {
    if (!(event.key in keys)) return;
    event.preventDefault();
    show(moves[keys[event.key]][2]());
  });
  root.tabIndex = 0;
  show(0);
}
