// Leave at once, and leave no page to come back to. Without this script the link still leaves.
for (const link of document.querySelectorAll("[data-quick-exit]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.body.replaceChildren();
    document.title = "…";
    window.location.replace(link.href);
  });
}
