// Joins the listings of a function with its picture: a node leads to its lines, a line to its nodes.
(root) => {
  const all = (selector, within = root) => [...within.querySelectorAll(selector)];
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.append(...children);
    return element;
  };
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  // No name is a formula.
  root.classList.add("kg-live", "mathjax_ignore", "tex2jax_ignore");
  all("[data-static]").forEach((note) => note.remove());
  root.addEventListener("keydown", (event) => event.stopPropagation());

  // The picture becomes part of the page, so that its boxes can be pointed at.
  const image = root.querySelector("[data-picture] img");
  if (image) {
    const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (c) => c.charCodeAt(0));
    const text = new TextDecoder().decode(bytes);
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const drawing = document.importNode(parsed, true);
    drawing.setAttribute("role", "group");
    drawing.setAttribute("aria-label", image.alt);
    image.parentNode.replaceWith(drawing);
  }
  const picture = root.querySelector("[data-picture]");
  const boxes = all("[data-picture] [data-node^=n]");
  const lines = all("[data-line][data-nodes]");
  const nodesOf = (line) => line.dataset.nodes.split(" ");
  const status = make("p", { class: "kg-status", "aria-live": "polite" });
  const hint = "Choose a box to find its lines; choose a line to find its boxes.";
  status.textContent = hint;

  // Tabs, instead of sections one below the other.
  const panels = all("details[data-tab]");
  const tabs = panels.map((panel) =>
    make("button", { type: "button", role: "tab" }, panel.dataset.title));
  const bar = make("div", { class: "kg-tabs", role: "tablist", "aria-label": "languages" });
  const copy = make("button", { type: "button", class: "kg-copy" }, "Copy");
  const front = () => panels.find((panel) => panel.open) || panels[0];
  const open = (chosen) => {
    panels.forEach((panel, k) => {
      panel.open = panel === chosen;
      tabs[k].setAttribute("aria-selected", panel.open);
      tabs[k].tabIndex = panel.open ? 0 : -1;
    });
    root.dataset.front = chosen.dataset.tab;
    copy.textContent = "Copy";
    copy.title = `Copy the whole text: ${chosen.dataset.title}`;
    const on = chosen.querySelector(".kg-on");
    if (on) reveal(on, on.closest("pre"));
  };
  const step = (event, items, onward, back) => {
    const at = items.indexOf(event.currentTarget);
    const to = { [onward]: at + 1, [back]: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined) return null;
    event.preventDefault();
    return items[Math.max(0, Math.min(items.length - 1, to))];
  };
  tabs.forEach((tab, k) => {
    tab.addEventListener("click", () => open(panels[k]));
    tab.addEventListener("keydown", (event) => {
      const next = step(event, tabs, "ArrowRight", "ArrowLeft");
      if (next) { open(panels[tabs.indexOf(next)]); next.focus(); }
    });
  });
  copy.addEventListener("click", () => {
    const text = all("[data-text], [data-line]", front()).map((part) =>
      [...part.childNodes].slice("line" in part.dataset ? 1 : 0).map((one) => one.textContent).join("")).join("");
    const say = () => { copy.textContent = "Copied"; };
    const byHand = () => {
      const field = make("textarea", { "aria-hidden": "true" });
      field.value = text;
      root.append(field);
      field.select();
      if (document.execCommand("copy")) say();
      field.remove();
      copy.focus();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(say, byHand);
    else byHand();
  });
  const texts = root.querySelector("[data-texts]");
  bar.append(...tabs);
  texts.prepend(make("div", { class: "kg-bar" }, bar, copy));
  root.querySelector("[data-panes]").before(status);

  // What is chosen, in the picture and in every listing.
  const reveal = (element, box) => {
    const at = element.getBoundingClientRect(), frame = box.getBoundingClientRect();
    const down = at.top < frame.top || at.bottom > frame.bottom ? at.top - frame.top - 60 : 0;
    const right = at.left < frame.left || at.right > frame.right ? at.left - frame.left - 60 : 0;
    const across = box === picture ? right : 0;
    if (down || across) {
      box.scrollBy({ top: down, left: across, behavior: calm ? "auto" : "smooth" });
    }
  };
  const mark = (keys) => {
    boxes.forEach((box) => {
      box.classList.toggle("kg-on", keys.has(box.dataset.node));
      box.setAttribute("aria-pressed", keys.has(box.dataset.node));
    });
    lines.forEach((line) => {
      const on = !("around" in line.dataset) && nodesOf(line).some((key) => keys.has(key));
      line.classList.toggle("kg-on", on);
      line.setAttribute("aria-selected", on);
    });
  };
  const nameOf = (box) => box.querySelector("title").textContent.split(". ")[0];
  const chooseBox = (box) => {
    mark(new Set([box.dataset.node]));
    const found = all(".kg-on", front());
    const numbers = found.map((line) => line.dataset.line);
    const more = numbers.length > 12 ? ` and ${numbers.length - 12} more` : "";
    const where = numbers.length ? `${front().dataset.title} lines ${numbers.slice(0, 12).join(", ")}${more}`
      : `no line of ${front().dataset.title} computes it`;
    status.textContent = `${nameOf(box)}: ${where}`;
    if (found.length) reveal(found.find((line) => nodesOf(line).length === 1) || found[0], found[0].closest("pre"));
  };
  const chooseLine = (line) => {
    const keys = new Set(nodesOf(line));
    mark(keys);
    const chosen = boxes.filter((box) => keys.has(box.dataset.node));
    const names = chosen.map(nameOf).slice(0, 4).join("; ");
    const more = chosen.length > 4 ? ` and ${chosen.length - 4} more` : "";
    const verb = "around" in line.dataset ? "stands for" : "computes";
    const what = names + more || `${[...keys].join(" ")} inside the graph`;
    status.textContent = `line ${line.dataset.line} ${verb} ${what}`;
    if (chosen.length) reveal(chosen[0], picture);
  };
  const clear = () => { mark(new Set()); status.textContent = hint; };

  boxes.forEach((box, k) => {
    box.setAttribute("role", "button");
    box.setAttribute("tabindex", k ? -1 : 0);
    box.setAttribute("aria-label", box.querySelector("title").textContent);
    box.addEventListener("click", () => { box.focus({ preventScroll: true }); chooseBox(box); });
    box.addEventListener("focus", () => { if (box.matches(":focus-visible")) chooseBox(box); });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") clear();
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); chooseBox(box); }
      const next = step(event, boxes, "ArrowDown", "ArrowUp") || step(event, boxes, "ArrowRight", "ArrowLeft");
      if (next) move(next, boxes, picture);
    });
  });
  const move = (next, items, scrolled) => {
    items.forEach((item) => item.setAttribute("tabindex", item === next ? 0 : -1));
    next.focus({ preventScroll: true });
    reveal(next, scrolled);
  };
  panels.forEach((panel) => {
    const rows = all("[data-line]", panel);
    const list = rows.length && rows[0].closest("pre");
    if (list) {
      // Its lines are focused instead.
      list.removeAttribute("tabindex");
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", `lines of ${panel.dataset.title}`);
    }
    rows.forEach((row, k) => {
      row.setAttribute("role", "option");
      row.setAttribute("tabindex", k ? -1 : 0);
      row.addEventListener("click", () => {
        if (!getSelection().isCollapsed) return;
        move(row, rows, list);
        if (row.dataset.nodes) chooseLine(row);
      });
      row.addEventListener("keydown", (event) => {
        if (event.key === "Escape") clear();
        if (event.key === "Enter" && row.dataset.nodes) { event.preventDefault(); chooseLine(row); }
        const next = step(event, rows, "ArrowDown", "ArrowUp");
        if (next) move(next, rows, list);
      });
    });
  });
  open(front());
}
