// Turns the sections of a stepper into one section that the reader steps through. `gallery` makes
// its pictures.
(root, data, gallery) => {
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.append(...children);
    return element;
  };

  // The sections, in the order of time; each becomes a block of its own.
  const own = (selector) => [...root.querySelectorAll(selector)]
    .filter((found) => found.closest("[data-kg=stepper]") === root);
  const frames = own("details[data-frame]")
    .sort((a, b) => a.dataset.frame - b.dataset.frame)
    .map((section) => {
      section.querySelectorAll("[data-picture]").forEach((picture) => picture.remove());
      const block = make("div", { class: "kg-words" });
      block.append(...[...section.children].slice(1));
      section.remove();
      const formula = [...block.querySelectorAll("[data-formula]")].map((f) => f.textContent);
      return { ...section.dataset, block, formula: formula.join("; "), index: +section.dataset.frame };
    });
  own("[data-static]").forEach((note) => note.remove());

  // Controls.
  const style = make("style", {}, data.css);
  const status = make("p", { class: "kg-status", "aria-live": "polite" });
  const button = (label, hint, go) => {
    const made = make("button", { type: "button", title: hint }, label);
    made.addEventListener("click", go);
    return made;
  };
  const start = button("|◀ Start", "the expression as written (Home)", () => show(0));
  const undo = button("◀ Undo", "one step back (arrow left)", () => move(-1));
  const next = button("Next ▶", "one step on (arrow right)", () => move(1));
  const end = button("End ▶|", "the last step (End)", () => show(listed().length - 1));
  const whole = button("Whole graph", "fit the pictures into the view", () => {
    const fits = root.classList.toggle("kg-fit");
    whole.setAttribute("aria-pressed", fits);
    show(listed().indexOf(now));
  });
  whole.setAttribute("aria-pressed", "false");
  const filter = make("input", { type: "search", placeholder: "filter by rule" });
  filter.setAttribute("aria-label", "filter the steps by the name of their rule");
  filter.value = data.filter;
  const only = make("input", { type: "checkbox" });
  only.checked = !data.all;
  const kept = make("span", {});
  const list = make("ol", { class: "kg-list", "aria-label": "steps" });
  const words = make("div", {});

  const pictures = data.chapters && gallery(root, data, make);

  // Stepping.
  let now = frames[0];
  const listed = () => frames.filter((frame) => frame.index === 0 || !only.checked || frame.idle === undefined);
  const found = (frame) => {
    const text = filter.value.trim().toLowerCase();
    return frame.index === 0 || `${frame.rule} ${frame.phase || ""}`.toLowerCase().includes(text);
  };
  const move = (by) => {
    const all = listed();
    let k = all.indexOf(now) + by;
    while (all[k] && !found(all[k])) k += by;
    if (all[k]) show(k);
  };
  const show = (position) => {
    const all = listed();
    now = all[position];
    root.dataset.step = position;
    root.dataset.steps = all.length - 1;
    status.textContent = `step ${position} of ${all.length - 1}: ${now.rule}, ${now.sizes}`;
    words.replaceChildren(now.block);
    if (pictures) pictures.paint(now, frames[frames.indexOf(now) - 1]);
    for (const item of list.children) {
      const current = item.frame === now;
      if (current) item.firstChild.setAttribute("aria-current", "step");
      else item.firstChild.removeAttribute("aria-current");
      if (current) {
        const low = item.offsetTop + item.offsetHeight - list.clientHeight;
        list.scrollTop = Math.min(item.offsetTop, Math.max(list.scrollTop, low));
      }
    }
    [start, undo].forEach((b) => b.setAttribute("aria-disabled", position === 0));
    [next, end].forEach((b) => b.setAttribute("aria-disabled", position === all.length - 1));
  };
  const fill = () => {
    const all = listed();
    list.replaceChildren(...all.filter(found).map((frame) => {
      const item = make("li", { "data-listed": frame.rule });
      const pick = button("", frame.sizes, () => show(listed().indexOf(frame)));
      pick.append(make("b", {}, `${all.indexOf(frame)}`), make("span", {}, frame.rule), make("small", {}, frame.short));
      item.frame = frame;
      item.append(pick);
      return item;
    }));
    kept.textContent = `only steps that change${only.checked ? ` (${data.hidden})` : ""}`;
    show(Math.max(0, all.indexOf(now)));
  };
  filter.addEventListener("input", fill);
  only.addEventListener("change", fill);

  // No key pressed in here may reach the notebook: there "x" cuts the cell, "d d" deletes it.
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" && event.key !== "Escape") event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target === filter) return;
    const go = { ArrowLeft: () => move(-1), ArrowRight: () => move(1), Home: () => show(0), End: () => show(listed().length - 1) };
    if (!Object.hasOwn(go, event.key)) return;
    event.preventDefault();
    go[event.key]();
  });

  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", `the steps of ${data.name}; arrow keys step`);
  const bar = make("div", { class: "kg-bar mathjax_ignore tex2jax_ignore" }, start, undo, next, end, status, ...(pictures ? [whole] : []));
  const side = make("div", { class: "kg-side mathjax_ignore tex2jax_ignore" }, filter, make("label", {}, only, kept), list);
  const main = make("div", { class: "kg-main" }, side, make("div", { class: "kg-view" }, words, ...(pictures ? [pictures.element] : [])));
  const headline = root.firstElementChild;
  root.prepend(style);
  headline.after(bar, main);
  fill();
}
