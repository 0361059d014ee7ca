// The count in the cell of a heat map that is pointed at.
import { decode } from "./base64";
import type { Tip } from "./tips";

interface HeatMap {
  row: string;
  column: string;
  columns: number;
  rows: string[];
  cells: string;
}

export function heatMaps(tip: Tip): void {
  for (const script of document.querySelectorAll<HTMLScriptElement>("script.heat-data")) {
    const map = JSON.parse(script.textContent ?? "{}") as HeatMap;
    const cells = new Uint32Array(decode(map.cells));
    for (const area of script.parentElement?.querySelectorAll<SVGRectElement>("rect.cells") ?? []) {
      area.addEventListener("pointermove", (event) => {
        const box = area.getBoundingClientRect();
        const place = (at: number, size: number, n: number) => Math.max(0, Math.min(n - 1, Math.floor((at / size) * n)));
        const c = place(event.clientX - box.x, box.width, map.columns);
        const r = place(event.clientY - box.y, box.height, map.rows.length);
        const count = cells[r * map.columns + c] ?? 0;
        const text = `${map.row} ${map.rows[r] ?? ""}, ${map.column} ${c}: ${count} ${count === 1 ? "token" : "tokens"}`;
        tip.show(text, event.clientX, event.clientY);
        event.stopPropagation();
      });
    }
  }
}
