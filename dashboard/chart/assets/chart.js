// One chart a place on the page, kept alive: a rerun brings new bytes, the chart draws them where it stands.

import { decode, firstAtLeast } from "./decode.js";
import { drawChart, wantedPx } from "./draw.js";
import { BIN } from "./groups.js";
import { layoutOf, scaleOf } from "./layout.js";
import { listen } from "./input.js";
import { drawOverlay } from "./overlay.js";
import { moment, timeTicks } from "./scales.js";
import { themeOf } from "./theme.js";

/** How long a range has to rest before the server hears of it. */
const REST_MS = 140;
const KEYS = "Left and right move the crosshair, with Shift the range; plus and minus zoom; n and p go through the news; " +
  "Enter chooses, Escape clears.";
const STYLE = "__STYLE__";

export class Chart {
  /** ``send(name, value)`` tells the server; null where there is none, as in a file. */
  constructor(parent, send) {
    this.send = send;
    this.moves = 0; // range changes by hand; the server answers with the number it has seen
    this.pointer = null;
    this.places = [];
    this.build(parent);
    this.unlisten = listen(this);
    this.watch = new ResizeObserver(() => this.stage.clientWidth !== this.frame?.layout.width && this.draw());
    this.watch.observe(this.root);
  }

  build(parent) {
    const make = (tag, name, to) => {
      const element = document.createElement(tag);
      element.className = name;
      to.append(element);
      return element;
    };
    this.root = make("div", "chart", parent);
    this.root.newstape = this; // a test's way in
    make("style", "", this.root).textContent = STYLE;
    this.stage = make("div", "stage", this.root);
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.base = make("canvas", "base", this.stage);
    this.over = make("canvas", "over", this.stage);
    this.tip = make("div", "tip", this.stage);
    this.tip.hidden = true;
    this.busy = make("div", "busy", this.stage);
    this.tools = make("div", "tools", this.root);
    this.counts = make("div", "spoken", this.root);
    this.spoken = make("div", "spoken", this.root);
    this.spoken.setAttribute("aria-live", "polite");
  }

  /** Take a message of the server: what it asks of the chart and what it shows. */
  update(bytes) {
    const { asked, model } = decode(bytes);
    const first = !this.model;
    if (first) this.moves = asked.seen;
    this.model = model;
    this.selected = asked.selected;
    this.selectedAt = asked.selectedAt;
    this.search = asked.search;
    // While a newer move is on its way the view stays where the hand put it; the data may already serve.
    if (asked.seen >= this.moves) {
      [this.from, this.to] = model.range;
      this.waiting(false);
    }
    this.stage.setAttribute("aria-label", model.summary);
    this.pictureAsked(asked.picture);
    this.draw();
    this.painted(asked.seen);
  }

  draw() {
    const width = this.stage.clientWidth;
    if (!width || !this.model) return;
    const ratio = devicePixelRatio || 1;
    const g = this.base.getContext("2d", { alpha: false });
    const theme = themeOf(this.root);
    g.font = `12px ${theme.font}`;
    const layout = layoutOf(this.model, width, (text) => g.measureText(text).width);
    for (const canvas of [this.base, this.over]) {
      if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(layout.height * ratio)) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(layout.height * ratio);
      }
    }
    this.stage.style.height = `${layout.height}px`;
    this.frame = this.frameOf(layout, theme);
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.places = drawChart(g, this.frame);
    const told = [...this.frame.told.values()].map((tell) => tell(false)).filter(Boolean);
    this.stage.setAttribute("aria-description", [...told, KEYS].join(". "));
    this.counts.textContent = told.join(". ");
    this.drawOver();
  }

  frameOf(layout, theme) {
    const { model, from, to } = this;
    const plot = layout.right - layout.left;
    const perMs = plot / (to - from);
    const toolsWidth = this.tools.childElementCount ? this.tools.offsetWidth + 8 : 0;
    return {
      model, layout, theme, from, to, plot, perMs, told: new Map(), selected: this.selected, chosenAt: this.chosenAt(),
      scales: model.panels.map((panel, i) => (panel.lanes ? null : scaleOf(panel, layout.panels[i], from, to, firstAtLeast))),
      x: (ms) => layout.left + (ms - from) * perMs,
      time: (x) => from + (x - layout.left) / perMs,
      headRight: (box) => layout.right - (box === layout.panels[0] ? toolsWidth : 0),
    };
  }

  /** When the chosen item was published, as known to the server or from its mark. */
  chosenAt() {
    if (this.selectedAt) return this.selectedAt;
    for (const { marks } of this.model.panels) {
      const i = marks && this.selected ? marks.id.indexOf(this.selected) : -1;
      if (i >= 0 && marks.span[i] < 3) return [marks.t[i], marks.span[i] === 2 ? marks.until[i] : marks.t[i]];
    }
    return null;
  }

  drawOver() {
    const g = this.over.getContext("2d");
    const ratio = devicePixelRatio || 1;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawOverlay(g, this.frame, this.pointer);
  }

  // ── ranges ────────────────────────────────────────────────────────────────────────────────────────

  /** Show another range at once with what is here, and ask for better when it rests. */
  move(from, to) {
    const [first, last] = this.model.limits;
    const length = Math.round(Math.min(Math.max(to - from, this.model.shortest), last - first));
    const middle = (from + to) / 2;
    from = Math.round(Math.min(Math.max(middle - length / 2, first), last - length));
    if (from === this.from && length === this.to - this.from) return;
    [this.from, this.to] = [from, from + length];
    this.redrawSoon();
    if (!this.send) return;
    this.moves += 1;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.waiting(true);
      this.send("range", { from: this.from, to: this.to, seen: this.moves });
    }, REST_MS);
  }

  /** Closer (below 1) or farther (above 1) about an instant. */
  zoom(factor, about = (this.from + this.to) / 2) {
    this.move(about - (about - this.from) * factor, about + (this.to - about) * factor);
  }

  shift(share) {
    const by = share * (this.to - this.from);
    this.move(this.from + by, this.to + by);
  }

  redrawSoon() {
    this.due ??= requestAnimationFrame(() => {
      this.due = null;
      this.draw();
    });
  }

  /** Say so only where an answer takes long enough to be noticed. */
  waiting(on) {
    clearTimeout(this.late);
    if (on) this.late = setTimeout(() => this.busy.classList.add("on"), 250);
    else this.busy.classList.remove("on");
  }

  // ── items ─────────────────────────────────────────────────────────────────────────────────────────

  /** A click on a mark: a pill opens, by showing its own span; an item becomes the chosen one. */
  pick(place) {
    if (place.count > 1 && this.opened(place)) return;
    // Items of one time stay together however close one looks: clicks go through them.
    const members = place.members?.filter((member) => member.span !== BIN) ?? (place.span === BIN ? [] : [place]);
    if (!members.length) {
      this.say(`${place.title}. The view cannot come closer.`);
      return;
    }
    const { id, title, detail } = members[(members.findIndex((member) => member.id === this.selected) + 1) % members.length];
    this.selected = id;
    this.selectedAt = null;
    this.draw();
    this.say(`${title}. ${detail}`);
    this.send?.("selected", id);
  }

  /** Whether a closer look at a pill's span was possible, and is taken. */
  opened({ from, to }) {
    const { shortest } = this.model;
    const room = Math.max((to - from) * 0.15, shortest / 4);
    if (from === to || Math.max(to - from + 2 * room, shortest) > 0.9 * (this.to - this.from)) return false;
    this.move(from - room, to + room);
    return true;
  }

  say(text) {
    this.spoken.textContent = text;
  }

  // ── pictures, tests ───────────────────────────────────────────────────────────────────────────────

  /** The chart as a canvas, without the pointer; at least twice the screen's points. */
  picture() {
    const pointer = this.pointer;
    this.pointer = null;
    const canvas = document.createElement("canvas");
    const scale = Math.max(2, devicePixelRatio || 1);
    const { width, height } = this.frame.layout;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const g = canvas.getContext("2d");
    g.setTransform(scale, 0, 0, scale, 0, 0);
    const above = document.createElement("canvas");
    above.width = canvas.width;
    above.height = canvas.height;
    const h = above.getContext("2d");
    h.setTransform(scale, 0, 0, scale, 0, 0);
    const frame = { ...this.frame, headRight: () => this.frame.layout.right };
    drawChart(g, frame);
    drawOverlay(h, frame, null);
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.drawImage(above, 0, 0);
    this.pointer = pointer;
    return canvas;
  }

  /** The server asks for a picture by a new name; each is answered once. */
  pictureAsked(name) {
    if (!name || name === this.pictured || !this.send) return;
    this.pictured = name;
    requestAnimationFrame(() => this.send("picture", { name, png: this.picture().toDataURL("image/png").split(",")[1] }));
  }

  /** Tells, after the paint, that a message is on the screen; for measurements and tests. */
  painted(seen) {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => this.root.dispatchEvent(
        new CustomEvent("newstape-painted", { bubbles: true, composed: true, detail: { seen, at: performance.now(), range: this.model.range } }),
      );
      port2.postMessage(0);
    });
  }

  /** What is drawn, in words and page coordinates; for tests. */
  state() {
    const box = this.stage.getBoundingClientRect();
    return {
      range: [this.from, this.to], selected: this.selected ?? null, said: this.spoken.textContent,
      range_text: [this.from, this.to].map((at) => moment(at, this.model)),
      panels: this.model.panels.map((panel, i) => ({
        title: panel.title, note: this.frame.told.get(panel)?.(false) ?? panel.note, empty: panel.empty, lanes: panel.lanes ?? null, log: this.frame.scales[i]?.log ?? false,
        top: box.top + this.frame.layout.panels[i].top, bottom: box.top + this.frame.layout.panels[i].bottom,
        series: panel.series.map((series) => ({ name: series.name, kind: series.kind, n: series.t.length, values: Array.from(series.close ?? series.value) })),
      })),
      plot: [box.left + this.frame.layout.left, box.left + this.frame.layout.right],
      marks: this.places.map(({ id, title, detail, count, kind, span, x, y, half, members }) => ({
        id, title, detail, count, kind, span, half, x: box.left + x, y: box.top + y, members: (members ?? []).map((one) => one.id),
      })),
    };
  }

  /** The instants and words of the time axis; for tests. */
  ticks() {
    const { from, to, plot, layout } = this.frame;
    return timeTicks(from, to, (wantedPx(layout) / plot) * (to - from), this.model.zone);
  }

  end() {
    this.watch.disconnect();
    this.unlisten();
    clearTimeout(this.resting);
    clearTimeout(this.late);
    cancelAnimationFrame(this.due);
    this.root.remove();
  }
}

const alive = new WeakMap();

/** What Streamlit calls at every rerun of the chart, and when the theme changes. */
export default function mount({ data, parentElement, setTriggerValue }) {
  let chart = alive.get(parentElement);
  if (!chart) {
    chart = new Chart(parentElement, setTriggerValue);
    alive.set(parentElement, chart);
  }
  chart.send = setTriggerValue;
  chart.update(data);
  return () => {
    chart.end();
    alive.delete(parentElement);
  };
}
