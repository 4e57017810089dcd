// A chart is already drawn; where scripts run, a live one with tooltips takes its place.
for (const chart of document.querySelectorAll("figure.chart")) {
  const spec = chart.querySelector("script.vega-spec");
  const drawing = chart.querySelector(".drawing");
  if (!spec) continue;
  const live = document.createElement("div");
  const options = { actions: false, ast: true, renderer: "svg" };
  vegaEmbed(live, JSON.parse(spec.textContent), options)
    .then(() => {
      // The figure has a text of its own; what marks say of themselves would be read aloud in English.
      for (const mark of live.querySelectorAll("[role]")) {
        mark.removeAttribute("role");
        mark.removeAttribute("aria-roledescription");
      }
      drawing.replaceChildren(live);
    })
    .catch(() => live.remove());
}
