// The search page of an exported site: no server answers there, so Pagefind looks through an index in the browser.
const place = document.querySelector("[data-pagefind]");
const status = place.querySelector("[role=status]");
const list = place.querySelector("ol");
const more = place.querySelector("button");
const AT_A_TIME = 20;
let waiting = [];

function make(name, className, text = "") {
  return Object.assign(document.createElement(name), { className, textContent: text });
}

async function indexes() {
  const [first, ...others] = place.dataset.pagefind.split(" ");
  const pagefind = await import(`${first}pagefind.js`);
  await Promise.all(others.map((folder) => pagefind.mergeIndex(folder)));
  return pagefind;
}

// Every Chinese character is a word of the index, and a run of them a phrase. Papers that have all of what was typed.
async function search(pagefind, query) {
  const chinese = query.match(/\p{Script=Han}+/gu) ?? [];
  const others = query.replace(/[\p{Script=Han}"“”]+/gu, " ").trim();
  const asked = [...chinese.map((run) => `"${[...run].join(" ")}"`), ...(others ? [others] : [])];
  const answers = await Promise.all(asked.map((words) => pagefind.search(words)));
  const [first, ...rest] = answers.map(({ results }) => results);
  const ids = rest.map((results) => new Set(results.map(({ id }) => id)));
  return first.filter(({ id }) => ids.every((others) => others.has(id)));
}

// Its excerpts are HTML with marks; only their text is taken over, and Chinese stands close again.
function marked(html) {
  const close = html
    .replace(/(?<=[\p{Script=Han}\p{P}](?:<\/?mark>)*) +(?=(?:<\/?mark>)*[\p{Script=Han}\p{P}])/gu, "")
    .replaceAll("</mark><mark>", "");
  const { body } = new DOMParser().parseFromString(close, "text/html");
  return [...body.childNodes].map((node) => (
    node.nodeName === "MARK" ? make("mark", "", node.textContent) : node.textContent
  ));
}

function item({ meta, excerpt }) {
  const found = make("li", "paper-item");
  const head = make("p", "paper-item-head", `${meta.date} · ${meta.section}`);
  const title = make("h2", "paper-item-title");
  title.append(Object.assign(make("a", "", meta.title), { href: meta.address }));
  const text = make("p", "result-excerpt");
  text.append(...marked(excerpt));
  found.append(head, title, text);
  return found;
}

async function showMore() {
  const results = await Promise.all(waiting.splice(0, AT_A_TIME).map((result) => result.data()));
  list.append(...results.map(item));
  more.hidden = !waiting.length;
}

async function find(query) {
  status.textContent = place.dataset.searching;
  try {
    waiting = await search(await indexes(), query);
    const { found, none } = place.dataset;
    status.textContent = waiting.length ? found.replace("NUMBER", waiting.length) : none;
    await showMore();
  } catch {
    status.textContent = place.dataset.failed;
  }
}

more.addEventListener("click", showMore);
const query = new URLSearchParams(location.search).get("q")?.trim() ?? "";
for (const input of document.querySelectorAll("[name=q]")) input.value = query;
if (query) {
  document.title = `${query} · ${document.title}`;
  find(query);
}
