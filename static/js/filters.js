// Tell how many studies the ticked filters will give, before they are applied. Without this script the page says how many
// there are with those that are applied. Found by data-total: the address to ask.
const PAUSE_MS = 250;

for (const status of document.querySelectorAll("[data-total]")) attach(status);

function attach(status) {
  const form = status.closest("form");
  const panel = status.closest("details");
  let timer = 0;
  let request = null;

  async function ask() {
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    try {
      const answer = await fetch(`${status.dataset.total}?${new URLSearchParams(new FormData(form))}`, { signal });
      const { text } = answer.ok ? await answer.json() : { text: "" };
      if (!signal.aborted) status.textContent = text;
    } catch {
      // Aborted by a later choice, or offline: the button works without.
    }
  }

  panel.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
}
