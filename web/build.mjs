// Bundles the page into templates that core fills: `node build.mjs OUT` writes OUT/page.html and OUT/plot.css.
// The npm packages are installed when the lock file is newer than what is there.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "dist");
const read = (name) => readFileSync(join(here, name), "utf8");

function installed() {
  const mark = join(here, "node_modules/.package-lock.json");
  return existsSync(mark) && statSync(mark).mtimeMs >= statSync(join(here, "package-lock.json")).mtimeMs;
}

if (!installed()) {
  const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: here,
    stdio: "inherit",
  });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}
const esbuild = await import("esbuild");

const palette = JSON.parse(read("palette.json"));
const LIGHT = 0;
const DARK = 1;

/** The custom properties of one theme. */
function properties(theme) {
  const all = { ...palette.tone, ...palette.hue, ...palette.heat };
  return Object.entries(all).map(([name, shades]) => `--${name}:${shades[theme]};`).join("");
}

/** What a mark of each colour looks like, filled, stroked, and in a heat map. */
function marks() {
  const hues = Object.keys(palette.hue).map((h) => `.m.${h}{fill:var(--${h})}.l.${h}{stroke:var(--${h})}`);
  const heats = Object.keys(palette.heat).map((h) => `.heat.${h}{stroke:var(--${h})}.heatkey.${h}{fill:var(--${h})}`);
  return [...hues, ...heats].join("\n");
}

/** Rules without custom properties, for viewers of image files that do not know them. */
function resolved(css, theme) {
  const all = { ...palette.tone, ...palette.hue, ...palette.heat };
  return css.replace(/var\(--([\w-]+)\)/g, (_, name) => {
    if (!all[name]) throw new Error(`no colour ${name} in palette.json`);
    return all[name][theme];
  });
}

async function minified(css) {
  return (await esbuild.transform(css, { loader: "css", minify: true })).code.trim();
}

/** Only the rules that name a colour, for the dark half of a file that already has the others. */
function coloured(css) {
  return css.match(/[^{}]+\{[^{}]*\}/g).filter((rule) => rule.includes("var(--")).join("\n");
}

const plot = read("src/plot.css").replace(/\/\*[\s\S]*?\*\//g, "") + marks();
const plotFile = await minified(
  resolved(plot, LIGHT) + `@media (prefers-color-scheme:dark){${resolved(coloured(plot), DARK)}}`,
);

/** While a colour is pointed at, the others step back. */
const focus = Object.keys(palette.hue)
  .map((h) => `[data-focus=${h}] svg.plot .m:not(.${h}),[data-focus=${h}] svg.plot .l:not(.${h}){opacity:.18}`)
  .join("\n");
const themes = `:root{color-scheme:light;${properties(LIGHT)}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${properties(DARK)}}}
:root[data-theme=dark]{color-scheme:dark;${properties(DARK)}}
@media print{:root:root,:root[data-theme]:root{color-scheme:light;${properties(LIGHT)}}}`;
const plotsOnPage = plot.match(/[^{}]+\{[^{}]*\}/g).map((rule) => `svg ${rule.trim()}`).join("\n");
const style = await minified([themes, read("src/page.css"), plotsOnPage, focus].join("\n"));

const bundle = await esbuild.build({
  entryPoints: [join(here, "src/page.ts")],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  write: false,
});
const script = bundle.outputFiles[0].text.trim();
const hash = createHash("sha256").update(script).digest("base64");

const page = read("src/page.html")
  .replace("/*hash*/", () => `sha256-${hash}`)
  .replace("/*style*/", () => style)
  .replace("/*script*/", () => script);
if ((script + style).includes("</script") || (page.match(/\{\{\w+\}\}/g) ?? []).length !== 2) {
  throw new Error("the page must have exactly the places {{title}} and {{body}}, and no script end in its script");
}

mkdirSync(out, { recursive: true });
writeFileSync(join(out, "page.html"), page);
writeFileSync(join(out, "plot.css"), plotFile);
