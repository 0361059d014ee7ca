// Draws a timeline on a canvas. Of spans that share a pixel only the first is drawn, as faint as they cover little of
// it: the work per frame depends on the width, not on the number of spans.
import { type Colours, readColours } from "./timeline-colours";
import { type Row, type Spans, type View, firstAfter } from "./timeline-data";
import { time } from "./units";

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

const AXIS = 24;
export const OVERVIEW = 22;
const LABEL = 17;
export const BAR = 30;
const GAP = 7;
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const SMALL = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = raw / power;
  return power * (lead > 5 ? 10 : lead > 2 ? 5 : lead > 1 ? 2 : 1);
}

/** As much of a name as fits; empty where not even a few letters do. */
function fitted(name: string, full: number, width: number): string {
  if (full <= width) return name;
  const letters = Math.floor(width / (full / Math.max(1, name.length))) - 1;
  return letters >= 4 ? `${name.slice(0, letters)}…` : "";
}

/** The least of a pixel that is shown: what is there is to be seen. */
const FAINTEST = 0.08;

/** A pixel whose alpha says how much of it is covered. */
function shaded(pixel: number, share: number): number {
  const alpha = Math.round((pixel >>> 24) * Math.min(1, Math.max(FAINTEST, share)));
  return ((pixel & 0xffffff) | (alpha << 24)) >>> 0;
}

export class Painter {
  /** Per row, how long the spans before each are together; made once. */
  private readonly sums = new WeakMap<Row, Float64Array>();
  /** Width of each text as drawn; 0 where it was not drawn yet. */
  private readonly widths: Float64Array;
  /** One line of pixels for what is narrower than a pixel: a thousand rectangles would take longer. */
  private readonly strip = document.createElement("canvas");
  private readonly stripContext: CanvasRenderingContext2D;
  private line = new ImageData(1, 1);
  private readonly bright: Batch;
  private readonly faint: Batch;
  private readonly context: CanvasRenderingContext2D;
  private colours: Colours;
  width = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly spans: Spans,
    private readonly view: View,
  ) {
    this.widths = new Float64Array(spans.data.texts.length);
    this.bright = new Batch(spans.data.hues.length);
    this.faint = new Batch(spans.data.hues.length);
    const context = canvas.getContext("2d");
    const strip = this.strip.getContext("2d");
    if (!context || !strip) throw new Error("no canvas here");
    this.context = context;
    this.stripContext = strip;
    this.colours = readColours(spans.data.hues);
  }

  /** Takes the colours of the page's theme. */
  recolour(): void {
    this.colours = readColours(this.spans.data.hues);
  }

  /** Fits the canvas to the page; draws. */
  resize(): void {
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
    return OVERVIEW + AXIS + this.spans.rows.length * (LABEL + BAR + GAP);
  }

  /** Upper edge of a row of spans. */
  top(row: number): number {
    return OVERVIEW + AXIS + row * (LABEL + BAR + GAP) + LABEL;
  }

  /** Draws one frame. */
  draw(): void {
    const c = this.context;
    c.clearRect(0, 0, this.width, this.height());
    this.drawOverview();
    this.drawAxis();
    this.spans.rows.forEach((row, r) => this.drawRow(row, r));
  }

  private drawOverview(): void {
    const c = this.context;
    const row = this.spans.rows[Math.min(1, this.spans.rows.length - 1)];
    if (!row) return;
    this.drawSpans(row, 0, 10, 0, this.spans.data.total, undefined);
    const x0 = (this.view.from / this.spans.data.total) * this.width;
    const x1 = (this.view.to / this.spans.data.total) * this.width;
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
    const step = niceStep((this.view.to - this.view.from) / Math.max(2, this.width / 120));
    c.font = SMALL;
    c.textAlign = "center";
    c.fillStyle = this.colours.muted;
    c.strokeStyle = this.colours.rule;
    c.lineWidth = 1;
    c.beginPath();
    for (let t = Math.ceil(this.view.from / step) * step; t <= this.view.to; t += step) {
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
    this.drawSpans(row, this.top(r), BAR, this.view.from, this.view.to, r);
  }

  private covered(row: Row): Float64Array {
    let sums = this.sums.get(row);
    if (!sums) {
      sums = new Float64Array(row.n + 1);
      for (let i = 0; i < row.n; i++) sums[i + 1] = (sums[i] ?? 0) + (row.end[i] ?? 0) - (row.start[i] ?? 0);
      this.sums.set(row, sums);
    }
    return sums;
  }

  /** Spans of one row between two times; `r` is undefined in the overview, which has no names. */
  private drawSpans(row: Row, y: number, height: number, from: number, to: number, r: number | undefined): void {
    const c = this.context;
    const scale = this.width / (to - from);
    const chosen = r !== undefined && this.view.selected?.row === r ? this.view.selected.span : -1;
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
      const dim = r !== undefined && this.view.matches !== undefined && !this.view.matches.has(this.spans.text(row, i));
      const hue = this.spans.hue(row, i);
      if (x1 - x0 < 0.7) {
        if (!dense) pixels.fill(0);
        dense = true;
        if (chosen === i) pointer = (x0 + x1) / 2;
        // What ends within this pixel shares it: go on behind it, and shade it by the share of its time that is covered.
        const next = Math.max(i + 1, firstAfter(row, from + (Math.floor(x0) + 1) / scale - 1, i));
        const covered = this.covered(row);
        const share = ((covered[next] ?? 0) - (covered[i] ?? 0)) * scale;
        const full = (dim ? this.colours.faintPixels[hue] : this.colours.pixels[hue]) ?? 0;
        pixels[Math.floor(x0)] = shaded(full, share);
        i = next;
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
    if (this.view.matches !== undefined) {
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
    const text = this.spans.text(row, i);
    const name = this.spans.data.texts[text] ?? "";
    this.widths[text] ||= c.measureText(name).width + 1;
    const fits = fitted(name, this.widths[text] ?? 1, w - 10);
    if (!fits) return;
    c.fillStyle = this.colours.onHue[this.spans.hue(row, i)] ?? this.colours.ink;
    c.fillText(fits, x + 5, y + height / 2 + 4);
  }

  private x(t: number): number {
    return ((t - this.view.from) / (this.view.to - this.view.from)) * this.width;
  }
}
