// A chart is already drawn; where scripts run, a live one with tooltips takes its place.
for (const chart of document.querySelectorAll("figure.chart")) {
  const spec = chart.querySelector("script.vega-spec");
  const drawing = chart.querySelector(".drawing");
  if (!spec) continue;
  const live = document.createElement("div");
  const options = { actions: false, ast: true, renderer: "svg" };
  vegaEmbed(live, JSON.parse(spec.textContent), options)
    .then(() => drawing.replaceChildren(live))
    .catch(() => live.remove());
}
