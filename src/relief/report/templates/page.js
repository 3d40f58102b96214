"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const common = JSON.parse(at("common").textContent);
  const words = common.words;
  const PAGE = 50;
  const table = at("table");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const query = at("q");
  const picks = [at("outcome"), at("district")];
  const placeOf = heads.findIndex((head) => head.dataset.sort === "district");
  const order = { outcome: optionsOf(at("outcome")), district: optionsOf(at("district")) };
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const all = [...body.rows].map((row, number) => ({
    row,
    number,
    texts: [...row.cells].map((cell) => cell.textContent),
    outcome: row.dataset.o,
    detail: null,
    button: null,
  }));
  for (const item of all) item.hay = (item.texts.join(" ") + " " + item.texts.join(" ").replaceAll(",", "")).toLowerCase();
  const ranks = new Map();
  let shown = all;
  let page = 0;
  let sorted = null;

  function optionsOf(select) {
    return new Map([...(select ? select.options : [])].map((option, place) => [option.text, place]));
  }
  function fill(text, facts) {
    return text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  }
  function number(count) {
    return count.toLocaleString("en-US");
  }
  function make(tag, kind, ...inside) {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    made.append(...inside);
    return made;
  }

  // Each column is ranked once, when it is first sorted by: rows are then compared by whole numbers.
  function rankOf(column) {
    if (ranks.has(column)) return ranks.get(column);
    const kind = heads[column].dataset.sort;
    const keys = all.map(({ texts }) => {
      const text = texts[column];
      if (kind === "number") return text === "—" ? null : Number(text.replaceAll(",", ""));
      if (kind === "text") return text === "" ? null : text;
      return order[kind].get(text) ?? Infinity;
    });
    const compare = kind === "text" ? collator.compare : (a, b) => (a === b ? 0 : a - b);
    const places = new Map([...new Set(keys)].filter((key) => key !== null).sort(compare).map((key, place) => [key, place]));
    const rank = keys.map((key) => places.get(key) ?? null);
    ranks.set(column, rank);
    return rank;
  }
  function select() {
    const parts = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [outcome, district] = picks.map((pick) => (pick ? pick.value : ""));
    shown = all.filter(
      (item) =>
        (!outcome || item.outcome === outcome) &&
        (!district || item.texts[placeOf] === district) &&
        parts.every((part) => item.hay.includes(part)),
    );
    if (sorted) {
      const rank = rankOf(sorted.column);
      const way = sorted.up ? 1 : -1;
      shown.sort((a, b) => {
        const [left, right] = [rank[a.number], rank[b.number]];
        if (left === right) return a.number - b.number;
        if (left === null || right === null) return left === null ? 1 : -1; // what is not known stays last
        return way * (left - right);
      });
    }
    page = 0;
    show();
  }
  function pageCount() {
    return Math.max(1, Math.ceil(shown.length / PAGE));
  }
  function put(items) {
    const rows = [];
    for (const item of items) {
      opener(item);
      rows.push(item.row);
      if (item.detail) rows.push(item.detail);
    }
    body.replaceChildren(...rows);
  }
  function show() {
    const first = page * PAGE;
    const items = shown.slice(first, first + PAGE);
    put(items);
    const range = { first: number(first + 1), last: number(first + items.length) };
    tell(items.length < shown.length ? fill(words.range, range) : "");
    at("pages").hidden = pageCount() < 2;
    at("page").textContent = fill(words.page, { page: number(page + 1), pages: number(pageCount()) });
    at("back").disabled = page === 0;
    at("next").disabled = page + 1 >= pageCount();
  }
  function tell(range) {
    let told = fill(shown.length ? words.found : words.none, { count: number(shown.length) }) + range;
    if (sorted) {
      const column = heads[sorted.column].textContent;
      told += fill(words.sorted, { column, way: sorted.up ? words.up : words.down });
    }
    at("count").textContent = told;
  }

  // --- one household -------------------------------------------------------------------------------
  function opener(item) {
    if (item.button) return;
    const cell = item.row.cells[0];
    item.button = make("button", "", cell.textContent);
    item.button.type = "button";
    item.button.setAttribute("aria-expanded", "false");
    item.button.addEventListener("click", () => toggle(item));
    cell.replaceChildren(item.button);
  }
  function toggle(item) {
    if (item.detail) {
      item.detail.remove();
      item.detail = null;
    } else {
      item.detail = detail(item);
      item.row.after(item.detail);
    }
    item.button.setAttribute("aria-expanded", String(Boolean(item.detail)));
    if (item.detail) item.button.setAttribute("aria-controls", item.detail.id);
    else item.button.removeAttribute("aria-controls");
  }
  const parts = new Map();
  function partOf(place) {
    if (!parts.has(place)) parts.set(place, JSON.parse(at("part-" + place).textContent));
    return parts.get(place);
  }
  const text = (entry) => (typeof entry === "number" ? common.shared[entry] : entry);
  function detail(item) {
    const part = Math.floor(item.number / common.per_part);
    const [results, lines, missing, facts, deciding] = partOf(part)[item.number % common.per_part];
    const cell = make("td");
    cell.colSpan = heads.length;
    const [decided, rest] = [true, false].map((is) => results.filter(([rule]) => deciding.includes(rule) === is));
    if (missing.length) cell.append(make("h3", "", words.missing), list(missing));
    if (decided.length) cell.append(make("h3", "", words.deciding), rules(decided));
    if (lines.length) cell.append(make("h3", "", words.award), list(lines));
    if (facts.length) cell.append(make("h3", "", words.facts), pairs(facts));
    if (rest.length) {
      cell.append(make("details", "", make("summary", "", fill(words.rest, { count: rest.length })), rules(rest)));
    }
    const row = make("tr", "detail", cell);
    row.id = "d-" + item.number;
    return row;
  }
  function list(entries) {
    return make("ul", "", ...entries.map((entry) => make("li", "", make("span", "sign", "·"), text(entry))));
  }
  function pairs(entries) {
    return make("dl", "", ...entries.map(([title, value]) => make("div", "", make("dt", "", title), make("dd", "", text(value)))));
  }
  const KINDS = ["fail", "unknown", "pass"];
  const SIGNS = ["×", "?", "✓"];
  const RESULTS = [words.failed, words.open, words.met];
  function rules(entries) {
    const items = entries.map(([rule, result, message, formula]) => {
      const [title, source] = common.rules[rule];
      const sign = make("span", "sign", SIGNS[result]);
      sign.setAttribute("role", "img");
      sign.setAttribute("aria-label", RESULTS[result]);
      const item = make("li", KINDS[result], sign, make("strong", "", title), " ", text(message));
      if (text(formula)) item.append(make("small", "formula", text(formula)));
      item.append(make("small", "", fill(words.source, { source })));
      return item;
    });
    return make("ul", "", ...items);
  }

  // --- what a person does --------------------------------------------------------------------------
  const sorters = [];
  heads.forEach((head, column) => {
    const button = make("button", "", head.textContent);
    button.type = "button";
    button.addEventListener("click", () => {
      const numbers = head.dataset.sort === "number";
      const again = sorted && sorted.column === column;
      sorted = { column, up: again ? !sorted.up : !numbers };
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sorted.up ? "ascending" : "descending");
      select();
    });
    head.replaceChildren(button);
    sorters.push(button);
  });
  query.addEventListener("input", select);
  for (const pick of picks) if (pick) pick.addEventListener("change", select);
  at("controls").addEventListener("submit", (event) => event.preventDefault());
  at("controls").addEventListener("reset", () => setTimeout(select));
  function turn(by) {
    page += by;
    show();
    at("list").focus({ preventScroll: true });
    at("households").scrollIntoView();
  }
  at("back").addEventListener("click", () => turn(-1));
  at("next").addEventListener("click", () => turn(1));
  for (const link of document.querySelectorAll("a[data-outcome]")) {
    link.addEventListener("click", () => {
      at("controls").reset();
      at("outcome").value = link.dataset.outcome;
      select();
    });
  }
  // On paper every household that was found is listed, not one page of them, and every alert is unfolded.
  const folded = [...document.querySelectorAll("#alerts details:not([open])")];
  addEventListener("beforeprint", () => {
    put(shown);
    tell("");
    for (const one of folded) one.open = true;
    // Chromium repeats the header on every sheet, but not the buttons in it.
    heads.forEach((head) => head.replaceChildren(head.textContent));
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
    heads.forEach((head, column) => head.replaceChildren(sorters[column]));
    show();
  });
  at("controls").hidden = false;
  show();
})();
