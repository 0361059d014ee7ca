// Tables sort by the column whose heading is pressed: numbers by their exact value, words by name.
function key(cell: HTMLElement | undefined): number | string {
  if (!cell) return "";
  const exact = cell.dataset["tip"];
  const number = exact === undefined ? NaN : Number.parseFloat(exact);
  return Number.isNaN(number) ? (cell.textContent ?? "") : number;
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "number") return -1;
  if (typeof b === "number") return 1;
  return a.localeCompare(b, "en", { numeric: true });
}

function sort(table: HTMLTableElement, column: number, head: HTMLElement): void {
  const body = table.tBodies[0];
  if (!body) return;
  const down = head.getAttribute("aria-sort") !== "descending";
  for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = [...body.rows].map((row) => ({ row, key: key(row.cells[column]) }));
  rows.sort((a, b) => (down ? compare(b.key, a.key) : compare(a.key, b.key)));
  body.append(...rows.map((r) => r.row));
  table.dispatchEvent(new Event("sorted"));
}

export function sortableTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>("table")) {
    if ((table.tBodies[0]?.rows.length ?? 0) < 3) continue;
    [...table.querySelectorAll<HTMLElement>("thead th")].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => sort(table, column, head));
      head.replaceChildren(button);
    });
  }
}
