// Says while an editor types: the final address, a free slug, papers that may be the same, months that cannot be.
const panel = document.getElementById("live-check");
const NAMES = [
  "title", "title_official", "title_published", "section", "parent", "slug", "published_on",
  "arxiv_id", "doi", "first_posted", "year", "venue",
];
const fields = Object.fromEntries(
  NAMES.map((name) => [name, document.getElementById(`id_${name}`)]).filter(([, field]) => field),
);
let timer = 0;
let asked = 0;

function line(text, className = "") {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  paragraph.className = className;
  return paragraph;
}

function suggestion(slug) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `${panel.dataset.useLabel} ${slug}`;
  button.addEventListener("click", () => {
    fields.slug.value = slug;
    fields.slug.dispatchEvent(new Event("input", { bubbles: true }));
    fields.slug.focus();
  });
  return button;
}

function duplicate({ title, url, because }) {
  const paragraph = line(`${panel.dataset.sameLabel}（${because}）：`, "doubt");
  const link = document.createElement("a");
  link.href = url;
  link.target = "_blank";
  link.textContent = title;
  paragraph.append(link);
  return paragraph;
}

function offer(field, values) {
  if (!field) return;
  let list = document.getElementById(`${field.id}_list`);
  if (!list) {
    list = Object.assign(document.createElement("datalist"), { id: `${field.id}_list` });
    field.after(list);
    field.setAttribute("list", list.id);
    field.autocomplete = "off";
  }
  list.replaceChildren(...values.map((value) => Object.assign(document.createElement("option"), { value })));
}

function show(answer) {
  const lines = answer.address ? [line(`${panel.dataset.addressLabel} ${answer.address}`, "address")] : [];
  const problem = fields.slug.value && answer.problem; // nothing is wrong with a form that is still empty
  for (const text of [problem, answer.former, ...(answer.doubts ?? [])]) {
    if (text) lines.push(line(text, "doubt"));
  }
  if (answer.moves) lines.push(line(answer.moves));
  if (answer.slug && fields.title.value && answer.slug !== fields.slug.value && (!fields.slug.value || answer.problem)) {
    lines.push(suggestion(answer.slug));
  }
  lines.push(...(answer.duplicates ?? []).map(duplicate));
  panel.replaceChildren(...lines);
  offer(fields.venue, answer.venues ?? []);
  offer(document.getElementById("id_venue_full"), answer.venue_full ? [answer.venue_full] : []);
}

async function check() {
  const number = ++asked;
  const query = new URLSearchParams({ uid: panel.dataset.uid });
  for (const [name, field] of Object.entries(fields)) query.set(name, field.value.slice(0, 1000));
  try {
    const response = await fetch(`${panel.dataset.url}?${query}`);
    if (response.ok && number === asked) show(await response.json());
  } catch {
    // Offline: the same is checked when the form is saved.
  }
}

if (panel && fields.slug) {
  fields.slug.closest(".form-row").append(panel);
  for (const field of Object.values(fields)) {
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(check, 300);
    });
    field.addEventListener("change", check);
  }
  check();
}
