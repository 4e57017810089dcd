// The search: what is typed is cut as the index was, into pairs of Chinese characters and other words, and the
// entries that have all of them are listed, those with the words in their titles first.
const form = document.getElementById("search");
const words = document.getElementById("words");
const results = document.getElementById("results");
const more = document.getElementById("more");
const PAGE = 30;
const keys = Object.keys(INDEX.grams);
let hits = [];
let listed = 0;

function grams(text) {
  const found = new Set();
  for (const run of text.toLowerCase().match(/[㐀-䶿一-鿿]+|[a-z0-9]+(?:[-.][a-z0-9]+)*/g) || []) {
    if (run[0] <= "z") found.add(run.slice(0, 20));
    else if (run.length === 1) found.add(run);
    else for (let at = 0; at < run.length - 1; at += 1) found.add(run.slice(at, at + 2));
  }
  return [...found];
}

function entriesOf(key) {
  let number = 0;
  const numbers = [];
  for (const sign of INDEX.grams[key]) {
    if (sign === "!") number += INDEX.signs.length;
    else {
      number += INDEX.signs.indexOf(sign);
      numbers.push(number);
    }
  }
  return numbers;
}

// A word, or a single character, is found by its beginning too, and a character also at the end of a pair.
function having(gram) {
  const fits = (key) => key.startsWith(gram) || (gram.length === 1 && gram > "z" && key.endsWith(gram));
  const chosen = gram > "z" && gram.length === 2 ? [gram].filter((key) => key in INDEX.grams) : keys.filter(fits);
  return new Set(chosen.flatMap(entriesOf));
}

function find() {
  const wanted = words.value.trim().toLowerCase();
  const sets = grams(wanted).map(having);
  const all = sets.length ? [...sets[0]].filter((one) => sets.every((set) => set.has(one))) : [];
  const titled = (one) => INDEX.entries[one][0].toLowerCase().includes(wanted);
  hits = all.sort((one, other) => titled(other) - titled(one) || one - other);
  listed = 0;
  results.replaceChildren();
  list();
  document.getElementById("found").textContent = wanted ? form.dataset.found.replace("{n}", hits.length) : "";
  history.replaceState(null, "", wanted ? "#q=" + encodeURIComponent(wanted) : location.pathname);
}

function list() {
  for (const one of hits.slice(listed, listed + PAGE)) {
    const [title, about, path] = INDEX.entries[one];
    const item = document.createElement("li");
    const link = document.createElement("a");
    const note = document.createElement("span");
    const [file, anchor] = path.split("#");
    link.href = file.split("/").map(encodeURIComponent).join("/") + (anchor ? "#" + encodeURIComponent(anchor) : "");
    link.textContent = title;
    note.className = "soft";
    note.textContent = about;
    item.append(link, note);
    results.append(item);
  }
  listed += PAGE;
  more.hidden = listed >= hits.length;
}

words.value = new URLSearchParams(location.hash.slice(1)).get("q") || "";
words.addEventListener("input", find);
more.addEventListener("click", list);
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
document.getElementById("without").hidden = true;
find();
