// Ticks all boxes of a page at once, and says how many are ticked. Without it each box is ticked by itself.

for (const form of document.querySelectorAll("[data-ticks]")) {
  const all = form.querySelector("[data-tick-all]");
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
  const button = form.querySelector("[name=ticked]");
  if (!all || !boxes.length || !button) continue;
  const master = all.querySelector("input");
  const words = button.value;
  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    master.checked = ticked === boxes.length;
    master.indeterminate = ticked > 0 && ticked < boxes.length;
    button.value = ticked ? `${words} (${ticked})` : words;
  };
  all.hidden = false;
  master.addEventListener("change", () => {
    for (const box of boxes) box.checked = master.checked;
    tell();
  });
  form.addEventListener("change", tell);
  tell();
}
