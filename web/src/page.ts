// Everything that the page does beyond being read: it works without.
import { copyButtons } from "./copy";
import { flames } from "./flame";
import { focusByColour } from "./focus";
import { heatMaps } from "./heat";
import { markCurrentSection } from "./nav";
import { sortableTables } from "./sort";
import { longTables } from "./tables";
import { applyStoredTheme, themeToggle } from "./theme";
import { timelines } from "./timeline";
import { createTip, tooltips } from "./tips";

applyStoredTheme();
document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.classList.add("scripted");
  const tip = createTip();
  themeToggle();
  timelines(tip);
  flames(tip);
  heatMaps(tip);
  tooltips(tip);
  focusByColour();
  sortableTables();
  longTables();
  copyButtons();
  markCurrentSection();
});
