// Hands on the chart: wheel, drag, pinch, click, keys and the buttons that do the same.

import { holds } from "./groups.js";
import { markAt } from "./marks.js";
import { moment, full } from "./scales.js";
import { indexAt } from "./overlay.js";

const CLICK_PX = 5;
const REACH = { mouse: 9, touch: 18, pen: 12 };
const PAN_SHARE = 0.25;

/** Attach to a chart; returns what detaches. */
export function listen(chart) {
  const { stage } = chart;
  const stop = new AbortController();
  const on = (target, name, act, options = {}) => target.addEventListener(name, act, { signal: stop.signal, ...options });
  const held = new Map(); // pointers that are down
  let drag = null;

  const local = (event) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const inPlot = ({ x, y }) => chart.frame && x >= chart.frame.layout.left && x <= chart.frame.layout.right && y <= chart.frame.layout.height;

  const hover = (point, kind) => {
    const place = point && markAt(chart.places, point.x, point.y, REACH[kind] ?? REACH.mouse);
    stage.classList.toggle("on-mark", Boolean(place));
    chart.pointer = point && inPlot(point) ? point : null;
    tooltip(chart, place, point);
    chart.overDue ??= requestAnimationFrame(() => {
      chart.overDue = null;
      chart.drawOver();
    });
    return place;
  };

  on(stage, "pointerdown", (event) => {
    if (event.button !== 0 || !chart.frame) return;
    held.set(event.pointerId, local(event));
    const point = local(event);
    if (held.size === 2) {
      const [a, b] = [...held.values()];
      drag = { pinch: Math.max(20, Math.abs(a.x - b.x)), from: chart.from, to: chart.to, about: chart.frame.time((a.x + b.x) / 2) };
    } else if (inPlot(point)) {
      drag = { ...point, from: chart.from, to: chart.to, perMs: chart.frame.perMs, moved: false, box: event.shiftKey };
    }
  });
  on(stage, "pointermove", (event) => {
    const point = local(event);
    if (held.has(event.pointerId)) held.set(event.pointerId, point);
    if (!chart.frame) return;
    if (!drag) {
      hover(point, event.pointerType);
    } else if (drag.pinch && held.size === 2) {
      const [a, b] = [...held.values()];
      const factor = drag.pinch / Math.max(20, Math.abs(a.x - b.x));
      chart.move(drag.about - (drag.about - drag.from) * factor, drag.about + (drag.to - drag.about) * factor);
    } else if (!drag.pinch && (drag.moved || Math.abs(point.x - drag.x) > CLICK_PX)) {
      if (!drag.moved) {
        drag.moved = true;
        stage.setPointerCapture(event.pointerId);
        stage.classList.add("dragging");
        tooltip(chart, null);
      }
      if (drag.box) showBox(chart, drag.x, point.x);
      else {
        const by = (drag.x - point.x) / drag.perMs;
        chart.pointer = null;
        chart.move(drag.from + by, drag.to + by);
      }
    }
  });
  const lift = (event) => {
    held.delete(event.pointerId);
    if (!drag) return;
    const [was, point] = [drag, local(event)];
    if (held.size === 0) drag = null;
    stage.classList.remove("dragging");
    chart.busyBox?.remove();
    chart.busyBox = null;
    if (event.type === "pointercancel" || was.pinch) return;
    if (was.moved) {
      if (was.box) chart.move(...[was.x, point.x].sort((a, b) => a - b).map(chart.frame.time));
      return;
    }
    const place = hover(point, event.pointerType);
    if (place) chart.pick(place);
  };
  on(stage, "pointerup", lift);
  on(stage, "pointercancel", lift);
  on(stage, "pointerleave", () => !drag && chart.frame && hover(null));
  on(stage, "wheel", (event) => {
    const point = local(event);
    if (!inPlot(point)) return; // over the labels the page scrolls
    event.preventDefault();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) chart.shift(event.deltaX / chart.frame.plot);
    else chart.zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300))), chart.frame.time(point.x));
    tooltip(chart, null);
  }, { passive: false });

  on(stage, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !chart.frame) return;
    const act = keys(chart)[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act(event);
  });
  // From anywhere on the page but a field: "/" goes to the search, as people expect of it.
  on(document, "keydown", (event) => {
    const typing = event.composedPath()[0]?.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = [...document.querySelectorAll("input")].find((input) => chart.search && input.ariaLabel === chart.search);
    if (!field) return;
    event.preventDefault();
    field.focus();
  });
  on(stage, "blur", () => chart.frame && hover(null));
  addTools(chart, on);
  return () => stop.abort();
}

function keys(chart) {
  const step = (direction) => (event) => (event.shiftKey ? chart.shift(direction * PAN_SHARE) : stepCrosshair(chart, direction));
  return {
    ArrowLeft: step(-1), ArrowRight: step(1),
    "+": () => chart.zoom(0.5), "=": () => chart.zoom(0.5), "-": () => chart.zoom(2), _: () => chart.zoom(2),
    PageUp: () => chart.shift(-1), PageDown: () => chart.shift(1),
    n: () => stepMark(chart, 1), p: () => stepMark(chart, -1),
    Enter: () => chart.atMark && chart.pick(chart.atMark),
    Escape: () => {
      chart.pointer = chart.atMark = null;
      tooltip(chart, null);
      chart.drawOver();
    },
  };
}

/** Move the crosshair by a bar of the first panel and say what stands there. */
function stepCrosshair(chart, direction) {
  const { frame, model } = chart;
  const panel = model.panels.findIndex((one) => one.series.length);
  if (panel < 0) return;
  const series = model.panels[panel].series[0];
  const step = series.step || (chart.to - chart.from) / 100;
  const at = chart.pointer ? frame.time(chart.pointer.x) : direction > 0 ? chart.from : chart.to;
  const next = Math.min(Math.max(at + direction * step, chart.from), chart.to);
  chart.pointer = { x: frame.x(next), y: frame.layout.panels[panel].top };
  chart.drawOver();
  const i = indexAt(series, next, true);
  const value = i < 0 ? "no value" : full((series.close ?? series.value)[i], model.panels[panel].unit);
  chart.say(`${moment(Math.floor(next / 60e3) * 60e3, model)}: ${value}`);
}

/** To the next or previous mark in time; Enter picks it. */
function stepMark(chart, direction) {
  const places = [...chart.places].sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1));
  if (!places.length) return;
  const wanted = chart.atMark?.id ?? chart.selected;
  const here = places.findIndex((place) => holds(place, wanted));
  const next = here < 0 ? (direction > 0 ? 0 : places.length - 1) : Math.min(Math.max(here + direction, 0), places.length - 1);
  const place = places[next];
  chart.atMark = place;
  chart.pointer = { x: place.x, y: place.y };
  chart.drawOver();
  tooltip(chart, place, place);
  chart.say(`${place.title}. ${place.detail}. ${next + 1} of ${places.length}.`);
}

/** What the mark is; headlines are strangers' text and only ever become text. */
function tooltip(chart, place, point) {
  const { tip, frame } = chart;
  if (!place) {
    tip.hidden = true;
    return;
  }
  const title = document.createElement("strong");
  title.textContent = place.title;
  const detail = document.createElement("span");
  detail.textContent = place.detail;
  tip.replaceChildren(title, detail);
  tip.hidden = false;
  const width = Math.min(340, frame.layout.width - 16);
  tip.style.maxWidth = `${width}px`;
  const left = Math.min(Math.max(8, point.x + 14), frame.layout.width - tip.offsetWidth - 8);
  const above = place.y - tip.offsetHeight - 14;
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(above > 0 ? above : place.y + 16)}px)`;
}

function showBox(chart, from, to) {
  if (!chart.busyBox) {
    chart.busyBox = document.createElement("div");
    chart.busyBox.className = "box";
    chart.stage.append(chart.busyBox);
  }
  Object.assign(chart.busyBox.style, { left: `${Math.min(from, to)}px`, width: `${Math.abs(to - from)}px`, height: `${chart.frame.layout.bottom}px` });
}

function addTools(chart, on) {
  const add = (text, name, act, kind = "") => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = kind;
    button.textContent = text;
    button.title = name;
    button.setAttribute("aria-label", name);
    on(button, "click", act);
    chart.tools.append(button);
  };
  add("◀", "Earlier", () => chart.shift(-PAN_SHARE), "shift");
  add("▶", "Later", () => chart.shift(PAN_SHARE), "shift");
  add("+", "Closer", () => chart.zoom(0.5));
  add("−", "Farther", () => chart.zoom(2));
  add("PNG", "Save the chart as a picture", () => {
    const link = document.createElement("a");
    link.download = "newstape-chart.png";
    link.href = chart.picture().toDataURL("image/png");
    link.click();
  });
}
