// Print the page. The button is hidden until this script can do what it says; the browser's own menu prints without it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
