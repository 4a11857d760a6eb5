// Draws the run in the element "data". No library: each picture is one function of the data and of the scale of the steps.
"use strict";
(() => {
  const run = JSON.parse(document.getElementById("data").textContent);
  const at = id => document.getElementById(id);
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const floats = text => new Float32Array(bytes(text).buffer);
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const number = v => v === null || v === undefined || Number.isNaN(v) ? "–"
    : v === 0 ? "0" : Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3 ? v.toExponential(2).replace(/\.?0+e/, "e") : String(+v.toPrecision(4));
  const whole = v => Math.round(v).toLocaleString("en");
  const duration = s => s < 120 ? number(+s.toPrecision(3)) + " s" : s < 7200 ? Math.round(s / 60) + " min" : (s / 3600).toFixed(1) + " h";
  const LEFT = 64, RIGHT = 14, TOP = 12, BOTTOM = 30;
  let logarithmic = false;

  // ---- decoded data
  const curve = c => ({ x: floats(c.x), low: floats(c.low), mean: floats(c.mean), high: floats(c.high) });
  const loss = curve(run.loss), norm = curve(run.norm), threshold = curve(run.threshold), clip = curve(run.clipRate), rate = curve(run.rate);
  const map = m => m && { x: floats(m.x), low: m.low, high: m.high, cells: bytes(m.cells) };
  const norms = map(run.norms), updates = map(run.updates);
  const lastStep = Math.max(2, loss.x.length ? loss.x[loss.x.length - 1] : 2);

  // ---- scales and axes
  function stepScale(width) {
    const span = width - LEFT - RIGHT;
    return logarithmic
      ? { to: s => LEFT + span * Math.log(Math.max(1, s)) / Math.log(lastStep), from: px => Math.exp((px - LEFT) / span * Math.log(lastStep)) }
      : { to: s => LEFT + span * s / lastStep, from: px => (px - LEFT) / span * lastStep };
  }
  function niceTicks(low, high, count) {
    const raw = (high - low) / count, unit = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map(f => f * unit).find(s => s >= raw);
    const ticks = [];
    for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) ticks.push(+v.toPrecision(12));
    return ticks;
  }
  function decades(low, high) {
    const every = Math.max(1, Math.ceil((high - low) / 7)), ticks = [];
    for (let d = Math.ceil(low); d <= high + 1e-9; d += every) ticks.push(d);
    if (ticks.length > 2) return ticks;
    const between = [];
    for (let d = Math.floor(low); d <= high; d++)
      for (const f of [1, 2, 5]) { const t = d + Math.log10(f); if (t >= low && t <= high) between.push(t); }
    return between.length > 1 ? between : niceTicks(10 ** low, 10 ** high, 3).filter(v => v > 0).map(Math.log10);
  }
  const decade = d => Number.isInteger(d) && Math.abs(d) > 3 ? "1e" + d : number(+(10 ** d).toPrecision(3));

  function prepare(id, height) {
    const canvas = at(id), ratio = window.devicePixelRatio || 1, width = canvas.clientWidth;
    height = height || +canvas.getAttribute("height");
    canvas.dataset.tall = canvas.dataset.tall || height;
    height = +canvas.dataset.tall;
    canvas.style.height = height + "px";
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const g = canvas.getContext("2d");
    g.scale(ratio, ratio);
    g.font = "12px system-ui, 'Segoe UI', 'Open Sans', sans-serif";
    return { canvas, g, width, height, x: stepScale(width) };
  }
  // Whole steps, and two at least however narrow the window is.
  const stepTicks = width => logarithmic ? decades(0, Math.log10(lastStep)).map(d => 10 ** d)
    : niceTicks(0, lastStep, Math.max(3, width / 130)).filter(Number.isInteger);
  function stepAxis({ g, width, height, x }) {
    const ticks = stepTicks(width);
    g.strokeStyle = css("--grid"); g.fillStyle = css("--soft"); g.textAlign = "center"; g.textBaseline = "top";
    for (const s of ticks) {
      g.beginPath(); g.moveTo(x.to(s), TOP); g.lineTo(x.to(s), height - BOTTOM); g.stroke();
      g.fillText(whole(s), Math.min(x.to(s), width - 24), height - BOTTOM + 8);
    }
  }
  function valueAxis({ g, width }, ticks, y, label) {
    g.strokeStyle = css("--grid"); g.fillStyle = css("--soft"); g.textAlign = "right"; g.textBaseline = "middle";
    for (const v of ticks) {
      g.beginPath(); g.moveTo(LEFT, y(v)); g.lineTo(width - RIGHT, y(v)); g.stroke();
      g.fillText(label(v), LEFT - 8, y(v));
    }
  }

  // ---- curves on a logarithmic scale, on a linear one from 0 to 1, or on a linear one where values are below 0
  function curves(id, lines, share) {
    const p = prepare(id), { g, width, height, x } = p;
    const linear = share || lines.some(l => l.low.some(v => v < 0));
    const log = v => linear ? v : Math.log10(v);
    const usable = v => Number.isFinite(v) && (linear || v > 0);
    let low = Infinity, high = -Infinity;
    for (const line of lines)
      for (const part of [line.low, line.mean, line.high])
        for (const v of part) if (usable(v)) { const l = log(v); if (l < low) low = l; if (l > high) high = l; }
    if (share) { low = 0; high = 1; }
    if (low > high) { low = -1; high = 1; }
    if (!linear && high - low < 0.2) { low -= 0.1; high += 0.1; }
    if (high === low) { low -= 1; high += 1; }
    const pad = share ? 0 : (high - low) * 0.04;
    const y = v => TOP + (height - TOP - BOTTOM) * (high + pad - v) / (high - low + 2 * pad);
    stepAxis(p);
    if (share) valueAxis(p, [0, 0.5, 1], y, v => Math.round(100 * v) + " %");
    else if (linear) valueAxis(p, niceTicks(low - pad, high + pad, 8), y, number);
    else valueAxis(p, decades(low - pad, high + pad), y, decade);
    for (const line of lines) {
      const ok = i => usable(line.low[i]) && usable(line.high[i]);
      if (line.band) {
        g.fillStyle = css("--band");
        for (let i = 0; i < line.x.length;) {
          if (!ok(i)) { i++; continue; }
          let end = i; while (end < line.x.length && ok(end)) end++;
          g.beginPath();
          for (let k = i; k < end; k++) g.lineTo(x.to(line.x[k]), y(log(line.high[k])));
          for (let k = end - 1; k >= i; k--) g.lineTo(x.to(line.x[k]), y(log(line.low[k])));
          g.fill(); i = end;
        }
      }
      g.strokeStyle = css(line.colour); g.lineWidth = line.wide || 1.6; g.setLineDash(line.dash || []); g.lineJoin = "round";
      g.beginPath();
      let pen = false;
      for (let i = 0; i < line.x.length; i++) {
        if (!usable(line.mean[i])) { pen = false; continue; }
        if (pen) g.lineTo(x.to(line.x[i]), y(log(line.mean[i]))); else g.moveTo(x.to(line.x[i]), y(log(line.mean[i])));
        pen = true;
      }
      g.stroke(); g.setLineDash([]); g.lineWidth = 1;
      // A value without neighbours makes no line.
      const alone = i => !(i > 0 && usable(line.mean[i - 1])) && !(i + 1 < line.x.length && usable(line.mean[i + 1]));
      g.fillStyle = css(line.colour);
      for (let i = 0; i < line.x.length; i++)
        if (usable(line.mean[i]) && (line.dots || alone(i))) { g.beginPath(); g.arc(x.to(line.x[i]), y(log(line.mean[i])), 3.5, 0, 7); g.fill(); }
    }
    legend(p, lines.filter(l => l.x.length));
    hover(p, px => {
      const s = x.from(px);
      const texts = lines.filter(l => l.x.length).map(l => {
        let i = nearest(l.x, s);
        const range = l.band && l.low[i] !== l.high[i] ? ` (${number(l.low[i])} to ${number(l.high[i])})` : "";
        return { step: l.x[i], text: `${l.name}: ${share ? Math.round(100 * l.mean[i]) + " %" : number(l.mean[i])}${range}` };
      });
      return texts.length ? `step ${whole(texts[0].step)}\n` + texts.map(t => t.text).join("\n") : null;
    });
    return p;
  }
  // Above the picture, not in it: there it would lie on the curves, and a narrow screen has no room for it.
  function legend({ canvas }, lines) {
    if (lines.length < 2 || canvas.previousElementSibling.className === "legend") return;
    const keys = element("p", undefined, "legend");
    for (const l of lines) {
      const key = element("span", l.name);
      key.style.setProperty("--colour", `var(${l.colour})`);
      key.className = l.mark || (l.dash ? "dashed" : "line");
      keys.append(key);
    }
    canvas.before(keys);
  }
  function nearest(xs, s) {
    let a = 0, b = xs.length - 1;
    while (a < b) { const m = (a + b) >> 1; if (xs[m] < s) a = m + 1; else b = m; }
    return a;
  }

  // ---- heat maps
  const ramp = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
  function colour(t) {
    const p = Math.min(0.9999, Math.max(0, t)) * (ramp.length - 1), i = Math.floor(p), f = p - i;
    return ramp[i].map((v, k) => Math.round(v + f * (ramp[i + 1][k] - v)));
  }
  const palette = Array.from({ length: 256 }, (_, i) => i === 0 ? null : i === 255 ? [233, 30, 140] : i === 254 ? [213, 94, 0] : colour((i - 1) / 252));
  function image(columns, rows, level) {
    const off = document.createElement("canvas");
    off.width = columns; off.height = rows;
    const g = off.getContext("2d"), pixels = g.createImageData(columns, rows);
    for (let i = 0; i < columns * rows; i++) {
      const c = palette[level(i)];
      if (c) { pixels.data[4 * i] = c[0]; pixels.data[4 * i + 1] = c[1]; pixels.data[4 * i + 2] = c[2]; pixels.data[4 * i + 3] = 255; }
    }
    g.putImageData(pixels, 0, 0);
    return off;
  }
  function colourBar(g, left, top, width, from, to) {
    for (let i = 0; i < width; i++) { g.fillStyle = `rgb(${colour(i / width)})`; g.fillRect(left + i, top, 1.5, 8); }
    g.fillStyle = css("--soft"); g.textBaseline = "middle"; g.textAlign = "right"; g.fillText(from, left - 6, top + 5);
    g.textAlign = "left"; g.fillText(to, left + width + 6, top + 5);
  }
  const cached = new Map();
  function heat(id, m, name) {
    if (!m) { at(id + "-section").hidden = true; return; }
    const rows = run.layers.length, columns = m.x.length;
    const room = Math.min(560, Math.max(90, rows * 17)), head = 22;
    const p = prepare(id, room + TOP + head + BOTTOM), { g, width, x } = p;
    if (!cached.has(id)) cached.set(id, image(columns, rows, i => m.cells[i]));
    const labels = Math.min(240, width * 0.24), plot = stepScale(width);
    const shift = px => labels + (px - LEFT) * (width - RIGHT - labels) / (width - RIGHT - LEFT);
    const to = s => shift(plot.to(s));
    g.fillStyle = css("--empty"); g.fillRect(labels, TOP + head, width - RIGHT - labels, room);
    g.imageSmoothingEnabled = false;
    for (let c = 0; c < columns; c++) {
      const from = to(c ? m.x[c - 1] : logarithmic ? 1 : 0);
      g.drawImage(cached.get(id), c, 0, 1, rows, from, TOP + head, Math.max(1, to(m.x[c]) - from + 0.6), room);
    }
    g.fillStyle = css("--soft"); g.textAlign = "right"; g.textBaseline = "middle";
    const every = Math.ceil(rows / (room / 15));
    for (let r = 0; r < rows; r += every) g.fillText(cut(g, run.layers[r], labels - 12), labels - 8, TOP + head + room * (r + 0.5) / rows);
    g.textAlign = "center"; g.textBaseline = "top";
    for (const s of stepTicks(width))
      g.fillText(whole(s), Math.min(to(s), width - 24), TOP + head + room + 8);
    const bar = Math.min(180, width - 160);
    colourBar(g, width - RIGHT - bar - 66, TOP, bar, number(+(10 ** m.low).toPrecision(3)), number(+(10 ** m.high).toPrecision(3)));
    hover(p, (px, py) => {
      const r = Math.floor((py - TOP - head) / room * rows);
      if (px < labels || r < 0 || r >= rows) return null;
      const s = x.from(LEFT + (px - labels) * (width - RIGHT - LEFT) / (width - RIGHT - labels)), c = nearest(m.x, s), v = m.cells[r * columns + c];
      const value = v === 0 ? "not logged" : v === 255 ? "not finite"
        : v === 254 ? "far above " + number(+(10 ** m.high).toPrecision(3)) : number(+(10 ** (m.low + (v - 1) / 252 * (m.high - m.low))).toPrecision(3));
      return `${run.layers[r]}\nstep ${whole(m.x[c])}: ${name} ${value}`;
    });
  }
  function cut(g, text, width) {
    if (g.measureText(text).width <= width) return text;
    while (text.length > 3 && g.measureText("…" + text).width > width) text = text.slice(1);
    return "…" + text;
  }

  // ---- histograms: a ridge for each chosen step
  const h = run.histograms, hcells = h && bytes(h.cells);
  function ridges() {
    if (!h) { at("histograms-section").hidden = true; return; }
    const layer = +at("layer").value, rows = h.steps.length, row = 30;
    at("histograms").dataset.tall = rows * row + TOP + BOTTOM + 26;
    const p = prepare("histograms", 0), { g, width, height } = p;
    const cell = (r, b) => hcells[(layer * rows + r) * h.bins + b];
    const filled = [...Array(h.bins).keys()].filter(b => { for (let r = 0; r < rows; r++) if (cell(r, b) > 1) return true; return false; });
    const first = filled.length ? filled[0] : 0, bins = filled.length ? filled[filled.length - 1] + 1 - first : h.bins;
    const x = b => LEFT + 20 + (width - LEFT - 20 - RIGHT) * (b - first) / bins;
    g.strokeStyle = css("--grid"); g.fillStyle = css("--soft"); g.textAlign = "center"; g.textBaseline = "top";
    const low = (h.lowest + first) * Math.log10(2), high = (h.lowest + first + bins) * Math.log10(2);
    for (const d of decades(low, high)) {
      const px = x(first + (d - low) / (high - low) * bins);
      g.beginPath(); g.moveTo(px, TOP); g.lineTo(px, height - BOTTOM); g.stroke(); g.fillText(decade(d), px, height - BOTTOM + 8);
    }
    for (let r = 0; r < rows; r++) {
      const foot = TOP + 26 + (r + 1) * row;
      g.fillStyle = `rgba(${colour(0.15 + 0.7 * r / Math.max(1, rows - 1))},.75)`; g.strokeStyle = css("--card");
      g.beginPath(); g.moveTo(x(first), foot);
      for (let b = first; b < first + bins; b++) g.lineTo(x(b + 0.5), foot - cell(r, b) / 255 * (row + 16));
      g.lineTo(x(first + bins), foot); g.closePath(); g.fill(); g.stroke();
      g.fillStyle = css("--soft"); g.textAlign = "right"; g.textBaseline = "alphabetic"; g.fillText("step " + whole(h.steps[r]), LEFT + 12, foot - 2);
    }
    hover(p, (px, py) => {
      const r = Math.floor((py - TOP - 26) / row), b = first + Math.floor((px - LEFT - 20) / (width - LEFT - 20 - RIGHT) * bins);
      if (r < 0 || r >= rows || b < first || b >= first + bins) return null;
      const v = cell(r, b) / 255;
      return `step ${whole(h.steps[r])}\n${number(2 ** (h.lowest + b))} to ${number(2 ** (h.lowest + b + 1))}: ${Math.round(100 * v)} % of the fullest bin`
        + `\nzero: ${(100 * h.zeros[r]).toFixed(1)} % of all elements` + (h.nonFinite[r] ? `\nnot finite: ${(100 * h.nonFinite[r]).toFixed(2)} %` : "");
    });
  }

  // ---- predicted and measured flow
  function flow() {
    const f = run.flow;
    if (!f || !f.layers.length) { at("flow-section").hidden = true; return; }
    const p = prepare("flow"), { g, width, height } = p;
    const values = f.layers.flatMap(l => l.slice(1)).filter(v => v !== null);
    let low = Math.min(...values), high = Math.max(...values);
    if (!(low < high)) { low = (low || 0) - 1; high = (high || 0) + 1; }
    const pad = (high - low) * 0.06, y = v => TOP + (height - TOP - BOTTOM) * (high + pad - v) / (high - low + 2 * pad);
    const x = i => LEFT + (width - LEFT - RIGHT) * (i + 0.5) / f.layers.length;
    valueAxis(p, decades(low - pad, high + pad), y, decade);
    const band = f.layers.map((l, i) => ({ i, l })).filter(e => e.l[1] !== null && e.l[3] !== null);
    g.fillStyle = css("--band"); g.beginPath();
    for (const e of band) g.lineTo(x(e.i), y(e.l[3]));
    for (const e of [...band].reverse()) g.lineTo(x(e.i), y(e.l[1]));
    g.fill();
    g.strokeStyle = css("--line"); g.lineWidth = 2; g.beginPath();
    for (const e of band) g.lineTo(x(e.i), y(e.l[2]));
    g.stroke(); g.lineWidth = 1;
    g.fillStyle = css("--second");
    f.layers.forEach((l, i) => { if (l[4] !== null) { g.beginPath(); g.arc(x(i), y(l[4]), 4.5, 0, 7); g.fill(); } });
    const every = Math.max(1, Math.ceil(f.layers.length * 90 / (width - LEFT - RIGHT)));
    g.fillStyle = css("--soft"); g.textAlign = "center"; g.textBaseline = "top";
    for (let i = 0; i < f.layers.length; i += every) g.fillText(cut(g, f.layers[i][0], 84), x(i), height - BOTTOM + 8);
    legend(p, [{ name: "predicted (band: 95 of 100 initializations)", colour: "--line" }, { name: "measured", colour: "--second", mark: "dot" }]);
    hover(p, px => {
      const l = f.layers[Math.min(f.layers.length - 1, Math.max(0, Math.floor((px - LEFT) / (width - LEFT - RIGHT) * f.layers.length)))];
      const power = v => v === null ? "–" : number(10 ** v);
      return `${l[0]}\npredicted ${power(l[2])} (${power(l[1])} to ${power(l[3])})\nmeasured ${power(l[4])}`;
    });
  }

  // ---- tooltips
  const readers = new Map();
  function hover({ canvas }, read) {
    if (!readers.has(canvas)) {
      const show = e => {
        const box = canvas.getBoundingClientRect(), text = readers.get(canvas)(e.clientX - box.left, e.clientY - box.top), tip = at("tip");
        tip.hidden = !text;
        if (!text) return;
        tip.textContent = text;
        tip.style.left = Math.max(8, Math.min(e.clientX + 14, innerWidth - tip.offsetWidth - 8)) + "px";
        tip.style.top = Math.min(e.clientY + 14, innerHeight - tip.offsetHeight - 8) + "px";
      };
      canvas.addEventListener("pointermove", show);
      canvas.addEventListener("pointerdown", show);
      // A finger leaves as soon as it is lifted: what it pointed at stays to be read, until the page is scrolled.
      canvas.addEventListener("pointerleave", e => { if (e.pointerType === "mouse") at("tip").hidden = true; });
    }
    readers.set(canvas, read);
  }

  // ---- texts
  function element(name, text, className) {
    const e = document.createElement(name);
    if (text !== undefined) e.textContent = text;
    if (className) e.className = className;
    return e;
  }
  function texts() {
    const t = run.totals;
    document.title = `GradLint: ${run.model}`;
    at("title").textContent = run.model;
    at("subtitle").textContent = `${run.optimizer}; clipping: ${run.clipping}. Started ${run.started}, ${duration(t.seconds)}`
      + `${run.ending ? ", " + run.ending : ""}.`;
    at("cut-off").hidden = !run.cutOff;
    at("cut-off").textContent = run.cutOff;
    const tiles = [["Steps", whole(t.steps)], ["Clipped", (100 * t.clipRate).toFixed(1) + " %"], ["Skipped", whole(t.skipped)], ["Rolled back", whole(t.rolledBack)],
      [t.validated ? "Best validation loss" : "Best epoch's loss", number(t.best)], ["Median norm", number(t.medianNorm)],
      ["Largest norm", number(t.largestNorm)], ["Suggested threshold", t.suggested === null ? "not yet" : number(+t.suggested.toPrecision(2))]];
    for (const [name, value] of tiles) {
      const tile = element("div");
      tile.append(element("span", name), element("strong", value));
      at("tiles").append(tile);
    }
    for (const [text, section, trouble] of run.findings) {
      const item = element("li", undefined, trouble ? "trouble" : "fine"), link = element("a", text);
      link.href = `#${section}-section`;
      item.append(link);
      at("findings").append(item);
    }
    at("clip-text").textContent = run.clipText;
    const f = run.flow;
    if (f) {
      at("flow-text").textContent = "|dL/dW| of each layer before the first step. "
        + (f.predicted === null ? "" : `Predicted growth from the last layer to the first: ${number(10 ** f.predicted)} times`
          + (f.measured === null ? ". " : `, measured: ${number(10 ** f.measured)} times. `))
        + (f.stop || "") + " Another loss than the assumed one shifts all layers alike: compare the slopes first.";
      for (const a of f.assumptions) at("assumptions").append(element("li", "Assumed: " + a + "."));
    }
    const select = at("layer");
    ["all layers", ...run.layers].forEach((name, i) => { const o = element("option", name); o.value = i; select.append(o); });
    select.addEventListener("change", ridges);
    for (const canvas of document.querySelectorAll("canvas")) {
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", canvas.closest("section").querySelector("h2").textContent);
    }
    events();
    adviceRows();
    rulePages();
  }
  const words = name => name.replace(/(?<=[a-z])[A-Z]/g, c => " " + c).toLowerCase();
  function ruleLinks(tag, text, rules) {
    const links = element(tag, text);
    rules.forEach((rule, i) => {
      const link = element("a", rule);
      link.href = "#" + rule;
      link.addEventListener("click", () => { at(rule).open = true; });
      links.append(i ? ", " : "", link);
    });
    return links;
  }
  function adviceRows() {
    at("advice-section").hidden = run.advice.length === 0;
    const table = at("advice"), head = element("tr");
    for (const name of ["Step", "About", "What was found, and what to try", "Layers", "Rule pages"]) head.append(element("th", name));
    table.append(head);
    for (const a of run.advice) {
      const row = element("tr");
      row.append(element("td", whole(a.step), "number"), element("td", words(a.kind)), element("td", a.message), element("td", a.parameters),
        ruleLinks("td", "", a.rules));
      table.append(row);
    }
  }
  function rulePages() {
    at("pages-section").hidden = Object.keys(run.rulePages).length === 0;
    for (const [rule, text] of Object.entries(run.rulePages)) {
      const page = markdown(text, element), details = element("details"), title = page.querySelector("h3");
      details.id = rule;
      details.append(element("summary", title.textContent));
      title.remove();
      details.append(page);
      at("pages").append(details);
    }
  }
  function events() {
    at("events-text").textContent = run.eventCount === 0 ? "None: every step was in order."
      : run.eventCount === 1 ? "One step was out of the ordinary."
      : `${whole(run.eventCount)} steps were out of the ordinary; those of a kind that follow each other are one row.`;
    if (run.eventCount === 0) return;
    const table = at("events"), head = element("tr");
    for (const name of ["Step", "What the guard did", "Found", "Value", "Threshold", "Usual", "Culprit", "What to do"]) head.append(element("th", name));
    table.append(head);
    for (const e of run.events) {
      const row = element("tr"), did = element("td"), advice = element("td", e.advice);
      did.append(element("span", e.outcome === "RolledBack" ? "rolled back" : e.outcome.toLowerCase(), "outcome " + e.outcome));
      if (e.restored !== null) did.append(element("small", "to step " + whole(e.restored)));
      if (e.report) advice.append(element("small", e.report));
      if (e.rules.length) advice.append(ruleLinks("small", "Rule pages: ", e.rules));
      row.append(element("td", e.count > 1 ? `${whole(e.step)}–${whole(e.last)}` : whole(e.step), "number"), did,
        element("td", words(e.reason) + (e.count > 1 ? `, ${whole(e.count)} times` : "")),
        element("td", `${e.quantity} ${e.value}`, "number"), element("td", e.threshold, "number"), element("td", e.baseline, "number"),
        element("td", e.parameters), advice);
      table.append(row);
    }
  }

  // ---- all of it
  function draw() {
    // Without a width, as in a window that is not shown yet, there is nothing to draw on.
    if (!at("loss").clientWidth) return;
    const validation = run.epochs.filter(e => e[3] !== null), v = Float32Array.from(validation, e => e[3]);
    curves("loss", [{ ...loss, name: "loss", colour: "--line", band: true },
      { x: Float32Array.from(validation, e => e[1]), low: v, mean: v, high: v, name: "validation", colour: "--second", dots: true, wide: 2 }]);
    const p = curves("norm", [{ ...norm, name: "gradient norm", colour: "--line", band: true },
      { ...threshold, name: "threshold", colour: "--second", dash: [6, 4] }]);
    for (const e of run.events) {
      p.g.fillStyle = css(e.outcome === "Stopped" ? "--bad" : "--second");
      const px = p.x.to(e.step);
      p.g.beginPath(); p.g.moveTo(px - 5, p.height - BOTTOM); p.g.lineTo(px + 5, p.height - BOTTOM); p.g.lineTo(px, p.height - BOTTOM - 9); p.g.fill();
    }
    curves("clip-rate", [{ ...clip, low: clip.mean, high: clip.mean, name: "clipped", colour: "--line" }], true);
    if ([...rate.mean].some(v => v > 0)) curves("rate", [{ ...rate, name: "learning rate", colour: "--line" }]);
    else at("rate-section").hidden = true;
    heat("norms", norms, "norm");
    heat("updates", updates, "ratio");
    ridges();
    flow();
  }
  function scale(log) {
    logarithmic = log;
    at("linear").setAttribute("aria-pressed", String(!log));
    at("logarithmic").setAttribute("aria-pressed", String(log));
    draw();
  }
  texts();
  at("linear").addEventListener("click", () => scale(false));
  at("logarithmic").addEventListener("click", () => scale(true));
  addEventListener("scroll", () => { at("tip").hidden = true; }, { passive: true });
  const main = document.querySelector("main");
  let width = main.clientWidth;
  new ResizeObserver(() => { if (main.clientWidth !== width) { width = main.clientWidth; draw(); } }).observe(main);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
  document.documentElement.dataset.drawnAfterMs = Math.round(performance.now());
})();
