// Gives a name to controls that the admin leaves without one: boxes to choose by typing, rows of tables, dates with a time, tooltips.

function nameAll() {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const box = select.nextElementSibling?.querySelector("[role=combobox]");
    if (box && !box.hasAttribute("aria-label")) {
      box.setAttribute("aria-label", nameOf(select));
      box.removeAttribute("aria-labelledby");
      // What is chosen is a text box to readers of screens: it takes the name of the whole, and tells the choice.
      const chosen = box.querySelector("[role=textbox]");
      chosen?.setAttribute("aria-label", nameOf(select));
      if (chosen) box.setAttribute("aria-describedby", chosen.id);
    }
    const typed = select.nextElementSibling?.querySelector("input[type=search]");
    if (typed && !typed.hasAttribute("aria-label")) typed.setAttribute("aria-label", nameOf(select));
  }
  for (const control of document.querySelectorAll(".inline-related :is(input, select, textarea), .datetime input")) {
    const hasName = control.labels?.length || control.hasAttribute("aria-label") || control.type === "hidden";
    if (!hasName) control.setAttribute("aria-label", nameOf(control));
  }
  // The cross that empties a box stands in its list, and is no item of it.
  for (const cross of document.querySelectorAll("ul.select2-selection__rendered > :not(li, [role])")) cross.setAttribute("role", "listitem");
  for (const tooltip of document.querySelectorAll("span.help-tooltip[aria-label]:not([role])")) tooltip.setAttribute("role", "img");
}

// Rows of a table have no labels of their own: the head of the column is one. Date and time share the label of their row.
function nameOf(control) {
  const own = control.labels?.[0] ?? control.closest("td")?.closest("table").rows[0].cells[control.closest("td").cellIndex];
  const shared = control.closest(".form-row")?.querySelector("legend, label");
  return (own ?? shared)?.textContent.trim().replace(/:$/, "") || "Elegir";
}

new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
nameAll();
