// Where everything stands: panels below one another over one time axis. Heights are as payload.py counts them.

export const LANE = 28;
const HEAD = 24; // a panel's name and values
const BETWEEN = 8;
const AXIS = 26;
const RIGHT = 10;

/** Boxes in CSS pixels for a canvas of ``width``; ``measure`` gives a text's width. */
export function layoutOf(model, width, measure) {
  const narrow = width < 600;
  const names = model.panels.flatMap((panel) => panel.lanes ?? []);
  const widest = Math.max(0, ...names.map((name) => measure(name) + 14));
  const left = Math.round(Math.min(Math.max(widest, narrow ? 52 : 68), narrow ? 84 : 132));
  let top = 2;
  const panels = model.panels.map((panel) => {
    const height = panel.lanes ? LANE * Math.max(1, panel.lanes.length) : panel.height;
    const box = { head: top, top: top + HEAD, height, bottom: top + HEAD + height };
    top = box.bottom + BETWEEN;
    return box;
  });
  const bottom = top - BETWEEN;
  return { width, narrow, left, right: width - RIGHT, panels, bottom, height: bottom + AXIS };
}

/** A panel's value scale over what is in view: ``{low, high, log, y, value}``; null without values. */
export function scaleOf(panel, box, from, to, firstAtLeast) {
  let low = Infinity;
  let high = -Infinity;
  for (const series of panel.series) {
    const t = series.t;
    // A line enters and leaves the view: the values just outside it count; a bar's own length reaches in.
    const first = Math.max(0, firstAtLeast(t, from) - 1);
    const last = Math.min(t.length - 1, firstAtLeast(t, to));
    const [below, above] = extremes(series);
    for (let i = first; i <= last; i++) {
      if (below[i] < low) low = below[i];
      if (above[i] > high) high = above[i];
    }
    if (series.kind === "columns" && last >= first) low = Math.min(low, 0);
  }
  if (!(low <= high)) return null;
  const log = panel.log && low > 0;
  const columns = panel.series.every((series) => series.kind === "columns");
  if (low === high) [low, high] = log ? [low / 1.01, high * 1.01] : [low - (Math.abs(low) || 1) * 0.01, high + (Math.abs(high) || 1) * 0.01];
  const fit = log ? Math.log : (v) => v;
  const back = log ? Math.exp : (v) => v;
  const room = (fit(high) - fit(low)) * 0.05;
  const bottom = columns ? fit(low) : fit(low) - room;
  const top = fit(high) + room;
  const perUnit = box.height / (top - bottom);
  return {
    log, low: back(bottom), high: back(top),
    y: (v) => box.bottom - (fit(v) - bottom) * perUnit,
    value: (y) => back(bottom + (box.bottom - y) / perUnit),
  };
}

function extremes(series) {
  if (series.kind === "candles") return [series.low, series.high];
  return [series.value, series.upper ?? series.value];
}
