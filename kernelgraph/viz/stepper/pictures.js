// The pictures of a stepper: two panes with the same places, before a step and after it.
// `paint(frame, old)` shows a frame, `old` being the one before it.
(root, data, make) => {
  const chapters = data.chapters;
  const pane = () => {
    const [title, scroller] = [make("figcaption", {}), make("div", { class: "kg-scroll" })];
    return { title, scroller, figure: make("figure", {}, title, scroller), at: [0, 0] };
  };
  const panes = [pane(), pane()];
  const element = make("div", { class: "kg-panes mathjax_ignore tex2jax_ignore" }, ...panes.map((one) => one.figure));

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
    one.built = [];
  }

  // The pictures of a chapter stand in the panes, those of only one chapter with any height.
  const build = (one, k) => {
    if (one.built[k]) return one.built[k];
    const holder = make("div", { class: "kg-away", "aria-hidden": "true", style: `--kg-width: ${one.width}px` });
    holder.innerHTML = one.svg;
    panes[k].scroller.append(holder);
    const svg = holder.firstElementChild;
    const [edges, boxes] = [...svg.children].slice(-2).map((group) => [...group.children]);
    return one.built[k] = { holder, svg, boxes, parts: [boxes, edges], shown: [new Set(boxes.keys()), new Set(edges.keys())], marked: [] };
  };
  const arrange = (picture, one, index) => one.shown[index - one.first].forEach((now, k) => {
    const [was, parts] = [picture.shown[k], picture.parts[k]];
    was.forEach((n) => { if (!now.has(n)) parts[n].style.display = "none"; });
    now.forEach((n) => { if (!was.has(n)) parts[n].style.display = ""; });
    picture.shown[k] = now;
  });

  // Those of the chapters before and after it are made and laid out while nothing else is to do, so
  // that turning to them costs no more than a step; those further off are taken away.
  const IDLE = globalThis.requestIdleCallback ? { timeout: 300 } : 100;
  const idly = globalThis.requestIdleCallback || setTimeout;
  let chapter, ahead = [];
  const prepare = () => {
    const task = ahead.shift();
    if (!task) return;
    task();
    idly(prepare, IDLE);
  };
  const turnTo = (wanted) => {
    if (chapter === wanted) return;
    if (chapter) chapter.built.forEach((picture) => {
      unmark(picture);
      picture.holder.className = "kg-away";
      picture.holder.setAttribute("aria-hidden", "true");
    });
    chapter = wanted;
    element.classList.toggle("kg-wide", chapter.width > 430);
    const here = chapters.indexOf(chapter);
    if (!ahead.length) idly(prepare, IDLE);
    ahead = chapters.flatMap((one, n) => [1, 0].map((k) => () => {
      const nearest = n > here ? one.first : one.first + one.frames.length - 2;
      if (n === here) build(one, k);
      else if (Math.abs(n - here) === 1) arrange(build(one, k), one, nearest + k);
      else if (one.built[k]) {
        one.built[k].holder.remove();
        delete one.built[k];
      }
    }));
  };

  const mark = (picture, k, kind) => {
    const box = picture.boxes[k];
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
    picture.marked.push([box, text]);
  };
  const unmark = (picture) => {
    for (const [box, text] of picture.marked) {
      text.remove();
      ["data-mark", "stroke", "stroke-width", "stroke-dasharray"].forEach((n) => box.removeAttribute(n));
      box.lastElementChild.removeAttribute("transform");
    }
    picture.marked = [];
  };

  // All that is marked is brought into view, if need be in a smaller scale, but none below the
  // least of the style sheet; where that does not do, each pane shows the first of its own.
  const LEAST = 0.62;
  const aim = (marked) => {
    const all = marked.flat().map((k) => chapter.at[k]);
    const { clientWidth, clientHeight } = panes[1].scroller;
    const ends = [0, 1].map((axis) => {
      const half = (place) => axis ? 24 : place[2] / 2 + 6;
      return [Math.min(...all.map((p) => p[axis] - half(p))), Math.max(...all.map((p) => p[axis] + half(p)))];
    });
    const [wide, high] = ends.map(([low, top]) => top - low);
    const usual = Math.min(1, Math.max(LEAST, clientWidth / chapter.width));
    const most = Math.min(clientWidth / wide, clientHeight / high);
    const zoomed = !root.classList.contains("kg-fit") && most >= LEAST && most < usual;
    const scale = zoomed ? most : usual;
    panes.forEach((one, k) => {
      if (one.figure.hidden) return;
      one.picture.svg.style.width = zoomed ? `${Math.floor(scale * chapter.width)}px` : "";
      if (!all.length) return;
      const [x, y] = most >= LEAST ? ends.map(([low, top]) => (low + top) / 2) : chapter.at[marked[k][0]] || all[0];
      one.scroller.scrollTo(x * scale - clientWidth / 2, y * scale - clientHeight / 2);
      one.at = [one.scroller.scrollLeft, one.scroller.scrollTop];
    });
  };

  // A reader who scrolls one pane scrolls both.
  panes.forEach((one, k) => one.scroller.addEventListener("scroll", () => {
    const other = panes[1 - k];
    ["scrollLeft", "scrollTop"].forEach((side, axis) => {
      const by = one.scroller[side] - one.at[axis];
      one.at[axis] = one.scroller[side];
      if (by) other.scroller[side] = other.at[axis] += by;
    });
  }));

  const draw = (k, caption, frame, marks) => {
    const picture = panes[k].picture = build(chapter, k);
    picture.holder.className = "";
    picture.holder.removeAttribute("aria-hidden");
    arrange(picture, chapter, frame.index);
    unmark(picture);
    for (const [kind, list] of marks) list.forEach((n) => mark(picture, n, kind));
    picture.svg.setAttribute("aria-label", `${caption}: ${frame.formula}`);
    panes[k].title.textContent = caption;
  };
  const paint = (frame, old) => {
    const first = frame.index === 0;
    turnTo(first ? chapters[0] : chapters.findLast((one) => one.first < frame.index));
    const [boxOn, boxOff, edgeOn, edgeOff, before, after] = chapter.frames[frame.index - chapter.first];
    const fresh = first ? [] : boxOn.filter((k) => !after.includes(k));
    const gone = boxOff.filter((k) => !before.includes(k));
    const moved = !first && boxOff.length + edgeOn.length + edgeOff.length + before.length > 0;
    panes[0].figure.hidden = !moved;
    draw(1, first ? "as written" : moved ? "after" : "planned", frame, [["added", fresh], ["changed", after]]);
    if (moved) draw(0, "before", old, [["removed", gone], ["changed", before]]);
    aim([[...gone, ...before], [...fresh, ...after]]);
  };
  return { element, paint };
}
