// Close a menu by Escape, and by a click or the focus outside it. Without this script its own button opens and closes it.
for (const menu of document.querySelectorAll("details.menu")) {
  const button = menu.querySelector("summary");
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    button.focus();
  });
  for (const name of ["pointerdown", "focusin"]) {
    document.addEventListener(name, (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  }
}
