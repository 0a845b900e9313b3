// Finds nodes of a graph that is too large to draw: by a word, by the cluster they are in, or from
// node to node. Lists are short and trees are unfolded one level at a time, so size costs nothing.
function finder(part) {
  const spec = ownData(part);
  const root = part.closest(".kg") || part;
  for (const still of part.querySelectorAll("[data-still]")) still.remove();
  const total = spec.op.length;
  const most = 40;
  const users = new Map();
  spec.operands.forEach((steps, k) => {
    for (const step of new Set(steps)) {
      const source = step > 0 ? k - step : step;
      if (!users.has(source)) users.set(source, []);
      users.get(source).push(k);
    }
  });
  const cluster = k => spec.clusters.findIndex(([first, end]) => first <= k && k < end);
  const op = k => spec.ops[spec.op[k]];
  const name = k => k < 0 ? spec.inputs[-1 - k]
    : `n${k} ${op(k)}${spec.names[k] === undefined ? "" : ` '${spec.names[k]}'`}`;
  const title = k => element("code", {}, name(k)); // no page typesets formulas in code
  const place = k => {
    const [number, text] = spec.lines[spec.line[k]];
    return number ? `line ${number}: ${text}` : "";
  };
  const words = Array.from({ length: total }, (_, k) => `${name(k)} ${place(k)}`.toLowerCase());
  const operands = k => spec.operands[k].map(step => step > 0 ? k - step : step);

  // The picture: in the page itself, so that a cluster can be marked, clicked and made larger.
  const image = root.querySelector("img[data-role=folded]");
  let picture = null;
  let width = 0;
  if (image) {
    const bytes = Uint8Array.from(atob(image.src.split(",")[1]), letter => letter.charCodeAt(0));
    picture = inlined(new TextDecoder().decode(bytes));
    width = Number(picture.getAttribute("width"));
    const buttons = [["−", "smaller", () => 0.8], ["+", "larger", () => 1.25], ["1:1", "true size",
      () => width / picture.getBoundingClientRect().width]].map(([sign, name, factor]) => {
      const button = element("button", { type: "button", "aria-label": name,
        style: "min-width:2.6em;margin-right:4px" }, sign);
      button.addEventListener("click", () => {
        const now = picture.getBoundingClientRect().width * factor();
        picture.style.maxWidth = "none";
        picture.style.width = `${now}px`;
      });
      return button;
    });
    const zoom = element("div", { "data-role": "zoom" }, ...buttons);
    keepKeys(zoom);
    image.parentNode.before(zoom);
    image.replaceWith(picture);
    for (const box of picture.querySelectorAll("[data-node^=k]")) {
      box.style.cursor = "pointer";
      box.addEventListener("click", () => open(Number(box.dataset.node.slice(1))));
    }
  }

  const box = element("input", { type: "search", "aria-label": "find nodes", size: 34,
    placeholder: "find nodes: an op, a name, n123, a line" });
  const told = element("span", { "aria-live": "polite", style: "margin-left:8px" });
  const list = element("div", { "data-role": "found",
    style: "max-height:260px;overflow:auto;margin:4px 0;font-family:monospace" });
  const about = element("div", { "data-role": "about", style: "margin:4px 0" });

  function link(k) {
    const made = element("button", { type: "button", "data-found": k,
      style: "margin:1px 4px 1px 0" }, title(k));
    made.addEventListener("click", () => choose(k));
    return made;
  }

  function fill(found, said) {
    told.textContent = said;
    list.replaceChildren(...found.slice(0, most).map(k =>
      element("div", {}, link(k), element("code", {}, place(k)))));
    if (found.length > most) list.append(`… ${found.length - most} more`);
  }

  function mark(number) {
    if (!picture) return;
    for (const each of picture.querySelectorAll("[data-node^=k]")) {
      const chosen = each.dataset.node === `k${number}`;
      each.setAttribute("stroke", chosen ? "#8a5a00" : "#1f2328");
      each.setAttribute("stroke-width", chosen ? "4" : "1.2");
    }
  }

  function open(number) {
    const [first, end] = spec.clusters[number];
    mark(number);
    fill(Array.from({ length: end - first }, (_, k) => first + k),
      `cluster ${number}: ${end - first} nodes`);
  }

  function row(name, all) {
    const shown = all.slice(0, most).map(link);
    const rest = all.length > most ? [`… ${all.length - most} more`] : [];
    return element("div", {}, `${name}: `, ...(shown.length ? shown : ["none"]), ...rest);
  }

  function choose(k) {
    const rows = [element("b", {}, title(k))];
    if (k >= 0) {
      mark(cluster(k));
      rows.push(element("div", {}, `in cluster ${cluster(k)}  `, element("code", {}, place(k))));
      rows.push(row("from", operands(k)));
    }
    rows.push(row("used by", users.get(k) || []));
    about.replaceChildren(...rows);
  }

  function search() {
    const wanted = box.value.trim().toLowerCase();
    if (!wanted) return fill([], `${total} nodes`);
    const named = /^cluster (\d+)$/.exec(wanted);
    if (named && Number(named[1]) < spec.clusters.length) return open(Number(named[1]));
    const exact = /^n\d+$/.test(wanted) && Number(wanted.slice(1)) < total;
    const found = exact ? [Number(wanted.slice(1))] : [];
    for (let k = 0; !exact && k < total; k++) if (words[k].includes(wanted)) found.push(k);
    fill(found, `${found.length} of ${total} nodes`);
    if (exact) choose(found[0]);
  }

  function branch(k) {
    const below = k < 0 ? [] : operands(k);
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
