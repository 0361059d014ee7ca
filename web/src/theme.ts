// Light, dark, or what the system says.
type Theme = "auto" | "light" | "dark";

const KEY = "hourglass-theme";
const ORDER: readonly Theme[] = ["auto", "light", "dark"];

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return ORDER.find((t) => t === value) ?? "auto";
  } catch {
    return "auto";
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A page opened from a file may have no storage: the choice then lasts as long as the page.
  }
}

function apply(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
  document.dispatchEvent(new CustomEvent("themechange"));
}

export function applyStoredTheme(): void {
  apply(stored());
}

export function themeToggle(): void {
  const button = document.querySelector<HTMLButtonElement>("#theme");
  if (!button) return;
  let theme = stored();
  const label = () => {
    button.textContent = theme === "auto" ? "Auto" : theme === "light" ? "Light" : "Dark";
    button.setAttribute("aria-label", `Colours: ${theme}. Press to change.`);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? "auto";
    store(theme);
    apply(theme);
    label();
  });
  label();
}
