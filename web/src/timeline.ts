// The zoomable timeline. It takes the place of the drawn one and shows the same spans.
//
// Rows are sorted by start and do not overlap, so what is in view is found by bisection, and of spans that
// share a pixel only the first is drawn: the work per frame depends on the width, not on the number of spans.
import { decode } from "./base64";
import type { Tip } from "./tips";
import { bytes, exactNs, percent, rate, time } from "./units";

interface Row {
  label: string;
  n: number;
  start: Float64Array;
  end: Float64Array;
  bytes: Float64Array | undefined;
  kind: Uint16Array | Uint32Array;
}

interface Encoded {
  total: number;
  tick: number;
  texts: string[];
  hues: string[];
  kinds: string;
  wide: boolean;
  rows: { label: string; n: number; start: string; dur: string; kind: string; bytes?: string }[];
}

/** Rectangles of one colour, drawn together: setting a colour costs more than a rectangle. */
class Batch {
  private readonly at: number[][];

  constructor(colours: number) {
    this.at = Array.from({ length: colours }, () => []);
  }

  add(colour: number, x: number, w: number): void {
    this.at[colour]?.push(x, w);
  }

  paint(c: CanvasRenderingContext2D, y: number, height: number, hues: string[]): void {
    this.at.forEach((list, colour) => {
      if (list.length === 0) return;
      c.fillStyle = hues[colour] ?? "#888888";
      for (let i = 0; i < list.length; i += 2) c.fillRect(list[i] ?? 0, y, list[i + 1] ?? 0, height);
      list.length = 0;
    });
  }
}

interface Colours {
  hues: string[];
  /** The same as a pixel's four bytes, and with little opacity. */
  pixels: Uint32Array;
  faintPixels: Uint32Array;
  onHue: string[];
  ink: string;
  muted: string;
  rule: string;
  track: string;
  paper: string;
  accent: string;
}

const AXIS = 24;
const OVERVIEW = 22;
const LABEL = 17;
const BAR = 30;
const GAP = 7;
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const SMALL = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

function decodeRow(row: Encoded["rows"][number], tick: number, wide: boolean): Row {
  const begin = new Uint32Array(decode(row.start));
  const length = new Uint32Array(decode(row.dur));
  const start = new Float64Array(row.n);
  const end = new Float64Array(row.n);
  for (let i = 0; i < row.n; i++) {
    start[i] = (begin[i] ?? 0) * tick;
    end[i] = (start[i] ?? 0) + (length[i] ?? 0) * tick;
  }
  const kind = decode(row.kind);
  return {
    label: row.label,
    n: row.n,
    start,
    end,
    bytes: row.bytes === undefined ? undefined : new Float64Array(decode(row.bytes)),
    kind: wide ? new Uint32Array(kind) : new Uint16Array(kind),
  };
}

/** Index of the first span from `low` on that ends after `at`: steps that double, then bisection. */
function firstAfter(row: Row, at: number, low = 0): number {
  const end = row.end;
  let reach = 1;
  let high = low;
  while (high < row.n && (end[high] ?? 0) <= at) {
    low = high + 1;
    high += reach;
    reach *= 2;
  }
  high = Math.min(high, row.n);
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((end[mid] ?? 0) > at) high = mid;
    else low = mid + 1;
  }
  return low;
}

/** Bytes of a pixel in memory order red, green, blue, alpha. */
function pixel(colour: string, alpha: number): number {
  const n = Number.parseInt(colour.slice(1), 16);
  return new Uint32Array(new Uint8Array([(n >> 16) & 255, (n >> 8) & 255, n & 255, alpha]).buffer)[0] ?? 0;
}

function luminance(colour: string): number {
  const n = Number.parseInt(colour.slice(1), 16);
  const channel = (shift: number) => {
    const c = ((n >> shift) & 255) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0);
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = raw / power;
  return power * (lead > 5 ? 10 : lead > 2 ? 5 : lead > 1 ? 2 : 1);
}

class Timeline {
  private readonly rows: Row[];
  /** Text, detail and colour of each kind of span. */
  private readonly kinds: Uint32Array;
  /** Width of each text as drawn; 0 where it was not drawn yet. */
  private readonly widths: Float64Array;
  /** One line of pixels for what is narrower than a pixel: a thousand rectangles would take longer. */
  private readonly strip = document.createElement("canvas");
  private readonly stripContext: CanvasRenderingContext2D;
  private line = new ImageData(1, 1);
  private readonly bright: Batch;
  private readonly faint: Batch;
  private readonly canvas = document.createElement("canvas");
  private readonly details = document.createElement("p");
  private readonly context: CanvasRenderingContext2D;
  private colours: Colours;
  private from = 0;
  private to: number;
  private width = 0;
  private frame = 0;
  private selected: { row: number; span: number } | undefined;
  private needle = "";
  private matches: Set<number> | undefined;
  private readonly pointers = new Map<number, number>();
  private moved = 0;

  constructor(
    private readonly figure: HTMLElement,
    private readonly data: Encoded,
    private readonly tip: Tip,
  ) {
    this.rows = data.rows.map((row) => decodeRow(row, data.tick, data.wide));
    this.kinds = new Uint32Array(decode(data.kinds));
    this.widths = new Float64Array(data.texts.length);
    this.bright = new Batch(data.hues.length);
    this.faint = new Batch(data.hues.length);
    this.to = data.total;
    const context = this.canvas.getContext("2d");
    const strip = this.strip.getContext("2d");
    if (!context || !strip) throw new Error("no canvas here");
    this.context = context;
    this.stripContext = strip;
    this.colours = this.readColours();
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
    new ResizeObserver(() => this.resize()).observe(frame);
    this.resize();
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
    button("All", "Show everything", () => this.view(0, this.data.total));
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

  private readColours(): Colours {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim() || "#888888";
    const ink = "#1d1b17";
    const hues = this.data.hues.map(colour);
    return {
      hues,
      pixels: Uint32Array.from(hues, (h) => pixel(h, 255)),
      faintPixels: Uint32Array.from(hues, (h) => pixel(h, 46)),
      onHue: hues.map((h) => (luminance(h) > 0.24 ? ink : "#ffffff")),
      ink: colour("ink"),
      muted: colour("muted"),
      rule: colour("rule"),
      track: colour("track"),
      paper: colour("paper"),
      accent: colour("accent"),
    };
  }

  private resize(): void {
    const width = this.canvas.parentElement?.clientWidth ?? 0;
    if (width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const height = this.height();
    this.width = width;
    this.canvas.style.height = `${height}px`;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.imageSmoothingEnabled = false;
    this.strip.width = width;
    this.strip.height = 1;
    this.line = new ImageData(width, 1);
    this.draw();
  }

  private height(): number {
    return OVERVIEW + AXIS + this.rows.length * (LABEL + BAR + GAP);
  }

  private top(row: number): number {
    return OVERVIEW + AXIS + row * (LABEL + BAR + GAP) + LABEL;
  }

  private request(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  /** Draws one frame. */
  draw(): void {
    this.frame = 0;
    const c = this.context;
    c.clearRect(0, 0, this.width, this.height());
    this.drawOverview();
    this.drawAxis();
    this.rows.forEach((row, r) => this.drawRow(row, r));
  }

  private drawOverview(): void {
    const c = this.context;
    const row = this.rows[Math.min(1, this.rows.length - 1)];
    if (!row) return;
    this.drawSpans(row, 0, 10, 0, this.data.total, undefined);
    const x0 = (this.from / this.data.total) * this.width;
    const x1 = (this.to / this.data.total) * this.width;
    c.globalAlpha = 0.72;
    c.fillStyle = this.colours.paper;
    c.fillRect(0, 0, x0, 10);
    c.fillRect(x1, 0, this.width - x1, 10);
    c.globalAlpha = 1;
    c.fillStyle = this.colours.ink;
    c.fillRect(x0, 12, Math.max(2, x1 - x0), 2);
  }

  private drawAxis(): void {
    const c = this.context;
    const step = niceStep((this.to - this.from) / Math.max(2, this.width / 120));
    c.font = SMALL;
    c.textAlign = "center";
    c.fillStyle = this.colours.muted;
    c.strokeStyle = this.colours.rule;
    c.lineWidth = 1;
    c.beginPath();
    for (let t = Math.ceil(this.from / step) * step; t <= this.to; t += step) {
      const x = Math.round(this.x(t)) + 0.5;
      c.moveTo(x, OVERVIEW + 18);
      c.lineTo(x, this.height());
      if (x > 22 && x < this.width - 22) c.fillText(time(t), x, OVERVIEW + 12);
    }
    c.stroke();
    c.textAlign = "left";
  }

  private drawRow(row: Row, r: number): void {
    const c = this.context;
    c.font = SMALL;
    const label = row.label;
    const width = c.measureText(label).width;
    c.fillStyle = this.colours.paper;
    c.fillRect(0, this.top(r) - LABEL + 1, width + 6, LABEL - 2);
    c.fillStyle = this.colours.muted;
    c.fillText(label, 0, this.top(r) - 5);
    this.drawSpans(row, this.top(r), BAR, this.from, this.to, r);
  }

  private text(row: Row, i: number): number {
    return this.kinds[(row.kind[i] ?? 0) * 3] ?? 0;
  }

  private hue(row: Row, i: number): number {
    return this.kinds[(row.kind[i] ?? 0) * 3 + 2] ?? 0;
  }

  private dur(row: Row, i: number): number {
    return (row.end[i] ?? 0) - (row.start[i] ?? 0);
  }

  /** Spans of one row between two times; `r` is undefined in the overview, which has no names. */
  private drawSpans(row: Row, y: number, height: number, from: number, to: number, r: number | undefined): void {
    const c = this.context;
    const scale = this.width / (to - from);
    const chosen = r !== undefined && this.selected?.row === r ? this.selected.span : -1;
    const names: number[] = [];
    let pointer = -1;
    let i = firstAfter(row, from);
    const pixels = new Uint32Array(this.line.data.buffer);
    let dense = false;
    while (i < row.n) {
      const start = row.start[i] ?? 0;
      if (start >= to) break;
      const x0 = Math.max(0, (start - from) * scale);
      const x1 = Math.min(this.width, ((row.end[i] ?? 0) - from) * scale);
      const dim = r !== undefined && this.matches !== undefined && !this.matches.has(this.text(row, i));
      const hue = this.hue(row, i);
      if (x1 - x0 < 0.7) {
        if (!dense) pixels.fill(0);
        dense = true;
        pixels[Math.floor(x0)] = (dim ? this.colours.faintPixels[hue] : this.colours.pixels[hue]) ?? 0;
        if (chosen === i) pointer = (x0 + x1) / 2;
        // What ends within this pixel would be painted over: go on behind it.
        i = Math.max(i + 1, firstAfter(row, from + (Math.floor(x0) + 1) / scale - 1, i));
        continue;
      }
      const w = x1 - x0 - (x1 - x0 > 3 ? 1 : 0);
      (dim ? this.faint : this.bright).add(hue, x0, w);
      if (r !== undefined && w > 26 && !dim) names.push(i, x0, w);
      if (chosen === i) pointer = (x0 + x1) / 2;
      i++;
    }
    if (dense) {
      this.stripContext.putImageData(this.line, 0, 0);
      c.drawImage(this.strip, 0, 0, this.strip.width, 1, 0, y, this.strip.width, height);
    }
    if (this.matches !== undefined) {
      c.globalAlpha = 0.18;
      this.faint.paint(c, y, height, this.colours.hues);
      c.globalAlpha = 1;
    }
    this.bright.paint(c, y, height, this.colours.hues);
    c.font = FONT;
    for (let n = 0; n < names.length; n += 3) {
      this.drawName(row, names[n] ?? 0, names[n + 1] ?? 0, y, names[n + 2] ?? 0, height);
    }
    if (chosen >= 0 && pointer < 0) pointer = this.middle(row, chosen, from, to, scale);
    if (pointer >= 0) {
      const x0 = Math.max(0, ((row.start[chosen] ?? 0) - from) * scale);
      const x1 = Math.min(this.width, ((row.end[chosen] ?? 0) - from) * scale);
      c.strokeStyle = this.colours.ink;
      c.lineWidth = 2;
      c.strokeRect(x0 + 1, y + 1, Math.max(2, x1 - x0 - 2), height - 2);
      this.pointTo(Math.min(this.width - 5, Math.max(5, pointer)), y - 2);
    }
  }

  /** Where the chosen span is, if it is in view but too small to be drawn; else -1. */
  private middle(row: Row, i: number, from: number, to: number, scale: number): number {
    const at = ((row.start[i] ?? 0) + (row.end[i] ?? 0)) / 2;
    return at < from || at > to ? -1 : (at - from) * scale;
  }

  /** A small triangle, so that a span of less than a pixel is found. */
  private pointTo(x: number, y: number): void {
    const c = this.context;
    c.fillStyle = this.colours.ink;
    c.beginPath();
    c.moveTo(x, y);
    c.lineTo(x - 5, y - 7);
    c.lineTo(x + 5, y - 7);
    c.fill();
  }

  private drawName(row: Row, i: number, x: number, y: number, w: number, height: number): void {
    const c = this.context;
    const text = this.text(row, i);
    const name = this.data.texts[text] ?? "";
    this.widths[text] ||= c.measureText(name).width + 1;
    const fits = fitted(name, this.widths[text] ?? 1, w - 10);
    if (!fits) return;
    c.fillStyle = this.colours.onHue[this.hue(row, i)] ?? this.colours.ink;
    c.fillText(fits, x + 5, y + height / 2 + 4);
  }

  private x(t: number): number {
    return ((t - this.from) / (this.to - this.from)) * this.width;
  }

  private timeAt(x: number): number {
    return this.from + (x / this.width) * (this.to - this.from);
  }

  private view(from: number, to: number): void {
    const span = Math.min(this.data.total, Math.max(200, to - from));
    this.from = Math.max(0, Math.min(this.data.total - span, from));
    this.to = this.from + span;
    this.request();
  }

  private zoom(factor: number, around = (this.from + this.to) / 2): void {
    this.view(around - (around - this.from) * factor, around + (this.to - around) * factor);
  }

  private pan(share: number): void {
    const by = (this.to - this.from) * share;
    this.view(this.from + by, this.to + by);
  }

  private spanAt(x: number, y: number): { row: number; span: number } | undefined {
    const r = this.rows.findIndex((_, i) => y >= this.top(i) && y < this.top(i) + BAR);
    const row = this.rows[r];
    if (!row) return undefined;
    const slack = (this.to - this.from) / this.width;
    const i = firstAfter(row, this.timeAt(x) - slack);
    return i < row.n && (row.start[i] ?? 0) <= this.timeAt(x) + slack ? { row: r, span: i } : undefined;
  }

  private describe(at: { row: number; span: number }): string {
    const row = this.rows[at.row];
    if (!row) return "";
    const dur = this.dur(row, at.span);
    const lines = [
      this.data.texts[this.text(row, at.span)] ?? "",
      this.data.texts[this.kinds[(row.kind[at.span] ?? 0) * 3 + 1] ?? 0] ?? "",
      `${time(dur)} (${exactNs(dur)}), ${percent(dur / this.data.total)} of what is shown`,
      `starts at ${time(row.start[at.span] ?? 0)}`,
    ];
    const read = row.bytes?.[at.span] ?? Number.NaN;
    if (!Number.isNaN(read)) lines.push(`reads ${bytes(read)} of weights, ${rate((read / dur) * 1e9)}`);
    return lines.filter((l) => l !== "").join("\n");
  }

  private say(): void {
    this.details.textContent = this.selected
      ? this.describe(this.selected).replaceAll("\n", " · ")
      : "Click a span, or focus the timeline and press . to step through the spans.";
    this.details.classList.toggle("empty", !this.selected);
  }

  private select(at: { row: number; span: number } | undefined): void {
    this.selected = at;
    this.say();
    this.request();
  }

  private step(by: number): void {
    const r = this.selected?.row ?? this.rows.length - 1;
    const row = this.rows[r];
    if (!row || row.n === 0) return;
    const i = this.selected ? this.selected.span + by : firstAfter(row, this.from);
    const span = Math.max(0, Math.min(row.n - 1, i));
    this.select({ row: r, span });
    this.reveal(row, span);
  }

  private reveal(row: Row, span: number): void {
    const start = row.start[span] ?? 0;
    const end = row.end[span] ?? 0;
    if (start < this.from || end > this.to) {
      const half = Math.max((this.to - this.from) / 2, (end - start) * 0.6);
      this.view((start + end) / 2 - half, (start + end) / 2 + half);
    }
  }

  private search(text: string): void {
    this.needle = text.trim().toLowerCase();
    if (this.needle === "") this.matches = undefined;
    else {
      this.matches = new Set();
      this.data.texts.forEach((t, i) => {
        if (t.toLowerCase().includes(this.needle)) this.matches?.add(i);
      });
    }
    this.request();
  }

  /** The next span that was searched for, through all rows. */
  private nextMatch(by: number): void {
    const all = this.rows.reduce((sum, row) => sum + row.n, 0);
    if (!this.matches || this.matches.size === 0 || all === 0) return;
    let r = this.selected?.row ?? 0;
    let i = this.selected?.span ?? (by > 0 ? -1 : (this.rows[0]?.n ?? 0));
    for (let tried = 0; tried < all; tried++) {
      i += by;
      while (i < 0 || i >= (this.rows[r]?.n ?? 0)) {
        r = (r + by + this.rows.length) % this.rows.length;
        i = by > 0 ? 0 : (this.rows[r]?.n ?? 0) - 1;
      }
      const row = this.rows[r];
      if (row && this.matches.has(this.text(row, i))) {
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
      this.colours = this.readColours();
      this.request();
    };
    document.addEventListener("themechange", recolour);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  }

  private wheel(e: WheelEvent): void {
    if (e.ctrlKey || e.metaKey) this.zoom(Math.exp(e.deltaY * 0.004), this.timeAt(e.offsetX));
    else if (Math.abs(e.deltaX) > Math.abs(e.deltaY) || e.shiftKey) this.pan((e.deltaX || e.deltaY) / this.width);
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
    if (other === undefined) this.pan((before - e.offsetX) / this.width);
    else {
      const factor = Math.max(8, Math.abs(before - other)) / Math.max(8, Math.abs(e.offsetX - other));
      this.zoom(factor, this.timeAt(other));
    }
    this.moved += Math.abs(e.offsetX - before);
    this.pointers.set(e.pointerId, e.offsetX);
  }

  private click(e: PointerEvent): void {
    if (e.offsetY < OVERVIEW) {
      const half = (this.to - this.from) / 2;
      const at = (e.offsetX / this.width) * this.data.total;
      this.view(at - half, at + half);
    } else {
      this.select(this.spanAt(e.offsetX, e.offsetY));
    }
  }

  private fill(at: { row: number; span: number } | undefined): void {
    const row = at ? this.rows[at.row] : undefined;
    if (!at || !row) return;
    const start = row.start[at.span] ?? 0;
    const dur = this.dur(row, at.span);
    this.view(start - dur * 0.05, start + dur * 1.05);
  }

  private key(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    switch (e.key) {
      case "ArrowLeft": case "a": this.pan(-0.15); break;
      case "ArrowRight": case "d": this.pan(0.15); break;
      case "+": case "=": case "w": this.zoom(1 / 1.4); break;
      case "-": case "s": this.zoom(1.4); break;
      case "0": case "Home": this.view(0, this.data.total); break;
      case ".": this.step(1); break;
      case ",": this.step(-1); break;
      case "Enter": this.fill(this.selected); break;
      case "Escape": this.select(undefined); break;
      default: return;
    }
    e.preventDefault();
  }
}

/** As much of a name as fits; empty where not even a few letters do. */
function fitted(name: string, full: number, width: number): string {
  if (full <= width) return name;
  const letters = Math.floor(width / (full / Math.max(1, name.length))) - 1;
  return letters >= 4 ? `${name.slice(0, letters)}…` : "";
}

export function timelines(tip: Tip): void {
  for (const script of document.querySelectorAll<HTMLScriptElement>("script.timeline-data")) {
    const figure = script.closest("figure");
    if (figure) new Timeline(figure, JSON.parse(script.textContent ?? "{}") as Encoded, tip).mount();
  }
}
