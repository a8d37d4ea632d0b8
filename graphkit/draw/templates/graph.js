"use strict";
const { facts, words, text, trees, gaps } = JSON.parse(document.getElementById("data").textContent);
const panel = document.getElementById("facts"), pre = document.getElementById("text");
const search = document.getElementById("search"), count = document.getElementById("count");
const choose = document.getElementById("choose");
const idle = panel.innerHTML;
// Offsets count code points, as a for-of loop over a string does.
const letters = Array.from(text);
const sections = Array.from(document.querySelectorAll("section"));
const SVG = "http://www.w3.org/2000/svg", TOP = 58;
let shown = sections[0], kept = null;

function element(name, text, kind) {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

/* ---- folding: the groups of a diagram are stacked anew each time one is opened or folded */

class Sheet {
  constructor(section) {
    this.svg = section.querySelector("svg");
    this.groups = trees[section.id] || [];
    this.items = new Map(Array.from(this.svg.querySelectorAll(".item"), one => [one.dataset.id, one]));
    this.links = Array.from(this.svg.querySelectorAll(".link"));
    this.keys = Array.from(this.svg.querySelectorAll(".key"));
    this.x = new Map(), this.y = new Map(), this.size = new Map();
    for (const [id, item] of this.items) {
      const at = item.transform.baseVal[0].matrix, box = item.querySelector("rect");
      this.x.set(id, at.e), this.y.set(id, at.f);
      this.size.set(id, [box.width.baseVal.value, box.height.baseVal.value]);
    }
    this.up = new Map();
    this.walk(this.groups, null);
  }

  // "rest" shows all but the quiet groups below, "all" shows these too, "none" shows no group.
  walk(groups, above) {
    for (const group of groups) {
      group.state = group.below.some(one => one.quiet) ? "rest" : "all";
      group.first = group.state;
      for (const id of group.items) this.up.set(id, { group, above });
      this.walk(group.below, group);
    }
  }

  get folds() { return this.groups.length > 0; }

  all(state, groups = this.groups) {
    for (const group of groups) {
      group.state = state || group.first;
      this.all(state, group.below);
    }
  }

  reveal(id) {
    for (let at = this.up.get(id); at && at.above; at = this.up.get(at.above.items[0])) {
      const open = at.above.state === "all" || (at.above.state === "rest" && !at.group.quiet);
      if (!open) at.above.state = "all";
    }
  }

  below(group) {
    return group.below.filter(one => group.state === "all" || (group.state === "rest" && !one.quiet));
  }

  toggle(group) {
    const hidden = this.below(group).length < group.below.length;
    group.state = hidden ? "all" : group.below.some(one => one.quiet) && group.below.some(one => !one.quiet) ? "rest" : "none";
    this.draw();
  }

  extent(group) {
    const own = group.items.reduce((sum, id) => sum + this.size.get(id)[1] + gaps.item, -gaps.item);
    const below = this.below(group).reduce((sum, one) => sum + this.extent(one)[0] + gaps.group, -gaps.group);
    return [Math.max(own, below), own, Math.max(below, 0)];
  }

  stack(groups, start) {
    for (const group of groups) {
      const [whole, own, below] = this.extent(group);
      let at = start + Math.min((whole - own) / 2, gaps.lead);
      for (const id of group.items) {
        this.y.set(id, at);
        at += this.size.get(id)[1] + gaps.item;
      }
      this.visible.add(group);
      this.stack(this.below(group), start + (whole - below) / 2);
      start += whole + gaps.group;
    }
    return start;
  }

  draw() {
    if (!this.folds) return;
    this.visible = new Set();
    const end = this.stack(this.groups, TOP) - gaps.group + 24;
    for (const [id, item] of this.items) {
      const seen = this.visible.has(this.up.get(id).group);
      item.classList.toggle("folded", !seen);
      item.setAttribute("transform", `translate(${this.x.get(id)} ${this.y.get(id)})`);
      if (seen) this.badge(item, this.up.get(id).group);
    }
    for (const link of this.links) this.line(link);
    for (const key of this.keys) key.setAttribute("transform", `translate(${key.transform.baseVal[0].matrix.e} ${end})`);
    const seen = Array.from(this.items.keys()).filter(id => this.visible.has(this.up.get(id).group));
    const width = 40 + Math.max(400, ...seen.map(id => this.x.get(id) + this.size.get(id)[0]));
    this.svg.setAttribute("viewBox", `0 40 ${width} ${end + (this.keys.length ? 50 : 0) - 40}`);
    this.svg.setAttribute("width", width);
    // A wide drawing is made smaller, but stays legible, and scrolls sideways.
    this.svg.style.minWidth = `${0.68 * width}px`;
  }

  line(link) {
    const { from, to } = link.dataset;
    const seen = this.visible.has(this.up.get(from).group) && this.visible.has(this.up.get(to).group);
    link.classList.toggle("folded", !seen);
    if (!seen) return;
    const [width, height] = this.size.get(from);
    const x1 = this.x.get(from) + width, y1 = this.y.get(from) + height / 2;
    const x2 = this.x.get(to), y2 = this.y.get(to) + this.size.get(to)[1] / 2, middle = (x1 + x2) / 2;
    link.querySelector("path").setAttribute("d", `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`);
    const note = link.querySelector(".note");
    if (note) note.setAttribute("x", middle), note.setAttribute("y", y1 + (y2 - y1) * gaps.note + 3.5);
  }

  badge(item, group) {
    const old = item.querySelector(".badge");
    if (old) old.remove();
    if (!group.below.length || group.items.length > 1) return;
    const hidden = group.below.length - this.below(group).length;
    const made = document.createElementNS(SVG, "g"), box = document.createElementNS(SVG, "rect");
    const label = document.createElementNS(SVG, "text"), [width, height] = this.size.get(item.dataset.id);
    const inside = hidden ? group.below.filter(one => !this.below(group).includes(one)) : [];
    label.textContent = hidden ? "+" + inside.reduce((sum, one) => sum + parts(one), 0) : "−";
    const wide = 10 + 7 * label.textContent.length;
    made.setAttribute("class", "badge"), made.setAttribute("tabindex", "0"), made.setAttribute("role", "button");
    made.setAttribute("aria-label", hidden ? "open" : "fold");
    made.setAttribute("transform", `translate(${width - 6} ${height / 2 - 8})`);
    box.setAttribute("width", wide), box.setAttribute("height", 16), box.setAttribute("rx", 8);
    label.setAttribute("x", wide / 2), label.setAttribute("y", 12);
    made.append(box, label), item.append(made);
    const act = event => { event.stopPropagation(); this.toggle(group); };
    made.addEventListener("click", act);
    made.addEventListener("keydown", event => { if (event.key === "Enter" || event.key === " ") act(event), event.preventDefault(); });
  }
}

// How many boxes a folded group stands for: findings, else their details.
function parts(group) {
  const finding = facts[shown.id][group.items[0]].finding;
  return group.items.length + (finding ? 0 : group.below.reduce((sum, one) => sum + parts(one), 0));
}

const sheets = new Map(sections.map(one => [one, new Sheet(one)]));

/* ---- the text with its marks */

// Cuts the text where the set of marks changes, and marks each part by the certainty with the highest priority.
function markText() {
  const spans = [], cuts = new Set([0, letters.length]);
  for (const [id, fact] of Object.entries(facts[shown.id])) {
    for (const one of fact.evidence) {
      if (one.end <= one.start) continue;
      spans.push({ id, start: one.start, end: one.end, kind: fact.place ? "place" : one.certainty });
      cuts.add(one.start).add(one.end);
    }
  }
  spans.sort((one, other) => one.start - other.start);
  const edges = Array.from(cuts).filter(at => at <= letters.length).sort((one, other) => one - other);
  const order = ["place", "unknown", "present", "possible", "absent"];
  let open = [], next = 0;
  pre.replaceChildren();
  for (let n = 0; n + 1 < edges.length; n++) {
    for (; next < spans.length && spans[next].start <= edges[n]; next++) open.push(spans[next]);
    open = open.filter(one => one.end > edges[n]);
    const words = letters.slice(edges[n], edges[n + 1]).join("");
    const kind = open.reduce((most, one) => Math.max(most, order.indexOf(one.kind)), -1);
    if (kind < 0) { pre.append(words); continue; }
    const mark = element("mark", words, order[kind]);
    mark.ids = new Set(open.map(one => one.id));
    mark.title = Array.from(mark.ids, id => facts[shown.id][id]).filter(one => one.finding).map(one => one.label).join(", ");
    mark.addEventListener("mouseenter", () => enter(Array.from(mark.ids), false));
    mark.addEventListener("mouseleave", leave);
    mark.addEventListener("click", () => keep(Array.from(mark.ids)));
    pre.append(mark);
  }
}

/* ---- items: their facts, and what is lit with them */

function describe(id) {
  const fact = facts[shown.id][id];
  panel.replaceChildren(element("p", fact.kind, "faint"), element("h3", fact.label));
  if (fact.certainty !== "present") panel.append(element("p", words[fact.certainty]));
  for (const note of fact.notes) panel.append(element("p", note));
  for (const one of fact.evidence) {
    const quote = element("blockquote", one.text && "“" + one.text + "”", one.certainty);
    const why = [one.label !== fact.label && one.label, one.cue && "cue: " + one.cue, one.reason, words[one.certainty]];
    quote.append(element("div", why.filter(Boolean).join(" · "), "faint"));
    panel.append(quote);
  }
  const names = [fact.iri, ...fact.codes].filter(Boolean).join(" · ");
  if (names) panel.append(element("p", names, "faint"));
  if (shown.id !== id && sections.some(one => one.id === id)) {
    const link = element("a", "draw it alone", "open-alone");
    link.href = "#" + encodeURIComponent(id);
    panel.append(link);
  }
}

// All that is above an item, or all that is below it; links are in the page from the top down.
function follow(links, id, here, there) {
  const found = new Set([id]);
  for (const link of links) {
    if (!found.has(link.dataset[here])) continue;
    link.classList.add("lit");
    found.add(link.dataset[there]);
  }
  return found;
}

// Of several items, that of a finding is described, and items of places are lit only if there are no others.
function enter(ids, scroll) {
  clear();
  const here = facts[shown.id], inner = ids.filter(id => !here[id].place);
  const chosen = inner.length ? inner : ids, main = chosen.find(id => here[id].finding) || chosen[0];
  const { svg, links, items } = sheets.get(shown);
  svg.classList.add("busy"), pre.classList.add("busy");
  const near = new Set();
  for (const id of chosen) {
    for (const one of follow(links, id, "from", "to")) near.add(one);
    for (const one of follow(links.slice().reverse(), id, "to", "from")) near.add(one);
  }
  for (const [id, item] of items) item.classList.toggle("lit", near.has(id));
  describe(main);
  for (const link of svg.querySelectorAll(".link.lit[data-note]")) {
    const { from, to, note } = link.dataset;
    if (from === main || to === main) panel.append(element("p", here[from === main ? to : from].label + ": " + note));
  }
  let first = null;
  for (const mark of pre.querySelectorAll("mark")) {
    const lit = chosen.some(id => mark.ids.has(id));
    mark.classList.toggle("lit", lit);
    if (lit && !first) first = mark;
  }
  if (first && scroll) pre.scrollTop += first.getBoundingClientRect().top - pre.getBoundingClientRect().top - pre.clientHeight / 3;
  if (!scroll) show(main);
}

function show(id) {
  const item = sheets.get(shown).items.get(id);
  if (item && !item.classList.contains("folded")) item.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function clear() {
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  for (const busy of document.querySelectorAll(".busy")) busy.classList.remove("busy");
  panel.innerHTML = idle;
}

function leave() {
  clear();
  if (kept) enter(kept, false);
}

function keep(ids) {
  const again = kept && kept.join() === ids.join();
  kept = again ? null : ids;
  if (kept) {
    for (const id of ids) sheets.get(shown).reveal(id);
    sheets.get(shown).draw();
  }
  leave();
}

for (const section of sections) {
  for (const [id, item] of sheets.get(section).items) {
    item.addEventListener("mouseenter", () => enter([id], true));
    item.addEventListener("focus", () => enter([id], true));
    item.addEventListener("mouseleave", leave);
    item.addEventListener("blur", leave);
    item.addEventListener("click", () => keep([id]));
    item.addEventListener("keydown", event => { if (event.key === "Enter" && event.target === item) keep([id]); });
  }
}

/* ---- search, and the choice of a diagram */

function find() {
  const sheet = sheets.get(shown), query = search.value.trim().toLowerCase();
  const hits = [];
  for (const [id, item] of sheet.items) {
    const fact = facts[shown.id][id];
    const inside = [fact.kind, fact.label, ...fact.notes, ...fact.codes, ...fact.evidence.map(one => one.text)];
    const hit = query && inside.join("\n").toLowerCase().includes(query);
    item.classList.toggle("found", Boolean(hit));
    if (hit) hits.push(id);
  }
  for (const id of hits) sheet.reveal(id);
  sheet.draw();
  count.textContent = query ? `${hits.length} found` : "";
  if (hits.length) show(hits.find(id => facts[shown.id][id].finding) || hits[0]);
}

function turn() {
  const id = decodeURIComponent(location.hash.slice(1));
  shown = sections.find(one => one.id === id) || sections[0];
  for (const one of sections) one.hidden = one !== shown;
  if (choose) choose.value = shown.id;
  const sheet = sheets.get(shown);
  for (const name of ["open", "fold"]) document.getElementById(name).hidden = !sheet.folds;
  kept = null;
  sheet.draw();
  markText();
  clear();
  find();
}

search.addEventListener("input", find);
for (const [name, state] of [["open", "all"], ["fold", null]]) {
  document.getElementById(name).addEventListener("click", () => {
    sheets.get(shown).all(state);
    sheets.get(shown).draw();
  });
}
if (choose) choose.addEventListener("change", () => { location.hash = encodeURIComponent(choose.value); });
addEventListener("hashchange", turn);
turn();
