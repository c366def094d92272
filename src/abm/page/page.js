"use strict";
// Draws the charts, ties buttons of legends to them, and tells whoever looks (tests do) when all is drawn.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const CHARTS = read("charts");
const COMMON = read("chart-config");
const SHAPES = read("shapes"); // outlines are in the page once, for all maps
const LEGIBLE = 560; // pixels to which a chart is shrunk at most; in a narrower window it is scrolled
const state = { failed: [] };
window.report = state;

async function draw(figure) {
  const chart = CHARTS[figure.id];
  const spec = { ...chart, datasets: { ...chart.datasets, ...SHAPES } };
  const options = { mode: "vega-lite", renderer: "svg", actions: false, config: COMMON, tooltip: { theme: "light" } };
  options.bind = figure.querySelector(".controls");
  const { view } = await window.vegaEmbed(figure.querySelector(".canvas"), spec, options);
  const buttons = [...figure.querySelectorAll(".legend button")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") === "true";
      button.setAttribute("aria-pressed", String(!on));
      const chosen = buttons.filter((button) => button.getAttribute("aria-pressed") === "true");
      view.signal("shown", chosen.map((button) => button.dataset.series)).run();
    });
  }
  const svg = figure.querySelector(".drawing svg");
  if (svg && !svg.querySelector(".mark-shape")) svg.style.setProperty("--least", `${Math.min(LEGIBLE, Number(svg.getAttribute("width")))}px`);
  figure.view = view;
}

async function drawAll() {
  for (const figure of document.querySelectorAll("figure.chart")) {
    try {
      await draw(figure);
    } catch (error) {
      state.failed.push(`${figure.id}: ${error.message}`);
      figure.querySelector(".canvas").textContent = "This chart could not be drawn; its numbers are below.";
      console.error(error);
    }
  }
}

for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.from).textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(document.getElementById(button.dataset.from));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = "Selected";
    }
  });
}

state.done = drawAll();
