// Everything that the page does beyond being read: it works without.
import { tooltips } from "./tips";
import { applyStoredTheme, themeToggle } from "./theme";

applyStoredTheme();
document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.classList.add("scripted");
  themeToggle();
  tooltips();
});
