// Any two periods beside each other. Without it the pages of neighbouring periods are there to read.
const selects = [document.getElementById("first"), document.getElementById("second")];
const changed = document.getElementById("changed");
const names = Object.keys(PERIODS.periods); // the latest first

function cell(content, label, kind) {
  const made = document.createElement(kind || "td");
  if (kind) made.scope = "row";
  else made.dataset.label = label;
  made.append(content);
  return made;
}

function light(code) {
  return document.querySelector(`template[data-light="${code}"]`).content.cloneNode(true);
}

function right(made) {
  made.className = "right";
  return made;
}

function fill(id, rows) {
  const table = document.getElementById(id);
  table.tBodies[0].replaceChildren(
    ...rows.map((cells) => {
      const row = document.createElement("tr");
      row.append(...cells);
      return row;
    }),
  );
  return table;
}

function compare() {
  const at = selects.map((select) => names.indexOf(select.value));
  const told = at.map((place) => PERIODS.periods[names[place]]);
  const wanted = (...lists) => !changed.checked || lists.some((list) => list[at[0]] !== list[at[1]]);
  const kpis = Object.values(PERIODS.kpis)
    .filter(([, shown]) => wanted(shown) && at.some((place) => shown[place] !== "—"))
    .map(([label, shown]) => [cell(label, "", "th"), ...at.map((place, side) => right(cell(shown[place], told[side])))]);
  const projects = PERIODS.projects
    .filter(([, , lights, shown]) => wanted(lights, shown))
    .map(([name, path, lights, shown]) => {
      const link = document.createElement("a");
      link.href = path.split("/").map(encodeURIComponent).join("/");
      link.textContent = name;
      const lit = at.map((place, side) => cell(light(lights[place]), told[side]));
      lit[1].className = "first";
      return [cell(link, "", "th"), ...lit, ...at.map((place, side) => right(cell(shown[place], told[side])))];
    });
  fill("kpis", kpis).querySelectorAll("thead th:nth-child(n+2)").forEach((head, side) => (head.textContent = told[side]));
  const heads = fill("projects", projects).querySelectorAll("thead th:nth-child(n+2)");
  heads.forEach((head, side) => {
    head.dataset.base ??= head.textContent;
    head.textContent = [head.dataset.base, told[side % 2]].filter(Boolean).join(" ");
  });
  history.replaceState(null, "", `#first=${selects[0].value}&second=${selects[1].value}`);
}

const asked = new URLSearchParams(location.hash.slice(1));
selects.forEach((select, side) => {
  for (const name of [...names].reverse()) select.add(new Option(PERIODS.periods[name], name));
  const wanted = asked.get(select.id);
  select.value = names.includes(wanted) ? wanted : names[1 - side];
  select.addEventListener("change", compare);
});
changed.addEventListener("change", compare);
document.getElementById("choose").hidden = false;
document.getElementById("compared").hidden = false;
compare();
