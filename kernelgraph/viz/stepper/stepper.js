// Turns the sections of a stepper into one section that the reader steps through.
(root, data) => {
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.append(...children);
    return element;
  };

  // The sections, in the order of time; each becomes a block of its own.
  const frames = [...root.querySelectorAll("details[data-frame]")]
    .sort((a, b) => a.dataset.frame - b.dataset.frame)
    .map((section) => {
      section.querySelectorAll("[data-picture]").forEach((picture) => picture.remove());
      const block = make("div", { class: "kg-words" });
      block.append(...[...section.children].slice(1));
      section.remove();
      const formula = [...block.querySelectorAll("[data-formula]")].map((f) => f.textContent);
      return { ...section.dataset, block, formula: formula.join("; "), index: +section.dataset.frame };
    });
  root.querySelectorAll("[data-static]").forEach((note) => note.remove());

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

  // Two pictures of the same places, one before the step and one after it.
  const chapters = data.chapters || [];
  const pane = () => {
    const [title, scroller] = [make("figcaption", {}), make("div", { class: "kg-scroll" })];
    return { title, scroller, figure: make("figure", {}, title, scroller), marked: [] };
  };
  const panes = chapters.length ? [pane(), pane()] : [];
  const pictures = make("div", { class: "kg-panes mathjax_ignore tex2jax_ignore" }, ...panes.map((p) => p.figure));
  panes.forEach((one, k) => one.scroller.addEventListener("scroll", () => {
    const other = panes[1 - k].scroller;
    for (const side of ["scrollTop", "scrollLeft"]) {
      if (Math.abs(other[side] - one.scroller[side]) > 1) other[side] = one.scroller[side];
    }
  }));
  let chapter;
  const build = (one) => {
    if (one.built) return;
    const holder = make("div", {});
    holder.innerHTML = one.svg;
    const first = holder.firstElementChild;
    one.built = [first, first.cloneNode(true)].map((svg) => {
      const [edges, boxes] = [...svg.children].slice(-2).map((group) => [...group.children]);
      return { svg, edges, boxes };
    });
  };
  const turnTo = (wanted) => {
    if (chapter === wanted) return;
    chapter = wanted;
    pictures.classList.toggle("kg-wide", chapter.width > 430);
    pictures.style.setProperty("--kg-width", `${chapter.width}px`);
    build(chapter);
    panes.forEach((one, k) => {
      unmark(one);
      Object.assign(one, chapter.built[k]);
      one.scroller.replaceChildren(one.svg);
    });
    const after = chapters[chapters.indexOf(chapter) + 1];
    if (after) setTimeout(() => build(after), 300);
  };

  // Which boxes and edges each frame of a chapter shows.
  for (const one of chapters) {
    const shown = one.shown = [];
    for (const [boxOn, boxOff, edgeOn, edgeOff] of one.frames) {
      const [boxes, edges] = (shown.at(-1) || [[], []]).map((set) => new Set(set));
      boxOff.forEach((k) => boxes.delete(k));
      boxOn.forEach((k) => boxes.add(k));
      edgeOff.forEach((k) => edges.delete(k));
      edgeOn.forEach((k) => edges.add(k));
      shown.push([boxes, edges]);
    }
  }

  const mark = (one, k, kind) => {
    const box = one.boxes[k];
    const [stroke, width, dashes, sign] = data.marks[kind];
    box.dataset.mark = kind;
    box.setAttribute("stroke", stroke);
    box.setAttribute("stroke-width", width);
    if (dashes) box.setAttribute("stroke-dasharray", dashes);
    box.lastElementChild.setAttribute("transform", "translate(7)");
    const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
    const [x, y, wide] = chapter.at[k];
    const look = { x: x - wide / 2 + 9, y: y + 5, fill: stroke, stroke: "none", "font-weight": "bold", "font-size": 15 };
    for (const name in look) text.setAttribute(name, look[name]);
    text.textContent = sign;
    box.insertBefore(text, box.lastElementChild);
    one.marked.push([box, text]);
  };
  const unmark = (one) => {
    for (const [box, text] of one.marked) {
      text.remove();
      ["data-mark", "stroke", "stroke-width", "stroke-dasharray"].forEach((n) => box.removeAttribute(n));
      box.lastElementChild.removeAttribute("transform");
    }
    one.marked = [];
  };
  const draw = (one, caption, frame, marks) => {
    const [boxes, edges] = chapter.shown[frame.index - chapter.first];
    one.boxes.forEach((box, k) => { box.style.display = boxes.has(k) ? "" : "none"; });
    one.edges.forEach((edge, k) => { edge.style.display = edges.has(k) ? "" : "none"; });
    unmark(one);
    for (const [kind, list] of marks) list.forEach((k) => mark(one, k, kind));
    one.svg.setAttribute("aria-label", `${caption}: ${frame.formula}`);
    one.title.textContent = caption;
  };
  const paint = (frame) => {
    if (!panes.length) return;
    const first = frame.index === 0;
    turnTo(first ? chapters[0] : chapters.findLast((one) => one.first < frame.index));
    const [boxOn, boxOff, edgeOn, edgeOff, before, after] = chapter.frames[frame.index - chapter.first];
    const fresh = first ? [] : boxOn.filter((k) => !after.includes(k));
    const gone = boxOff.filter((k) => !before.includes(k));
    const moved = !first && boxOff.length + edgeOn.length + edgeOff.length + before.length > 0;
    panes[0].figure.hidden = !moved;
    draw(panes[1], first ? "as written" : moved ? "after" : "planned", frame, [["added", fresh], ["changed", after]]);
    if (moved) {
      const old = frames.find((one) => one.index === frame.index - 1);
      draw(panes[0], "before", old, [["removed", gone], ["changed", before]]);
    }
    const seen = [...fresh, ...gone, ...after, ...before].map((k) => chapter.at[k]);
    if (!seen.length) return;
    const middle = (axis) => (Math.min(...seen.map((p) => p[axis])) + Math.max(...seen.map((p) => p[axis]))) / 2;
    const { scroller, svg } = panes[1];
    const scale = svg.clientWidth / chapter.width;
    scroller.scrollTo(middle(0) * scale - scroller.clientWidth / 2, middle(1) * scale - scroller.clientHeight / 2);
  };

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
    paint(now);
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
  const bar = make("div", { class: "kg-bar mathjax_ignore tex2jax_ignore" }, start, undo, next, end, status, ...(panes.length ? [whole] : []));
  const side = make("div", { class: "kg-side mathjax_ignore tex2jax_ignore" }, filter, make("label", {}, only, kept), list);
  const main = make("div", { class: "kg-main" }, side, make("div", { class: "kg-view" }, words, pictures));
  const headline = root.firstElementChild;
  root.prepend(style);
  headline.after(bar, main);
  fill();
}
