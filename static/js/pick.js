// Pick studies without leaving the page. Without this script each button sends its form, which leads back to the page.
const form = document.getElementById("elegir");
const bar = document.querySelector(".selection");
document.addEventListener("click", async (event) => {
  const button = event.target.closest(".pick__button");
  if (!button || !form || !bar) return;
  event.preventDefault();
  try {
    const body = new URLSearchParams({ [button.name]: button.value });
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const { text, error, count } = await answer.json();
    if (!error) {
      button.name = button.name === "add" ? "remove" : "add";
      button.parentElement.classList.toggle("is-picked", button.name === "remove");
    }
    bar.hidden = !error && count === 0;
    bar.querySelector("[role=status]").textContent = error ?? text;
  } catch {
    form.requestSubmit(button);
  }
});
