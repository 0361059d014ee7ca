// Pointing at a name in a legend or a table keeps its colour in every chart and dims the others.
export function focusByColour(): void {
  const root = document.documentElement;
  const hueOf = (target: EventTarget | null): string | undefined => {
    if (!(target instanceof Element)) return undefined;
    const row = target.closest<HTMLElement>("tr[data-hue]");
    if (row) return row.dataset["hue"];
    const key = target.closest("g.key");
    return key ? [...key.classList].find((c) => c !== "key") : undefined;
  };
  document.addEventListener("pointerover", (event) => {
    const hue = hueOf(event.target);
    if (hue) root.dataset["focus"] = hue;
    else delete root.dataset["focus"];
  });
  root.addEventListener("pointerleave", () => delete root.dataset["focus"]);
}
