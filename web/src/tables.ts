// Long tables show their first rows; the rest is one press away, and a word finds rows in all of them.
const SHOWN = 12;
const LONG = 20;
let tables = 0;

function words(row: HTMLTableRowElement): string {
  return (row.textContent ?? "").toLowerCase();
}

function tools(table: HTMLTableElement, scroll: HTMLElement): void {
  const body = table.tBodies[0];
  if (!body) return;
  const total = body.rows.length;
  let all = false;
  let needle = "";
  const bar = document.createElement("div");
  bar.className = "table-tools";
  const find = document.createElement("input");
  find.type = "search";
  find.placeholder = `Filter ${total} rows`;
  find.setAttribute("aria-label", "Show only rows that contain this");
  const count = document.createElement("span");
  count.setAttribute("aria-live", "polite");
  bar.append(find, count);
  const more = document.createElement("button");
  more.type = "button";
  more.className = "more";
  table.id ||= `table-${++tables}`;
  more.setAttribute("aria-controls", table.id);

  const cut = document.createElement("p");
  cut.className = "cut";

  const show = (): void => {
    let met = 0;
    for (const row of body.rows) {
      const fits = needle === "" || words(row).includes(needle);
      if (fits) met++;
      row.classList.toggle("behind", !fits || (needle === "" && !all && met > SHOWN));
    }
    count.textContent = needle === "" ? "" : `${met} of ${total}`;
    const shown = needle !== "" ? met : all ? total : Math.min(SHOWN, total);
    cut.textContent = shown < total ? `${shown} of ${total} rows; the page itself has them all.` : "";
    more.hidden = needle !== "";
    more.textContent = all ? `Show the first ${SHOWN}` : `Show all ${total} rows`;
    more.setAttribute("aria-expanded", String(all));
  };
  find.addEventListener("input", () => {
    needle = find.value.trim().toLowerCase();
    show();
  });
  more.addEventListener("click", () => {
    all = !all;
    show();
  });
  table.addEventListener("sorted", show);
  scroll.before(bar);
  scroll.after(more, cut);
  show();
}

export function longTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>(".scroll > table")) {
    const scroll = table.parentElement;
    if (scroll && (table.tBodies[0]?.rows.length ?? 0) >= LONG) tools(table, scroll);
  }
}
