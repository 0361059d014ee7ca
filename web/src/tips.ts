// Exact numbers beside the pointer, and for the keyboard: a chart takes the focus, arrows walk its marks.
export interface Tip {
  show(text: string, x: number, y: number): void;
  hide(): void;
}

export function createTip(): Tip {
  const box = document.createElement("div");
  box.className = "tip";
  box.setAttribute("role", "status");
  box.hidden = true;
  document.body.append(box);
  return {
    show(text, x, y) {
      box.textContent = text;
      box.hidden = false;
      const { width, height } = box.getBoundingClientRect();
      const left = Math.min(Math.max(8, x - width / 2), window.innerWidth - width - 8);
      const above = y - height - 14;
      box.style.transform = `translate(${left}px,${above > 4 ? above : y + 18}px)`;
    },
    hide() {
      box.hidden = true;
    },
  };
}

/** Titles become data: the browser's own, slow tooltip would cover ours. */
function adoptTitles(): void {
  for (const title of document.querySelectorAll("svg.plot title")) {
    const mark = title.parentElement;
    if (mark) mark.dataset["tip"] = title.textContent ?? "";
    title.remove();
  }
  for (const element of document.querySelectorAll<HTMLElement>("td[title]")) {
    element.dataset["tip"] = element.title;
    element.removeAttribute("title");
  }
}

export function tooltips(tip: Tip): void {
  adoptTitles();
  document.addEventListener("pointermove", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("canvas")) return;
    const mark = target?.closest<HTMLElement>("[data-tip]");
    if (mark) tip.show(mark.dataset["tip"] ?? "", event.clientX, event.clientY);
    else tip.hide();
  });
  document.addEventListener("scroll", () => tip.hide(), { passive: true });
  for (const chart of document.querySelectorAll<SVGElement>("svg.plot")) walkable(chart, tip);
}

function walkable(chart: SVGElement, tip: Tip): void {
  const marks = [...chart.querySelectorAll<HTMLElement>("[data-tip]")];
  if (marks.length === 0) return;
  let at = -1;
  chart.setAttribute("tabindex", "0");
  const go = (to: number) => {
    marks[at]?.classList.remove("current");
    at = Math.max(0, Math.min(marks.length - 1, to));
    const mark = marks[at];
    if (!mark) return;
    mark.classList.add("current");
    const box = mark.getBoundingClientRect();
    tip.show(mark.dataset["tip"] ?? "", box.x + box.width / 2, box.y);
  };
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step !== undefined) go(at + step);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(marks.length - 1);
    else if (event.key === "Escape") tip.hide();
    else return;
    event.preventDefault();
  });
  chart.addEventListener("blur", () => {
    marks[at]?.classList.remove("current");
    tip.hide();
  });
}
