// Arrow keys move by cell through the evidence map, Home and End to the ends of a row; Tab enters and leaves it once.
// Without this script every cell is a link in its turn.

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** Give the links of the table by row and column, cells without one left empty. */
function grid(table) {
  return [...table.rows].map((row) => {
    const cells = [];
    for (const cell of row.cells) {
      cells.push(cell.querySelector("a"));
      cells.length += cell.colSpan - 1;
    }
    return cells;
  });
}

function placeOf(cells, link) {
  for (const [row, links] of cells.entries()) {
    const column = links.indexOf(link);
    if (column >= 0) return [row, column];
  }
  return null;
}

/** Find the next link in a direction, over cells in which nothing stands. */
function next(cells, [row, column], [down, right]) {
  for (;;) {
    row += down;
    column += right;
    if (row < 0 || row >= cells.length || column < 0 || column >= Math.max(...cells.map((links) => links.length))) return null;
    if (cells[row][column]) return cells[row][column];
  }
}

for (const table of document.querySelectorAll("[data-map]")) {
  const cells = grid(table);
  const links = cells.flat().filter(Boolean);
  const enter = (link) => {
    for (const each of links) each.tabIndex = each === link ? 0 : -1;
  };
  if (links.length) enter(links.find((link) => link.closest("td")) ?? links[0]);
  table.addEventListener("focusin", (event) => {
    if (links.includes(event.target)) enter(event.target);
  });
  table.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const place = placeOf(cells, event.target);
    if (!place) return;
    const own = cells[place[0]].filter(Boolean);
    const goal = { Home: own[0], End: own.at(-1) }[event.key] ?? (STEPS[event.key] && next(cells, place, STEPS[event.key]));
    if (!goal) return;
    event.preventDefault();
    goal.focus();
  });
  for (const hint of document.querySelectorAll("[data-map-keys]")) hint.hidden = false;
}
