// The zoomable timeline. It takes the place of the drawn one and shows the same spans.
import { type At, type Encoded, type Row, Spans, type View, firstAfter } from "./timeline-data";
import { BAR, OVERVIEW, Painter } from "./timeline-painter";
import type { Tip } from "./tips";
import { bytes, exactNs, percent, rate, time } from "./units";

class Timeline {
  private readonly spans: Spans;
  private readonly view: View;
  private readonly painter: Painter;
  private readonly canvas = document.createElement("canvas");
  private readonly details = document.createElement("p");
  private frame = 0;
  private readonly pointers = new Map<number, number>();
  private moved = 0;

  constructor(
    private readonly figure: HTMLElement,
    private readonly data: Encoded,
    private readonly tip: Tip,
  ) {
    this.spans = new Spans(data);
    this.view = { from: 0, to: data.total, selected: undefined, matches: undefined };
    this.painter = new Painter(this.canvas, this.spans, this.view);
  }

  mount(): void {
    const frame = document.createElement("div");
    frame.className = "timeline";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute(
      "aria-label",
      "Timeline. Arrow keys pan, plus and minus zoom, 0 shows all, comma and dot step through the spans.",
    );
    this.details.className = "timeline-details";
    this.details.setAttribute("aria-live", "polite");
    frame.append(this.toolbar(), this.canvas, this.details);
    for (const drawing of this.figure.querySelectorAll("svg.plot")) drawing.classList.add("replaced");
    this.figure.querySelector("figcaption")?.after(frame);
    this.say();
    this.listen();
    new ResizeObserver(() => this.painter.resize()).observe(frame);
    this.painter.resize();
  }

  private toolbar(): HTMLElement {
    const bar = document.createElement("div");
    bar.className = "toolbar";
    const button = (label: string, title: string, action: () => void) => {
      const b = document.createElement("button");
      b.type = "button";
      b.textContent = label;
      b.title = title;
      b.setAttribute("aria-label", title);
      b.addEventListener("click", action);
      bar.append(b);
    };
    button("−", "Zoom out", () => this.zoom(1.6));
    button("+", "Zoom in", () => this.zoom(1 / 1.6));
    button("All", "Show everything", () => this.show(0, this.data.total));
    const search = document.createElement("input");
    search.type = "search";
    search.placeholder = "Find a span";
    search.setAttribute("aria-label", "Find a span; Enter goes to the next");
    search.addEventListener("input", () => this.search(search.value));
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.nextMatch(event.shiftKey ? -1 : 1);
    });
    bar.append(search);
    const hint = document.createElement("span");
    hint.className = "hint";
    hint.textContent = "Drag to pan, Ctrl + wheel to zoom, double-click to fill the view";
    bar.append(hint);
    return bar;
  }

  private timeAt(x: number): number {
    return this.view.from + (x / this.painter.width) * (this.view.to - this.view.from);
  }

  private request(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.painter.draw();
    });
  }

  private show(from: number, to: number): void {
    const span = Math.min(this.data.total, Math.max(200, to - from));
    this.view.from = Math.max(0, Math.min(this.data.total - span, from));
    this.view.to = this.view.from + span;
    this.request();
  }

  private zoom(factor: number, around = (this.view.from + this.view.to) / 2): void {
    this.show(around - (around - this.view.from) * factor, around + (this.view.to - around) * factor);
  }

  private pan(share: number): void {
    const by = (this.view.to - this.view.from) * share;
    this.show(this.view.from + by, this.view.to + by);
  }

  private spanAt(x: number, y: number): At | undefined {
    const r = this.spans.rows.findIndex((_, i) => y >= this.painter.top(i) && y < this.painter.top(i) + BAR);
    const row = this.spans.rows[r];
    if (!row) return undefined;
    const slack = (this.view.to - this.view.from) / this.painter.width;
    const i = firstAfter(row, this.timeAt(x) - slack);
    return i < row.n && (row.start[i] ?? 0) <= this.timeAt(x) + slack ? { row: r, span: i } : undefined;
  }

  private describe(at: At): string {
    const row = this.spans.rows[at.row];
    if (!row) return "";
    const dur = this.spans.dur(row, at.span);
    const lines = [
      this.data.texts[this.spans.text(row, at.span)] ?? "",
      this.data.texts[this.spans.detail(row, at.span)] ?? "",
      `${time(dur)} (${exactNs(dur)}), ${percent(dur / this.data.total)} of the whole`,
      `starts at ${time(row.start[at.span] ?? 0)}`,
    ];
    const read = row.bytes?.[at.span] ?? Number.NaN;
    if (!Number.isNaN(read)) lines.push(`reads ${bytes(read)} of weights, ${rate((read / dur) * 1e9)}`);
    return lines.filter((l) => l !== "").join("\n");
  }

  private say(): void {
    this.details.textContent = this.view.selected
      ? this.describe(this.view.selected).replaceAll("\n", " · ")
      : "Click a span, or focus the timeline and press . to step through the spans.";
    this.details.classList.toggle("empty", !this.view.selected);
  }

  private select(at: At | undefined): void {
    this.view.selected = at;
    this.say();
    this.request();
  }

  private step(by: number): void {
    const r = this.view.selected?.row ?? this.spans.rows.length - 1;
    const row = this.spans.rows[r];
    if (!row || row.n === 0) return;
    const i = this.view.selected ? this.view.selected.span + by : firstAfter(row, this.view.from);
    const span = Math.max(0, Math.min(row.n - 1, i));
    this.select({ row: r, span });
    this.reveal(row, span);
  }

  private reveal(row: Row, span: number): void {
    const start = row.start[span] ?? 0;
    const end = row.end[span] ?? 0;
    if (start < this.view.from || end > this.view.to) {
      const half = Math.max((this.view.to - this.view.from) / 2, (end - start) * 0.6);
      this.show((start + end) / 2 - half, (start + end) / 2 + half);
    }
  }

  private search(text: string): void {
    const needle = text.trim().toLowerCase();
    if (needle === "") this.view.matches = undefined;
    else {
      this.view.matches = new Set();
      this.data.texts.forEach((t, i) => {
        if (t.toLowerCase().includes(needle)) this.view.matches?.add(i);
      });
    }
    this.request();
  }

  /** The next span that was searched for, through all rows. */
  private nextMatch(by: number): void {
    const all = this.spans.rows.reduce((sum, row) => sum + row.n, 0);
    if (!this.view.matches || this.view.matches.size === 0 || all === 0) return;
    let r = this.view.selected?.row ?? 0;
    let i = this.view.selected?.span ?? (by > 0 ? -1 : (this.spans.rows[0]?.n ?? 0));
    for (let tried = 0; tried < all; tried++) {
      i += by;
      while (i < 0 || i >= (this.spans.rows[r]?.n ?? 0)) {
        r = (r + by + this.spans.rows.length) % this.spans.rows.length;
        i = by > 0 ? 0 : (this.spans.rows[r]?.n ?? 0) - 1;
      }
      const row = this.spans.rows[r];
      if (row && this.view.matches.has(this.spans.text(row, i))) {
        this.select({ row: r, span: i });
        this.reveal(row, i);
        return;
      }
    }
  }

  private listen(): void {
    const c = this.canvas;
    c.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
    c.addEventListener("pointerdown", (e) => {
      this.pointers.set(e.pointerId, e.offsetX);
      this.moved = 0;
      c.setPointerCapture(e.pointerId);
    });
    c.addEventListener("pointermove", (e) => this.move(e));
    const up = (e: PointerEvent) => {
      if (this.pointers.delete(e.pointerId) && this.moved < 4 && e.type === "pointerup") this.click(e);
    };
    c.addEventListener("pointerup", up);
    c.addEventListener("pointercancel", up);
    c.addEventListener("pointerleave", () => this.tip.hide());
    c.addEventListener("dblclick", (e) => this.fill(this.spanAt(e.offsetX, e.offsetY)));
    c.addEventListener("keydown", (e) => this.key(e));
    const recolour = () => {
      this.painter.recolour();
      this.request();
    };
    document.addEventListener("themechange", recolour);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  }

  private wheel(e: WheelEvent): void {
    if (e.ctrlKey || e.metaKey) this.zoom(Math.exp(e.deltaY * 0.004), this.timeAt(e.offsetX));
    else if (Math.abs(e.deltaX) > Math.abs(e.deltaY) || e.shiftKey) this.pan((e.deltaX || e.deltaY) / this.painter.width);
    else return;
    e.preventDefault();
  }

  private move(e: PointerEvent): void {
    const before = this.pointers.get(e.pointerId);
    if (before === undefined) {
      const at = this.spanAt(e.offsetX, e.offsetY);
      if (at) this.tip.show(this.describe(at), e.clientX, e.clientY);
      else this.tip.hide();
      return;
    }
    this.tip.hide();
    const other = [...this.pointers].find(([id]) => id !== e.pointerId)?.[1];
    if (other === undefined) this.pan((before - e.offsetX) / this.painter.width);
    else {
      const factor = Math.max(8, Math.abs(before - other)) / Math.max(8, Math.abs(e.offsetX - other));
      this.zoom(factor, this.timeAt(other));
    }
    this.moved += Math.abs(e.offsetX - before);
    this.pointers.set(e.pointerId, e.offsetX);
  }

  private click(e: PointerEvent): void {
    if (e.offsetY < OVERVIEW) {
      const half = (this.view.to - this.view.from) / 2;
      const at = (e.offsetX / this.painter.width) * this.data.total;
      this.show(at - half, at + half);
    } else {
      this.select(this.spanAt(e.offsetX, e.offsetY));
    }
  }

  private fill(at: At | undefined): void {
    const row = at ? this.spans.rows[at.row] : undefined;
    if (!at || !row) return;
    const start = row.start[at.span] ?? 0;
    const dur = this.spans.dur(row, at.span);
    this.show(start - dur * 0.05, start + dur * 1.05);
  }

  private key(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    switch (e.key) {
      case "ArrowLeft": case "a": this.pan(-0.15); break;
      case "ArrowRight": case "d": this.pan(0.15); break;
      case "+": case "=": case "w": this.zoom(1 / 1.4); break;
      case "-": case "s": this.zoom(1.4); break;
      case "0": case "Home": this.show(0, this.data.total); break;
      case ".": this.step(1); break;
      case ",": this.step(-1); break;
      case "Enter": this.fill(this.view.selected); break;
      case "Escape": this.select(undefined); break;
      default: return;
    }
    e.preventDefault();
  }
}

export function timelines(tip: Tip): void {
  for (const script of document.querySelectorAll<HTMLScriptElement>("script.timeline-data")) {
    const figure = script.closest("figure");
    if (figure) new Timeline(figure, JSON.parse(script.textContent ?? "{}") as Encoded, tip).mount();
  }
}
