// The flame graph that zooms. It takes the place of the drawn one and shows the same paths, those included that
// are too narrow to be drawn there.
import type { Tip } from "./tips";
import { percent, time } from "./units";

interface Encoded {
  root: string;
  hues: string[];
  /** Frames from the outermost on, colour of the last, time in nanoseconds. */
  paths: [string[], number, number][];
}

interface Frame {
  name: string;
  value: number;
  hue: string;
  depth: number;
  /** Where it begins, of the whole time, 0 to 1. */
  at: number;
  above: Frame | undefined;
  below: Map<string, Frame>;
}

const ROW = 22;
const LEAST = 0.8;
const LETTER = 6.4;
const SVG = "http://www.w3.org/2000/svg";

function frame(name: string, above: Frame | undefined): Frame {
  return { name, value: 0, hue: "layer", depth: above ? above.depth + 1 : 0, at: 0, above, below: new Map() };
}

function tree(data: Encoded): Frame {
  const root = frame(data.root, undefined);
  for (const [names, hue, value] of data.paths) {
    let at = root;
    at.value += value;
    for (const name of names) {
      const next = at.below.get(name) ?? frame(name, at);
      at.below.set(name, next);
      next.value += value;
      at = next;
    }
    at.hue = data.hues[hue] ?? "layer";
  }
  place(root, root.value);
  return root;
}

function sorted(of: Frame): Frame[] {
  return [...of.below.values()].sort((a, b) => b.value - a.value);
}

function place(of: Frame, total: number): void {
  let at = of.at;
  for (const below of sorted(of)) {
    below.at = at;
    at += total === 0 ? 0 : below.value / total;
    place(below, total);
  }
}

class Flame {
  private readonly root: Frame;
  private readonly svg = document.createElementNS(SVG, "svg");
  private readonly details = document.createElement("p");
  private readonly drawn = new Map<Element, Frame>();
  private readonly reset: HTMLButtonElement;
  /** The frame that fills the width. */
  private zoomed: Frame;
  /** The frame that the keyboard is at. */
  private current: Frame;
  private needle = "";
  private width = 0;

  constructor(
    private readonly figure: HTMLElement,
    data: Encoded,
    private readonly tip: Tip,
  ) {
    this.root = tree(data);
    this.zoomed = this.root;
    this.current = this.root;
    this.reset = document.createElement("button");
  }

  mount(): void {
    const box = document.createElement("div");
    box.className = "flame";
    this.svg.setAttribute("class", "plot always flame-plot");
    this.svg.setAttribute("tabindex", "0");
    this.svg.setAttribute("role", "application");
    this.svg.setAttribute(
      "aria-label",
      "Flame graph. Arrow keys walk the frames, Enter zooms into one, Escape or 0 shows all.",
    );
    this.details.className = "timeline-details";
    this.details.setAttribute("aria-live", "polite");
    box.append(this.toolbar(), this.svg, this.details);
    for (const drawing of this.figure.querySelectorAll("svg.plot")) drawing.classList.add("replaced");
    this.figure.querySelector("figcaption")?.after(box);
    this.listen();
    new ResizeObserver(() => this.resize(box.clientWidth)).observe(box);
    this.resize(box.clientWidth);
    this.say(undefined);
  }

  private toolbar(): HTMLElement {
    const bar = document.createElement("div");
    bar.className = "toolbar";
    this.reset.type = "button";
    this.reset.textContent = "All";
    this.reset.title = "Show the whole step";
    this.reset.setAttribute("aria-label", this.reset.title);
    this.reset.addEventListener("click", () => this.zoom(this.root));
    const search = document.createElement("input");
    search.type = "search";
    search.placeholder = "Find a frame";
    search.setAttribute("aria-label", "Find frames by their name");
    search.addEventListener("input", () => {
      this.needle = search.value.trim().toLowerCase();
      this.draw();
      this.found();
    });
    const hint = document.createElement("span");
    hint.className = "hint";
    hint.textContent = "Click a frame to zoom into it, Escape shows all";
    bar.append(this.reset, search, hint);
    return bar;
  }

  private resize(width: number): void {
    if (width > 0 && width !== this.width) {
      this.width = width;
      this.draw();
    }
  }

  private draw(): void {
    this.drawn.clear();
    this.reset.disabled = this.zoomed === this.root;
    const marks: Element[] = [];
    let bottom = 0;
    const visit = (f: Frame): void => {
      const { x, w } = this.box(f);
      if (w < LEAST || x >= this.width || x + w <= 0) return;
      bottom = Math.max(bottom, f.depth + 1);
      marks.push(...this.marks(f, Math.max(0, x), Math.min(this.width, x + w)));
      sorted(f).forEach(visit);
    };
    visit(this.root);
    this.svg.replaceChildren(...marks);
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${bottom * ROW + 2}`);
  }

  /** Where a frame stands; what is above the zoomed one fills the width. */
  private box(f: Frame): { x: number; w: number } {
    const scale = (this.width * this.root.value) / (this.zoomed.value || 1);
    return { x: (f.at - this.zoomed.at) * scale, w: (f.value / (this.root.value || 1)) * scale };
  }

  private marks(f: Frame, x0: number, x1: number): Element[] {
    const rect = document.createElementNS(SVG, "rect");
    const faint = this.needle !== "" && !f.name.toLowerCase().includes(this.needle);
    rect.setAttribute("class", `m ${f.hue}${faint ? " faint" : ""}${f === this.current ? " current" : ""}`);
    rect.setAttribute("x", String(x0));
    rect.setAttribute("y", String(f.depth * ROW));
    rect.setAttribute("width", String(Math.max(0.4, x1 - x0 - 1)));
    rect.setAttribute("height", String(ROW - 2));
    this.drawn.set(rect, f);
    const letters = Math.floor((x1 - x0 - 10) / LETTER);
    if (letters < 4) return [rect];
    const text = document.createElementNS(SVG, "text");
    text.setAttribute("class", f.hue === "layer" ? "frame" : `frame on ${f.hue}`);
    text.setAttribute("x", String(x0 + 5));
    text.setAttribute("y", String(f.depth * ROW + 14.5));
    text.textContent = f.name.length <= letters ? f.name : `${f.name.slice(0, letters - 1)}…`;
    return [rect, text];
  }

  private zoom(to: Frame): void {
    this.zoomed = to;
    this.current = to;
    this.tip.hide();
    this.draw();
    this.say(to === this.root ? undefined : to);
  }

  private describe(f: Frame): string {
    const above = f.above && f.above !== this.root ? `\n${percent(f.value / (f.above.value || 1))} of ${f.above.name}` : "";
    return `${f.name}\n${time(f.value)}, ${percent(f.value / (this.root.value || 1))} of the step's device time${above}`;
  }

  private say(f: Frame | undefined): void {
    this.details.textContent = f
      ? this.describe(f).replaceAll("\n", " · ")
      : "Click a frame, or focus the graph and walk with the arrow keys; Enter zooms.";
    this.details.classList.toggle("empty", !f);
  }

  /** The time of what was searched for; a frame inside another that matches counts once. */
  private found(): void {
    if (this.needle === "") {
      this.say(undefined);
      return;
    }
    const sum = (f: Frame): number =>
      f.name.toLowerCase().includes(this.needle) ? f.value : sorted(f).reduce((s, b) => s + sum(b), 0);
    const value = sum(this.root);
    this.details.textContent = `Frames with that name: ${time(value)}, ${percent(value / (this.root.value || 1))} of the step's device time.`;
    this.details.classList.remove("empty");
  }

  private listen(): void {
    const of = (event: Event) => (event.target instanceof Element ? this.drawn.get(event.target) : undefined);
    this.svg.addEventListener("pointermove", (event) => {
      const f = of(event);
      if (f) this.tip.show(this.describe(f), event.clientX, event.clientY);
      else this.tip.hide();
      event.stopPropagation();
    });
    this.svg.addEventListener("pointerleave", () => this.tip.hide());
    this.svg.addEventListener("click", (event) => {
      const f = of(event);
      if (f) this.zoom(f === this.zoomed && f.above ? f.above : f);
    });
    this.svg.addEventListener("keydown", (event) => this.key(event));
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case "ArrowDown": this.go(sorted(this.current)[0]); break;
      case "ArrowUp": this.go(this.current.above); break;
      case "ArrowLeft": this.go(this.beside(-1)); break;
      case "ArrowRight": this.go(this.beside(1)); break;
      case "Enter": case " ": this.zoom(this.current); break;
      case "Escape": case "0": case "Home": this.zoom(this.root); break;
      default: return;
    }
    event.preventDefault();
  }

  private beside(by: number): Frame | undefined {
    const all = this.current.above ? sorted(this.current.above) : [];
    return all[all.indexOf(this.current) + by];
  }

  /** Goes to a frame; one that is out of view or too narrow to be seen is zoomed out to, or into. */
  private go(to: Frame | undefined): void {
    if (!to) return;
    this.current = to;
    while (!this.holds(this.zoomed, to)) this.zoomed = this.zoomed.above ?? this.root;
    if (this.box(to).w < LEAST) this.zoomed = to.above ?? this.root;
    this.draw();
    this.say(to);
  }

  private holds(outer: Frame, inner: Frame): boolean {
    for (let f: Frame | undefined = inner; f; f = f.above) if (f === outer) return true;
    return this.above(outer, inner);
  }

  private above(zoomed: Frame, f: Frame): boolean {
    for (let up = zoomed.above; up; up = up.above) if (up === f) return true;
    return false;
  }
}

export function flames(tip: Tip): void {
  for (const script of document.querySelectorAll<HTMLScriptElement>("script.flame-data")) {
    const figure = script.closest("figure");
    if (figure) new Flame(figure, JSON.parse(script.textContent ?? "{}") as Encoded, tip).mount();
  }
}
