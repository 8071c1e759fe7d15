// Copy a citation. The button is hidden until this script can do what it says; the text can be selected without it.
for (const button of document.querySelectorAll("[data-copy]")) {
  const text = button.closest(".cite")?.querySelector(".cite__text");
  const status = button.closest(".cite")?.querySelector("[role=status]");
  if (!text || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent.replace(/\s+/g, " ").trim());
      status.textContent = button.dataset.copied;
    } catch {
      status.textContent = button.dataset.failed;
    }
  });
}
