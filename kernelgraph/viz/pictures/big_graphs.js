// Finds nodes of a graph that is too large to draw: by a word, by the cluster they are in, or from
// node to node. A cluster opens in a picture of its own, drawn when it is asked for; lists are short
// and trees are unfolded one level at a time, so size costs nothing.
const MOST_LISTED = 40;
const CHOSEN = "#8a5a00";

// What the pictures and the lists ask about the nodes of a page. A negative number is a leaf.
function graphOf(spec) {
  const total = spec.op.length;
  const operands = k => spec.operands[k].map(step => step > 0 ? k - step : step || null);
  const users = new Map();
  for (let k = 0; k < total; k++) {
    for (const from of new Set(operands(k))) {
      if (from === null) continue;
      if (!users.has(from)) users.set(from, []);
      users.get(from).push(k);
    }
  }
  const called = k => spec.names[k] === undefined ? [] : [spec.names[k]];
  const op = k => spec.ops[spec.op[k]];
  const name = k => k < 0 ? spec.inputs[-1 - k] : `n${k} ${op(k)}${called(k).map(n => ` '${n}'`)}`;
  const place = k => {
    const [number, text] = spec.lines[spec.line[k]];
    return number ? `line ${number}: ${text}` : "";
  };
  const folded = k => k >= 0 && spec.look[k] === -2;
  const used = k => users.get(k) || [];
  const home = k => folded(k) && used(k).length ? home(used(k)[0])
    : spec.clusters.findIndex(([first, end]) => first <= k && k < end);
  const words = Array.from({ length: total }, (_, k) => `${name(k)} ${place(k)}`.toLowerCase());
  const ordered = k => (spec.looks[spec.look[k]] || [])[4];
  const { lines, line, looks, look, clusters, outputs, ends } = spec;
  return { total, lines, line, looks, look, clusters, outputs, ends, operands, called, op, name,
    place, folded, used, home, words, ordered };
}

// The pictures of a large graph: the folded one, and below it what is in a cluster. Boxes are opened
// with a click, with Enter or with Space; arrow keys go from box to box.
function pictures(root, graph, choose) {
  const image = root.querySelector("img[data-role=folded]");
  const drawn = Array.from({ length: graph.total }, (_, k) => k).filter(k => !graph.folded(k));
  const clusters = graph.clusters.map(([first, end]) => drawn.filter(k => first <= k && k < end));
  const members = path => path.slice(1)
    .reduce((own, k) => inner(graph, own).groups[k], clusters[path[0]]);
  const crumbs = element("div", { role: "group", "aria-label": "where you are" });
  const pane = element("div", { "data-role": "inside" }, crumbs);
  const views = { top: [], inner: [] };
  let [box, whole] = [null, null];
  let [found, chosen, at] = [new Set(), -1, []];

  function usable(shown, view, act) {
    views[view] = shown;
    shown.forEach(({ box: made, says }, k) => {
      made.setAttribute("tabindex", k ? -1 : 0);
      made.setAttribute("role", "button");
      made.setAttribute("aria-label", says);
      made.style.cursor = "pointer";
      const go = to => {
        const next = shown[Math.min(Math.max(to, 0), shown.length - 1)].box;
        shown.forEach(each => each.box.setAttribute("tabindex", each.box === next ? 0 : -1));
        next.focus();
      };
      const keys = { Enter: () => act(k), " ": () => act(k), ArrowRight: () => go(k + 1),
        ArrowDown: () => go(k + 1), ArrowLeft: () => go(k - 1), ArrowUp: () => go(k - 1),
        Home: () => go(0), End: () => go(shown.length - 1) };
      made.addEventListener("click", () => act(k));
      made.addEventListener("keydown", event => {
        if (!(event.key in keys)) return;
        event.preventDefault();
        keys[event.key]();
      });
    });
    remark();
  }

  // A box has a thick outline where the chosen node is, and a count where nodes were found.
  function remark() {
    for (const { box: made, members: own } of [...views.top, ...views.inner]) {
      made.querySelector("[data-role=count]")?.remove();
      const here = own.includes(chosen);
      const hits = own.filter(k => found.has(k)).length;
      made.setAttribute("stroke", here ? CHOSEN : "#1f2328");
      made.setAttribute("stroke-width", here ? 4 : hits ? 2.4 : 1.2);
      if (!here && !hits) continue;
      const said = (here ? "▶ " : "") + (own.length === 1 ? here ? "here" : "✓"
        : hits ? `${hits} found` : "here");
      const { x, y, width } = made.getBBox();
      const wide = textWidth(said, 11) + 10;
      made.append(shape("g", { "data-role": "count", "stroke-width": 1.2 },
        shape("rect", { x: x + width - wide + 6, y: y - 9, width: wide, height: 16, rx: 8,
          fill: "#ffffff" }),
        shape("text", { x: x + width - wide / 2 + 6, y: y + 3, "text-anchor": "middle",
          "font-size": 11, stroke: "none", fill: "#1f2328" }, said)));
    }
  }

  // A wide picture begins where its first box is.
  function begin(scroller, first) {
    const [here, there] = [scroller, first].map(each => each.getBoundingClientRect());
    scroller.scrollLeft += there.left + there.width / 2 - here.left - here.width / 2;
  }

  function open(path, focus = true) {
    at = path;
    const own = members(path);
    const made = innerPicture(graph, own, path);
    box = element("div", { tabindex: 0, role: "group",
      "aria-label": `inside cluster ${path.join(".")}: ${own.length} nodes`,
      style: "overflow:auto;max-height:640px;margin:6px 0" }, made.picture);
    pane.replaceChildren(crumbs, box);
    zoomable(box, made.picture, { Escape: () => back(at.length - 1) });
    if (!pane.isConnected) whole.parentNode.after(pane);
    const steps = ["whole graph", ...path.map((_, k) => `cluster ${path.slice(0, k + 1).join(".")}`)];
    crumbs.replaceChildren(...steps.flatMap((name, k) => {
      const last = k === path.length;
      const step = element("button", { type: "button", style: "margin:1px 4px",
        ...(last ? { "aria-current": "true" } : {}) }, last ? element("b", {}, name) : name);
      step.addEventListener("click", () => last ? box.focus() : back(k));
      return k ? ["›", step] : [step];
    }));
    usable(made.boxes.map((each, k) => ({ box: each, members: made.groups[k], says: made.folds
      ? `cluster ${[...path, k].join(".")}: ${made.groups[k].length} nodes, open`
      : graph.name(made.groups[k][0]) })), "inner",
      k => made.folds ? open([...path, k]) : choose(made.groups[k][0]));
    begin(box, made.boxes[0]);
    if (focus) {
      box.focus({ preventScroll: true });
      pane.scrollIntoView({ block: "nearest" });
    }
  }

  // Back to a level; the focus goes to the box that was opened there.
  function back(level) {
    const opened = at[level];
    if (level) open(at.slice(0, level), false);
    else {
      views.inner = [];
      at = [];
      pane.remove();
    }
    const { box: made } = views[level ? "inner" : "top"][opened];
    made.setAttribute("tabindex", 0);
    made.focus();
  }

  keepKeys(pane, event => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    back(at.length - 1);
  });
  if (image) {
    const bytes = Uint8Array.from(atob(image.src.split(",")[1]), letter => letter.charCodeAt(0));
    whole = inlined(new TextDecoder().decode(bytes));
    whole.setAttribute("role", "group"); // an image has no parts that can be used
    image.replaceWith(whole);
    zoomable(whole.parentNode, whole);
    usable([...whole.querySelectorAll("[data-node^=k]")].map((made, k) => ({ box: made,
      members: clusters[k], says: `cluster ${k}: ${clusters[k].length} nodes, open` })), "top",
      k => open([k]));
    begin(whole.parentNode, views.top[0].box);
  }
  return {
    mark(nodes, one = -1) {
      found = new Set(nodes);
      chosen = one;
      remark();
    },
    reveal(k) {
      const path = [graph.home(k)];
      for (let level = inner(graph, members(path)); level.folds;
        level = inner(graph, members(path))) {
        path.push(level.groups.findIndex(group => group.includes(k)));
      }
      if (path.join() !== at.join()) open(path);
      else box.focus();
    },
  };
}

function finder(part) {
  const spec = ownData(part);
  const graph = graphOf(spec);
  const root = part.closest(".kg") || part;
  for (const still of part.querySelectorAll("[data-still]")) still.remove();
  const drawing = pictures(root, graph, choose);
  const title = k => element("code", {}, graph.name(k)); // no page typesets formulas in code
  const box = element("input", { type: "search", "aria-label": "find nodes", size: 34,
    placeholder: "find nodes: an op, a name, n123, a line" });
  const told = element("span", { "aria-live": "polite", style: "margin-left:8px" });
  const list = element("div", { "data-role": "found",
    style: "max-height:260px;overflow:auto;margin:4px 0;font-family:monospace" });
  const about = element("div", { "data-role": "about", style: "margin:4px 0" });
  let found = [];

  function link(k) {
    const made = element("button", { type: "button", "data-found": k,
      style: "margin:1px 4px 1px 0" }, title(k));
    made.addEventListener("click", () => choose(k));
    return made;
  }

  function fill(nodes, said) {
    told.textContent = said;
    list.replaceChildren(...nodes.slice(0, MOST_LISTED).map(k => element("div", {}, link(k),
      `in cluster ${graph.home(k)}: `, element("code", {}, graph.place(k)))));
    if (nodes.length > MOST_LISTED) list.append(`… ${nodes.length - MOST_LISTED} more`);
  }

  function row(name, all) {
    const shown = all.slice(0, MOST_LISTED).map(link);
    const rest = all.length > MOST_LISTED ? [`… ${all.length - MOST_LISTED} more`] : [];
    return element("div", {}, `${name}: `, ...(shown.length ? shown : ["none"]), ...rest);
  }

  function choose(k) {
    const rows = [element("b", {}, title(k))];
    if (k >= 0) {
      const show = element("button", { type: "button", style: "margin-right:8px" },
        `show it in cluster ${graph.home(k)}`);
      show.addEventListener("click", () => drawing.reveal(k));
      rows.push(element("div", {}, show, element("code", {}, graph.place(k))));
      rows.push(row("from", graph.operands(k).filter(from => from !== null)));
    }
    rows.push(row("used by", graph.used(k)));
    about.replaceChildren(...rows);
    drawing.mark(found, k);
  }

  function search() {
    const wanted = box.value.trim().toLowerCase();
    const named = /^cluster (\d+)$/.exec(wanted);
    const [first, end] = (named && spec.clusters[Number(named[1])]) || [0, -1];
    const exact = /^n\d+$/.test(wanted) && Number(wanted.slice(1)) < graph.total;
    const every = Array.from({ length: graph.total }, (_, k) => k);
    found = !wanted ? [] : end >= 0 ? every.filter(k => first <= k && k < end)
      : exact ? [Number(wanted.slice(1))] : every.filter(k => graph.words[k].includes(wanted));
    const homes = [...new Set(found.map(graph.home))].sort((one, other) => one - other);
    const where = homes.slice(0, 8).join(", ") + (homes.length > 8 ? " …" : "");
    const places = homes.length ? `, in cluster${homes.length > 1 ? "s" : ""} ${where}` : "";
    fill(found, wanted ? `${found.length} of ${graph.total} nodes${places}` : `${graph.total} nodes`);
    drawing.mark(found);
    if (exact) choose(found[0]);
  }

  function branch(k) {
    const below = k < 0 ? [] : graph.operands(k).filter(from => from !== null);
    if (!below.length) return element("div", { style: "margin-left:1.3em" }, title(k));
    const made = element("details", { style: "margin-left:1.3em" },
      element("summary", {}, title(k)));
    made.addEventListener("toggle", () => {
      if (made.open && made.children.length === 1) made.append(...below.map(branch));
    });
    return made;
  }

  const tree = element("details", { "data-role": "tree" },
    element("summary", {}, "tree, one level at a time"));
  tree.append(element("div", { style: "font-family:monospace" }, ...spec.outputs.map(branch)));
  box.addEventListener("input", search);
  keepKeys(part);
  part.prepend(element("div", { role: "search" }, box, told), list, about, tree);
  search();
}
