// Adds empty rows to the form of a study, tells what is chosen in folded boxes, counts words, asks before unsaved work
// is left.
// Without it every save adds a row.

for (const section of document.querySelectorAll("[data-rows]")) {
  const total = section.querySelector('[name$="-TOTAL_FORMS"]');
  const template = section.querySelector("template");
  const button = section.querySelector("[data-add-row]");
  if (!total || !template || !button) continue;
  button.hidden = false;
  const closed = section.querySelector("[data-closed-row]");
  if (closed) closed.hidden = true;
  button.addEventListener("click", () => {
    if (closed?.hidden) {
      closed.hidden = false;
      closed.open = true;
      closed.querySelector("summary").hidden = true;
      closed.querySelector("input, select, textarea").focus();
      return;
    }
    const row = document.createElement("template");
    row.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
    const added = row.content.firstElementChild;
    button.parentElement.before(added);
    total.value = Number(total.value) + 1;
    added.querySelector("legend").append(total.value);
    added.querySelector("input, select, textarea").focus();
  });
}

document.addEventListener("change", (event) => {
  const boxes = event.target.closest("[data-boxes]");
  if (!boxes) return;
  const chosen = [...boxes.querySelectorAll("input:checked")].map((box) => box.nextElementSibling.textContent);
  boxes.querySelector("[data-chosen]").textContent = chosen.join(", ");
});

for (const area of document.querySelectorAll("[data-most-words]")) {
  const told = document.createElement("p");
  told.className = "help";
  const tell = () => {
    const count = area.value.split(/\s+/).filter(Boolean).length;
    told.textContent = count ? `${count} palabras de ${area.dataset.mostWords}` : "";
  };
  area.after(told);
  area.addEventListener("input", tell);
  tell();
}

const guarded = document.querySelector("[data-guard]");
let unsaved = guarded?.dataset.guard === "unsaved";
guarded?.addEventListener("input", () => { unsaved = true; });
guarded?.addEventListener("submit", (event) => {
  // A preview opens beside the form, which stays as it is.
  if (event.submitter?.formTarget !== "_blank") unsaved = false;
});
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
