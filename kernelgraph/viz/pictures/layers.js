// A layered drawing after Sugiyama, for pictures that are asked for in a page: sizes of boxes and
// arrows between them come in, places and courses go out. It takes the steps of engines/layered.py.
const SIDE_GAP = 18;
const LAYER_GAP = 34;
const MARGIN = 14;
const WIDEST = 1300;

function layered(sizes, arrows) {
  const network = { boxes: sizes.length, sizes: [...sizes], layer: assignLayers(sizes, arrows),
                    up: sizes.map(() => []), down: sizes.map(() => []) };
  const paths = insertStops(network, arrows);
  network.layers = fewestCrossings(network);
  return drawn(network, paths, relaxSprings(network));
}

// Below all its sources, no layer too wide; a box with no fewer clients than sources goes down to just
// above its first client.
function assignLayers(sizes, arrows) {
  const sources = sizes.map(() => []);
  const clients = sizes.map(() => []);
  arrows.forEach(([from, to]) => { sources[to].push(from); clients[from].push(to); });
  const missing = sources.map(list => list.length);
  const order = missing.flatMap((left, box) => left ? [] : [box]);
  for (const box of order) for (const to of clients[box]) if (!--missing[to]) order.push(to);
  const layer = sizes.map(() => 0);
  const used = new Map();
  const settle = (box, wanted, step, last) => {
    const width = sizes[box][0] + SIDE_GAP;
    while (used.get(wanted) && used.get(wanted) + width > WIDEST && wanted !== last) wanted += step;
    layer[box] = wanted;
    used.set(wanted, (used.get(wanted) || 0) + width);
  };
  for (const box of order) {
    if (sources[box].length) settle(box, 1 + Math.max(...sources[box].map(s => layer[s])), 1);
  }
  for (const box of [...order].reverse()) {
    if (clients[box].length < Math.max(sources[box].length, 1)) continue;
    const last = sources[box].length ? layer[box] : undefined;
    if (last !== undefined) used.set(last, used.get(last) - sizes[box][0] - SIDE_GAP);
    settle(box, Math.min(...clients[box].map(c => layer[c])) - 1, -1, last);
  }
  const top = Math.min(...layer);
  return layer.map(at => at - top);
}

// A stop on each layer that a long edge passes; edges from one box share their stops.
function insertStops(network, arrows) {
  const { sizes, layer, up, down } = network;
  const join = (upper, lower) => { down[upper].push(lower); up[lower].push(upper); };
  const trunks = new Map();
  return arrows.map(([from, to]) => {
    if (!trunks.has(from)) trunks.set(from, []);
    const trunk = trunks.get(from);
    const length = layer[to] - layer[from] - 1;
    while (trunk.length < length) {
      const stop = sizes.push([0, 0]) - 1;
      layer.push(layer[from] + trunk.length + 1);
      up.push([]);
      down.push([]);
      join(trunk.length ? trunk.at(-1) : from, stop);
      trunk.push(stop);
    }
    const stops = trunk.slice(0, length);
    join(stops.length ? stops.at(-1) : from, to);
    return [from, ...stops, to];
  });
}

// The order on the layers: as a reader of the formula meets the boxes, then by barycentres.
function fewestCrossings({ layer, up, down }) {
  let layers = Array.from({ length: Math.max(...layer) + 1 }, () => []);
  const seen = new Set();
  const pending = layer.map((_, v) => v).filter(v => !down[v].length).reverse();
  while (pending.length) {
    const vertex = pending.pop();
    if (seen.has(vertex)) continue;
    seen.add(vertex);
    layers[layer[vertex]].push(vertex);
    pending.push(...[...up[vertex]].reverse());
  }
  let fewest = crossings(down, layers);
  let best = layers;
  for (let sweep = 0; sweep < 16 && fewest; sweep++) {
    const passed = sweep % 2 ? down : up;
    const turned = list => sweep % 2 ? [...list].reverse() : list;
    const place = new Map();
    layers = turned(turned(layers).map(list => {
      const centre = new Map(list.map((v, k) => [v, passed[v].length
        ? passed[v].reduce((sum, other) => sum + place.get(other), 0) / passed[v].length : k]));
      const sorted = [...list].sort((one, other) => centre.get(one) - centre.get(other));
      sorted.forEach((v, k) => place.set(v, k));
      return sorted;
    }));
    const found = crossings(down, layers);
    if (found < fewest) [fewest, best] = [found, layers];
  }
  return best;
}

// How many pairs of edges between neighbouring layers cross.
function crossings(down, layers) {
  let found = 0;
  for (let at = 0; at + 1 < layers.length; at++) {
    const place = new Map(layers[at + 1].map((v, k) => [v, k]));
    const ends = [];
    for (const upper of layers[at]) {
      const arriving = down[upper].map(v => place.get(v));
      for (const end of arriving) for (const other of ends) if (other > end) found++;
      ends.push(...arriving);
    }
  }
  return found;
}

// How far to the right: where springs along the edges come to rest, stiff ones between stops.
function relaxSprings({ boxes, sizes, up, down, layers }) {
  const gap = (one, other) => (sizes[one][0] + sizes[other][0]) / 2 + SIDE_GAP;
  const gaps = layers.map(list => list.map((v, k) => k ? gap(list[k - 1], v) : 0));
  const x = sizes.map(() => 0);
  layers.forEach((list, at) => list.forEach((v, k) => { if (k) x[v] = x[list[k - 1]] + gaps[at][k]; }));
  const pull = v => {
    let [sum, strength] = [0, 0];
    for (const other of [...up[v], ...down[v]]) {
      const stiffness = Math.min(v, other) >= boxes ? 30 : 1;
      sum += stiffness * x[other];
      strength += stiffness;
    }
    return strength ? [sum / strength, strength] : [x[v], 0.001];
  };
  for (let sweep = 0, moved = 1; sweep < 60 && moved >= 0.1; sweep++) {
    moved = 0;
    for (let k = 0; k < layers.length; k++) {
      const at = sweep % 2 ? layers.length - 1 - k : k;
      closest(layers[at].map(pull), gaps[at]).forEach((place, which) => {
        const vertex = layers[at][which];
        moved = Math.max(moved, Math.abs(place - x[vertex]));
        x[vertex] = place;
      });
    }
  }
  return x;
}

// Places as close as can be to the wanted ones ([place, strength]), in order and `gaps` apart:
// neighbours that want to pass each other are pooled.
function closest(pulls, gaps) {
  let shift = 0;
  const shifts = gaps.map(gap => shift += gap);
  const pools = [];
  pulls.forEach(([wanted, strength], k) => {
    let pool = [wanted - shifts[k], strength, 1];
    while (pools.length && pools.at(-1)[0] > pool[0]) {
      const [place, force, members] = pools.pop();
      const both = force + pool[1];
      pool = [(place * force + pool[0] * pool[1]) / both, both, members + pool[2]];
    }
    pools.push(pool);
  });
  return pools.flatMap(([place, , members]) => Array(members).fill(place))
    .map((place, k) => place + shifts[k]);
}

// Where edges arrive on top of a box: side by side, in the order they come from.
function portsOf(paths, x, sizes) {
  const arrivals = new Map();
  paths.forEach((path, k) => {
    const client = path.at(-1);
    if (!arrivals.has(client)) arrivals.set(client, []);
    arrivals.get(client).push([x[path.at(-2)], k]);
  });
  const ports = [];
  for (const [client, edges] of arrivals) {
    const apart = Math.min(16, 0.6 * sizes[client][0] / edges.length);
    edges.sort(([one, k], [other, l]) => one - other || k - l).forEach(([, k], at) => {
      ports[k] = x[client] + apart * (at - (edges.length - 1) / 2);
    });
  }
  return ports;
}

// Straight down past a layer, an S-curve between layers, and straight down into the box.
function drawn({ boxes, sizes, layer, layers }, paths, x) {
  const left = Math.min(...x.map((at, v) => at - sizes[v][0] / 2)) - MARGIN;
  x = x.map(at => at - left);
  let bottom = MARGIN - LAYER_GAP;
  const bands = layers.map(list => {
    const top = bottom + LAYER_GAP;
    bottom = top + Math.max(...list.map(v => sizes[v][1]));
    return [top, bottom];
  });
  const middle = v => (bands[layer[v]][0] + bands[layer[v]][1]) / 2;
  const ports = portsOf(paths, x, sizes);
  const passed = new Set(); // an edge leaves the trunk that others have drawn
  const courses = paths.map((path, k) => {
    const client = path.at(-1);
    let [atX, atY] = [x[path[0]], bands[layer[path[0]]][1]];
    let course = `M${atX},${middle(path[0]) + sizes[path[0]][1] / 2}V${atY}`;
    const bend = (toX, toY) => {
      const half = (atY + toY) / 2;
      course += `C${atX},${half} ${toX},${half} ${toX},${toY}`;
    };
    for (const stop of path.slice(1, -1)) {
      const [upper, lower] = bands[layer[stop]];
      if (passed.has(stop)) course = `M${x[stop]},${lower}`;
      else {
        bend(x[stop], upper);
        course += `V${lower}`;
      }
      passed.add(stop);
      [atX, atY] = [x[stop], lower];
    }
    const tip = middle(client) - sizes[client][1] / 2;
    bend(ports[k], bands[layer[client]][0] - 9);
    return { course: `${course}V${tip}`, tip: [ports[k], tip] };
  });
  const width = Math.max(...x.map((at, v) => at + sizes[v][0] / 2)) + MARGIN;
  const places = x.slice(0, boxes).map((at, v) => [at, middle(v)]);
  return { places, courses, width, height: bottom + MARGIN };
}
