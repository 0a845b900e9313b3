// What is in a cluster, drawn when it is asked for: some nodes of a graph come in, out goes their
// picture, in which stretches of them are boxes again where there are many.
const MOST_BOXES = 60;
const MOST_CLUSTERS = 30;
const FEWEST_CLUSTERS = 5;
const MOST_LINKS = 110;
const MOST_ENDS = 10;

function inner(graph, members) {
  const folds = members.length > MOST_BOXES;
  let groups = members.map(k => [k]);
  let links = null;
  for (let most = MOST_CLUSTERS; ; most = Math.max(Math.floor(most / 2), FEWEST_CLUSTERS)) {
    if (folds) groups = stretches(graph, members, Math.max(Math.ceil(members.length / most), 1));
    links = linksOf(graph, groups);
    if (!folds || links.size <= MOST_LINKS || most <= FEWEST_CLUSTERS) break;
  }
  return { folds, groups, links };
}

// Nodes in a row, cut to about `size` each, where the user's line changes if that can be.
function stretches(graph, members, size) {
  const line = k => graph.lines[graph.line[k]][0];
  const found = [];
  let own = [];
  let at = 0;
  while (at < members.length) {
    let end = at;
    while (end < members.length && line(members[end]) === line(members[at])) end++;
    if (own.length && own.length + end - at > size) {
      found.push(own);
      own = [];
    }
    while (end - at > 2 * size) {
      found.push([...own, ...members.slice(at, at + size)]);
      own = [];
      at += size;
    }
    own.push(...members.slice(at, end));
    at = end;
  }
  return own.length ? [...found, own] : found;
}

// Which values run from box to box: "from to" → the numbers of the nodes or of the leaves (< 0).
// "i…" is a value from outside, "o…" one that is used outside; many of them share a box.
function linksOf(graph, groups) {
  const home = new Map();
  groups.forEach((group, g) => group.forEach(k => home.set(k, g)));
  const taken = new Set();
  const given = new Set();
  for (const k of home.keys()) {
    for (const from of graph.operands(k)) {
      if (from !== null && !home.has(from) && !graph.folded(from)) taken.add(from);
    }
    if (graph.used(k).some(to => !home.has(to)) || graph.outputs.includes(k)) given.add(k);
  }
  const [allIn, allOut] = [taken.size > MOST_ENDS, given.size > MOST_ENDS];
  const links = new Map();
  const carry = (from, to, value, operand) => {
    const key = `${from} ${to}`;
    if (!links.has(key)) links.set(key, { from, to, values: new Set(), operands: [] });
    links.get(key).values.add(value);
    links.get(key).operands.push(operand);
  };
  groups.forEach((group, g) => group.forEach(k => graph.operands(k).forEach((from, operand) => {
    if (from === null || graph.folded(from) || home.get(from) === g) return;
    carry(home.get(from) ?? (allIn ? "i" : `i${from}`), g, from, operand + 1);
  })));
  for (const k of given) carry(home.get(k), allOut ? "o" : `o${k}`, k, 0);
  return links;
}

// Painting -----------------------------------------------------------------------------------------

const pen = document.createElement("canvas").getContext("2d");

function textWidth(text, size = 13) {
  pen.font = `${size}px 'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif`;
  return pen.measureText(text).width;
}

function shape(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function lettered(lines, x, y) {
  const text = shape("text", { "text-anchor": "middle", stroke: "none", fill: "#1f2328" });
  lines.forEach((line, k) => text.append(shape("tspan", {
    x, y: y - 17 * (lines.length - 1) / 2 + 4.7 + 17 * k,
    ...(k ? { fill: "#3d444d", "font-size": 11.5 } : {}) }, line)));
  return text;
}

// A box of a few lines, drawn about the origin: an input is round, an output and a cluster have a
// second outline.
function lettering(kind, lines) {
  const width = Math.max(...lines.map((line, k) => textWidth(line, k ? 11.5 : 13))) + 32;
  const height = 17 * lines.length + 14;
  const fill = { input: "#d9ead3", output: "#cfe2f3", control: "#fff4c2" }[kind] || "#ffffff";
  const rect = (inset, look) => shape("rect", { x: inset - width / 2, y: inset - height / 2,
    width: width - 2 * inset, height: height - 2 * inset, ...look });
  const round = { input: height / 2, output: height / 2, control: 3 }[kind] ?? 6;
  const inset = { output: 3, control: 3.5 }[kind];
  const parts = [rect(0, { rx: round, fill })];
  if (inset) parts.push(rect(inset, { rx: Math.max(round - inset, 0), fill: "none" }));
  return { size: [width, height], parts: [...parts, lettered(lines, 0, 0)], kind };
}

// The box of a node as the painter in Python has drawn it, or a plain one.
function nodeBox(graph, k) {
  const look = graph.looks[graph.look[k]];
  if (!look) return lettering("elementwise", [graph.op(k), ...graph.called(k)]);
  const [kind, width, height, text] = look;
  return { size: [width, height], parts: [...inlined(text).cloneNode(true).children], kind };
}

function clusterBox(graph, group, title) {
  const told = new Map();
  for (const k of group) told.set(graph.op(k), (told.get(graph.op(k)) || 0) + 1);
  const ops = [...told].sort(([, one], [, other]) => other - one);
  const first = ops.slice(0, 3).map(([op, times]) => times > 1 ? `${op} × ${times}` : op).join(", ");
  const more = ops.length > 3 ? ` and ${ops.length - 3} more` : "";
  const lines = [...new Set(group.map(k => graph.line[k]))].map(k => graph.lines[k]);
  const numbers = lines.map(([number]) => number).filter(number => number);
  const [least, last] = [Math.min(...numbers), Math.max(...numbers)];
  const place = !numbers.length ? [] : least < last ? [`lines ${least} to ${last}`]
    : [`line ${least}: ${lines[0][1]}`.slice(0, 44)];
  const which = group.length > 1 ? `n${group[0]} … n${group.at(-1)}` : `n${group[0]}`;
  const nodes = group.length > 1 ? `${group.length} nodes` : "1 node";
  return lettering("control", [`cluster ${title}: ${nodes}`, first + more, ...place, which]);
}

function endBox(graph, key, links) {
  const kind = key[0] === "i" ? "input" : "output";
  const number = Number(key.slice(1));
  if (key.length > 1 && kind === "input") {
    const constant = number < 0 && -1 - number >= graph.ends;
    return lettering(constant ? "constant" : kind, [graph.name(number)]);
  }
  if (key.length > 1) return lettering(kind, [`${graph.outputs.includes(number) ? "output" : "used outside"}`]);
  const values = new Set(links.filter(link => link.from === key || link.to === key)
    .flatMap(link => [...link.values]));
  return lettering(kind, [kind === "input" ? `${values.size} values from outside`
    : `${values.size} values used outside`]);
}

// The picture of some nodes as an element of the page. `path` are the numbers of the clusters around.
function innerPicture(graph, members, path) {
  const { folds, groups, links } = inner(graph, members);
  const all = [...links.values()];
  const ends = [...new Set(all.flatMap(link => [link.from, link.to]))].filter(key => isNaN(key));
  const keys = [...groups.keys(), ...ends];
  const boxes = keys.map((key, g) => g >= groups.length ? endBox(graph, key, all)
    : folds ? clusterBox(graph, groups[g], [...path, g].join(".")) : nodeBox(graph, groups[g][0]));
  const number = new Map(keys.map((key, k) => [key, k]));
  const arrows = all.map(link => [number.get(link.from), number.get(link.to)]);
  const layout = layered(boxes.map(box => box.size), arrows);
  const { width, height } = layout;
  const picture = shape("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-size": 13,
    "font-family": "'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif",
    class: "mathjax_ignore tex2jax_ignore", style: "max-width:none;height:auto;vertical-align:top" },
    shape("rect", { width, height, rx: 6, fill: "#f4f4f1" }));
  const edges = shape("g", { fill: "none", stroke: "#57606a", "stroke-width": 1.3 });
  const heads = shape("g", { fill: "#57606a" });
  const labels = shape("g", { fill: "#3d444d", "font-size": 10.5 });
  layout.courses.forEach(({ course, tip: [x, y] }, k) => {
    const link = all[k];
    edges.append(shape("path", { d: course }));
    heads.append(shape("path", { d: `M${x},${y} ${x - 3.2},${y - 7} ${x + 3.2},${y - 7}Z` }));
    const said = folds ? (link.values.size > 1 ? link.values.size : "")
      : !isNaN(link.to) && graph.ordered(groups[link.to][0]) ? link.operands.join(", ") : "";
    if (said) labels.append(shape("text", { x: x + 5, y: y - 4 }, said));
  });
  const drawn = shape("g", { stroke: "#1f2328", "stroke-width": 1.2 });
  boxes.forEach((box, k) => {
    const [x, y] = layout.places[k];
    const group = groups[k];
    const key = !group ? "end" : folds ? `k${[...path, k].join(".")}` : `n${group[0]}`;
    const made = shape("g", { "data-node": key, "data-kind": box.kind,
      transform: `translate(${x},${y})` }, ...box.parts);
    drawn.append(made);
  });
  picture.append(edges, heads, labels, drawn);
  return { picture, folds, groups, boxes: [...drawn.children].slice(0, groups.length) };
}
