// Suggestions below a search box, as an ARIA combobox. Enter sends what was typed unless an option is active; without
// this script the box is a plain one. Found by data-suggest (the address to ask), with its words beside it:
// data-suggest-label, data-suggest-found ("{} sugerencias"), data-suggest-one, data-suggest-none.
const PAUSE_MS = 180;
const SHORTEST = 2;

for (const box of document.querySelectorAll("input[data-suggest]")) attach(box);

function attach(box) {
  const words = box.dataset;
  const row = box.parentElement;
  const list = Object.assign(document.createElement("div"), { id: `${box.id}-suggestions`, className: "suggest", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.suggestLabel);
  const status = Object.assign(document.createElement("div"), { className: "hidden" });
  status.setAttribute("role", "status");
  row.append(list);
  row.after(status);
  row.classList.add("is-suggesting");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
    box.setAttribute(name, value);
  }

  let options = [];
  let active = -1;
  let timer = 0;
  let request = null;

  function close() {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  function activate(index) {
    options[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = options[active];
    if (!option) return box.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  }

  function show(groups) {
    activate(-1);
    list.replaceChildren();
    options = [];
    groups.forEach((group, number) => {
      const part = document.createElement("div");
      part.setAttribute("role", "group");
      const heading = Object.assign(document.createElement("div"), { id: `${list.id}-${number}`, className: "suggest__group", textContent: group.label });
      heading.setAttribute("role", "presentation");
      part.setAttribute("aria-labelledby", heading.id);
      part.append(heading, ...group.options.map(option));
      list.append(part);
    });
    list.hidden = options.length === 0;
    box.setAttribute("aria-expanded", String(options.length > 0));
    const sentence = [words.suggestNone, words.suggestOne][options.length] ?? words.suggestFound;
    status.textContent = sentence.replace("{}", options.length);
  }

  function option({ text, url, note, lang }) {
    const line = Object.assign(document.createElement("div"), { id: `${list.id}-option-${options.length}`, className: "suggest__option" });
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", "false");
    line.dataset.url = url;
    const name = Object.assign(document.createElement("span"), { textContent: text });
    if (lang) name.lang = lang;
    line.append(name);
    if (note) line.append(" ", Object.assign(document.createElement("span"), { className: "suggest__note", textContent: note }));
    options.push(line);
    return line;
  }

  async function ask() {
    request?.abort();
    const typed = box.value.trim();
    if (typed.length < SHORTEST) return close();
    request = new AbortController();
    const { signal } = request;
    try {
      const answer = await fetch(`${words.suggest}?${new URLSearchParams({ q: typed })}`, { signal });
      const found = answer.ok ? await answer.json() : { groups: [] };
      if (!signal.aborted && document.activeElement === box) show(found.groups);
    } catch {
      // Aborted by a later letter, or offline: the box works without.
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    activate(-1);
    timer = setTimeout(ask, PAUSE_MS);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return event.key === "ArrowDown" && ask();
      event.preventDefault();
      // One step past either end is the box itself.
      const places = options.length + 1;
      activate(((active + 1 + (event.key === "ArrowDown" ? 1 : -1) + places) % places) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      window.location.assign(options[active].dataset.url);
    } else if (event.key === "Enter") {
      close();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  box.addEventListener("blur", close);
  // The pointer must not take the focus away before it has chosen.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) window.location.assign(chosen.dataset.url);
  });
}
