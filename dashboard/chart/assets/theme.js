// Colours of both themes. What series are named after stands 3:1 or more from the background (WCAG 1.4.11), what is
// text 4.5:1, and no two series look alike to a colour-blind eye: tests/pages/test_colours.py.

const LIGHT = {
  text: "#31333f", faint: "#5f6370", grid: "rgba(49,51,63,0.10)", strong: "rgba(49,51,63,0.22)", frame: "#c9ccd4",
  back: "#ffffff", up: "#1f6fc4", down: "#be5101", blue: "#134099", orange: "#be5101",
  teal: "#629d8d", violet: "#a972df", grey: "#636f80", pink: "#801e53", mark: "#2b6cb0", chosen: "#a3186c", note: "#7a4fc0",
  hatch: "rgba(49,51,63,0.28)", pill: "#31333f", pillText: "#ffffff", shade: "rgba(49,51,63,0.07)",
};
const DARK = {
  text: "#fafafa", faint: "#a9afbb", grid: "rgba(250,250,250,0.09)", strong: "rgba(250,250,250,0.22)",
  frame: "#454b57", back: "#171614", up: "#5fa8f0", down: "#f0924a", blue: "#58b5fe",
  orange: "#fd861a", teal: "#baf1e2", violet: "#8f45f2", grey: "#9d9d9d", pink: "#b6416a", mark: "#7db4ea",
  chosen: "#f07cc0", note: "#b394f0", hatch: "rgba(250,250,250,0.26)", pill: "#e6e8ee", pillText: "#0e1117",
  shade: "rgba(250,250,250,0.07)",
};

/** The colours for where an element stands; read from the page's own theme where it gives one. */
export function themeOf(element) {
  const style = getComputedStyle(element);
  const back = style.getPropertyValue("--st-background-color").trim();
  const dark = back ? brightness(back) < 128 : matchMedia("(prefers-color-scheme: dark)").matches;
  const colours = { ...(dark ? DARK : LIGHT), dark };
  if (back) colours.back = back;
  const font = style.getPropertyValue("--st-font").trim() || "system-ui, sans-serif";
  return { ...colours, font };
}

/** From 0 (black) to 255; of ``#rgb``, ``#rrggbb`` or ``rgb(…)``. */
function brightness(colour) {
  const hex = colour.match(/^#([0-9a-f]{3,8})$/i)?.[1];
  const parts = hex
    ? (hex.length < 6 ? [...hex].map((c) => c + c) : hex.match(/../g)).slice(0, 3).map((c) => parseInt(c, 16))
    : (colour.match(/[\d.]+/g) ?? [255, 255, 255]).slice(0, 3).map(Number);
  return parts[0] * 0.299 + parts[1] * 0.587 + parts[2] * 0.114;
}

export function alpha(hex, opacity) {
  return hex + Math.round(opacity * 255).toString(16).padStart(2, "0");
}
