"use strict";
// Answers are kept in this browser under the identifier of the sheet. Texts enter the page as text, never as HTML.

const sheet = JSON.parse(document.getElementById("data").textContent);
const key = `udt-review-${sheet.sheet}`;
const adjudicates = sheet.role === "adjudication";
const questions = ["alignment", "consistency"];
const byId = (id) => document.getElementById(id);

let state = { at: 0, answers: {}, confidence: {} };
let field = 0;

function stored() {
  try {
    const found = JSON.parse(localStorage.getItem(key));
    if (found && typeof found.answers === "object" && typeof found.confidence === "object") state = { ...state, ...found };
  } catch {
    notice("This browser keeps no answers for files. Download your decisions before you close the page.");
  }
  state.at = Math.min(Math.max(Number(state.at) || 0, 0), sheet.samples.length - 1);
}

function store() {
  try {
    localStorage.setItem(key, JSON.stringify(state));
  } catch {
    notice("This browser keeps no answers for files. Download your decisions before you close the page.");
  }
}

function notice(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}

const sample = () => sheet.samples[state.at];
const answer = () => (state.answers[sample().id] ??= {});
const isDecided = (one) => questions.every((name) => typeof state.answers[one.id]?.[name] === "boolean");
const decided = () => sheet.samples.filter(isDecided);

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function set(name, value) {
  answer()[name] = value;
  if (isDecided(sample())) answer().decided = new Date().toISOString();
  changed();
}

const toggle = (name) => set(name, answer()[name] !== true);

function changed() {
  store();
  show();
}

function go(to) {
  if (to < 0 || to >= sheet.samples.length) return;
  state.at = to;
  field = 0;
  byId("viewer").classList.remove("zoomed");
  byId("content").scrollTop = 0;
  changed();
}

function nextOpen() {
  const count = sheet.samples.length;
  for (let step = 1; step <= count; step += 1) {
    const to = (state.at + step) % count;
    if (!isDecided(sheet.samples[to])) return go(to);
  }
  return notice("All samples are decided. Download your decisions.");
}

function accept() {
  questions.forEach((name) => (answer()[name] = true));
  set("alignment", true);
  nextOpen();
}

function clear() {
  delete state.answers[sample().id];
  changed();
}

function deny(iri) {
  const denied = new Set(answer().denied ?? []);
  if (!denied.delete(iri)) denied.add(iri);
  set("denied", [...denied].sort());
}

function rate(level, name = unrated()) {
  if (name === undefined) return;
  state.confidence[name] = level;
  changed();
}

// The field that the keys 1 to 5 rate: the one chosen with f, or the first without a level.
function unrated() {
  const names = sample().specialties;
  return field ? names[field % names.length] : names.find((name) => !(name in state.confidence)) ?? names[0];
}

function show() {
  const now = sample();
  const count = sheet.samples.length;
  const done = decided().length;
  byId("place").textContent = `${state.at + 1} of ${count}`;
  byId("progress").max = count;
  byId("progress").value = done;
  byId("done").textContent = `${done} decided, ${count - done} open`;
  byId("previous").disabled = state.at === 0;
  byId("next").disabled = state.at === count - 1;
  if (byId("image").dataset.of !== now.id) {
    byId("image").src = now.image;
    byId("image").dataset.of = now.id;
  }
  byId("caption").textContent = now.caption;
  byId("labels").replaceChildren(...(now.labels.length ? now.labels.map(labelRow) : [element("p", "none")]));
  for (const name of questions) {
    byId(`${name}-yes`).setAttribute("aria-pressed", String(answer()[name] === true));
    byId(`${name}-no`).setAttribute("aria-pressed", String(answer()[name] === false));
  }
  byId("confidences").hidden = !now.specialties.length;
  byId("levels").replaceChildren(...now.specialties.map(levelRow));
  if (document.activeElement !== byId("comment")) byId("comment").value = answer().comment ?? "";
}

function labelRow(label) {
  const row = document.createElement("div");
  const cell = element("dd", "", (answer().denied ?? []).includes(label.iri) ? "denied" : "");
  cell.append(element("b", label.label));
  if (adjudicates) {
    const strike = element("button", "strike");
    strike.title = "The label is wrong: deny it";
    strike.addEventListener("click", () => deny(label.iri));
    cell.append(" ", strike);
  }
  if (label.definition) cell.append(element("small", label.definition));
  row.append(element("dt", label.dimension), cell);
  return row;
}

function levelRow(name) {
  const row = element("div", "", name === unrated() ? "confidence current" : "confidence");
  row.append(element("span", sheet.specialties[name]));
  for (let level = 1; level <= 5; level += 1) {
    const button = element("button", String(level), "level");
    button.setAttribute("aria-pressed", String(state.confidence[name] === level));
    button.addEventListener("click", () => rate(level, name));
    row.append(button);
  }
  return row;
}

function decisions() {
  const made = decided().map((one) => {
    const { alignment, consistency, decided: time, comment, denied } = state.answers[one.id];
    const decision = { sample: one.id, alignment, consistency, decided: time };
    if (comment && comment.trim()) decision.comment = comment.trim();
    if (denied && denied.length) decision.denied = denied;
    return decision;
  });
  const { schema, sheet: id, reviewer, role } = sheet;
  return { schema, sheet: id, reviewer, role, confidence: state.confidence, decisions: made };
}

function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(decisions(), null, 1)], { type: "application/json" }));
  link.download = `decisions-${sheet.sheet}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
  const missing = Object.keys(sheet.specialties).filter((name) => !(name in state.confidence));
  const rest = missing.length ? ` You have not rated your confidence in: ${missing.map((name) => sheet.specialties[name]).join(", ")}.` : "";
  notice(`Downloaded ${decided().length} of ${sheet.samples.length} decisions.${rest}`);
}

function load(text) {
  const found = JSON.parse(text);
  if (found.schema !== sheet.schema || found.sheet !== sheet.sheet) throw new Error("These are decisions of another sheet.");
  for (const { sample: id, ...rest } of found.decisions) state.answers[id] = rest;
  Object.assign(state.confidence, found.confidence);
  changed();
  notice(`Loaded ${found.decisions.length} decisions.`);
}

const keys = {
  j: () => go(state.at + 1),
  ArrowRight: () => go(state.at + 1),
  k: () => go(state.at - 1),
  ArrowLeft: () => go(state.at - 1),
  n: nextOpen,
  y: accept,
  a: () => toggle("alignment"),
  c: () => toggle("consistency"),
  u: clear,
  s: download,
  z: () => byId("viewer").classList.toggle("zoomed"),
  m: () => byId("comment").focus(),
  f: () => {
    field = (field || sample().specialties.indexOf(unrated())) + 1;
    show();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === byId("comment")) {
    if (event.key === "Escape") byId("comment").blur();
    return;
  }
  const act = /^[1-5]$/.test(event.key) ? () => rate(Number(event.key)) : keys[event.key];
  if (!act) return;
  event.preventDefault();
  notice("");
  act();
});

byId("comment").addEventListener("input", () => {
  answer().comment = byId("comment").value;
  store();
});
byId("previous").addEventListener("click", keys.k);
byId("next").addEventListener("click", keys.j);
byId("open").addEventListener("click", nextOpen);
byId("download").addEventListener("click", download);
byId("image").addEventListener("click", keys.z);
for (const name of questions) {
  byId(`${name}-yes`).addEventListener("click", () => set(name, true));
  byId(`${name}-no`).addEventListener("click", () => set(name, false));
}
byId("load").addEventListener("change", async () => {
  try {
    load(await byId("load").files[0].text());
  } catch (error) {
    notice(`The file cannot be loaded: ${error.message}`);
  }
  byId("load").value = "";
});

stored();
show();
