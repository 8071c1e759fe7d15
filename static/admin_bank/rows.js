// Adds empty rows to the form of a study, tells what is chosen in folded boxes, asks before unsaved work is left.
// Without it every save adds a row.

for (const section of document.querySelectorAll("[data-rows]")) {
  const total = section.querySelector('[name$="-TOTAL_FORMS"]');
  const template = section.querySelector("template");
  const button = section.querySelector("[data-add-row]");
  if (!total || !template || !button) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
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

const guarded = document.querySelector("[data-guard]");
let unsaved = guarded?.dataset.guard === "unsaved";
guarded?.addEventListener("input", () => { unsaved = true; });
guarded?.addEventListener("submit", (event) => {
  // A preview opens beside the form, which stays as it is.
  if (event.submitter?.formTarget !== "_blank") unsaved = false;
});
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
