// Choosing, finding and sorting the rows of the table of projects. Without it the whole table is there to read.
const form = document.getElementById("choose");
const table = document.getElementById("projects");
const rows = [...table.tBodies[0].rows];
const shown = form.querySelector(".shown");
const order = document.getElementById("order");

function choose() {
  const chosen = Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
  const words = (chosen.words || "").toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const row of rows) {
    const fits = Object.entries(chosen).every(([name, value]) => name === "words" || row.dataset[name] === value);
    const text = row.textContent.toLowerCase();
    row.hidden = !(fits && words.every((word) => text.includes(word)));
    count += !row.hidden;
  }
  shown.textContent = form.dataset.count.replace("{n}", count);
  const kept = new URLSearchParams(chosen).toString();
  history.replaceState(null, "", kept ? "#" + kept : location.pathname);
}

function recall() {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    if (form.elements[name]) form.elements[name].value = value;
  }
}

function sortBy(column, falling) {
  const heads = [...table.tHead.rows[0].cells];
  for (const head of heads) head.removeAttribute("aria-sort");
  heads[column].setAttribute("aria-sort", falling ? "descending" : "ascending");
  const key = (row) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
  const compare = (one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a === "" || b === "") return (a === "") - (b === ""); // what is missing stands last either way
    const order = isNaN(a) || isNaN(b) ? a.localeCompare(b, document.documentElement.lang) : a - b;
    return falling ? -order : order;
  };
  table.tBodies[0].append(...rows.sort(compare));
}

// By the headings, or on a phone, where there are none, by the list.
[...table.tHead.rows[0].cells].forEach((head, column) => {
  order.add(new Option(head.textContent + " ↑", column + " up"));
  order.add(new Option(head.textContent + " ↓", column + " down"));
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  button.addEventListener("click", () => {
    const falling = head.getAttribute("aria-sort") === "ascending";
    order.value = column + (falling ? " down" : " up");
    sortBy(column, falling);
  });
  head.append(button);
});
order.addEventListener("change", () => {
  const [column, way] = order.value.split(" ");
  sortBy(Number(column), way === "down");
});
form.hidden = false;
form.addEventListener("input", choose);
form.addEventListener("reset", () => setTimeout(choose));
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", () => { recall(); choose(); });
recall();
choose();
