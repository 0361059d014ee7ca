// The section that is being read is marked in the bar at the top.
export function markCurrentSection(): void {
  const links = new Map<string, HTMLAnchorElement>();
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".top nav a")) links.set(link.hash.slice(1), link);
  const sections = [...document.querySelectorAll<HTMLElement>("section.part")];
  const bar = document.querySelector<HTMLElement>(".top nav");
  let current: HTMLAnchorElement | undefined;
  const update = () => {
    const reading = sections.filter((s) => s.getBoundingClientRect().top < window.innerHeight * 0.35).at(-1);
    const link = reading ? links.get(reading.id) : undefined;
    if (link === current) return;
    current?.removeAttribute("aria-current");
    current = link;
    link?.setAttribute("aria-current", "true");
    if (bar) bar.scrollTo({ left: link ? link.offsetLeft - bar.offsetLeft - bar.clientWidth / 3 : 0 });
  };
  let pending = false;
  document.addEventListener(
    "scroll",
    () => {
      if (pending) return;
      pending = true;
      requestAnimationFrame(() => {
        pending = false;
        update();
      });
    },
    { passive: true },
  );
  update();
}
