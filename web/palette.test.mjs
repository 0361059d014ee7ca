// Colours that stand side by side must be told apart, also by people who see no difference between red and
// green (deuteranopia, protanopia) or blue and yellow (tritanopia), and must stand out from the ground.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const palette = JSON.parse(readFileSync(new URL("./palette.json", import.meta.url), "utf8"));
const THEMES = ["light", "dark"];

const linear = (hex) =>
  [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });

// Machado, Oliveira, Fernandes (2009), severity 1.0, on linear RGB.
const VISION = {
  full: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};
const seen = (rgb, m) => m.map((row) => Math.min(1, Math.max(0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2])));

function oklab([r, g, b]) {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
const distance = (a, b) => Math.hypot(...a.map((v, i) => v - b[i]));
const luminance = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const contrast = (a, b) => {
  const [x, y] = [luminance(linear(a)), luminance(linear(b))].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
};

// The parts of a step, in the order of their usual size, and pairs that share a chart.
const PARTS = ["experts", "attention", "head", "routing", "norm", "sampling", "scheduling", "embedding"];
const LARGE = PARTS.slice(0, 4);

for (const [theme, index] of [["light", 0], ["dark", 1]]) {
  for (const [vision, matrix] of Object.entries(VISION)) {
    const place = (hue) => oklab(seen(linear(palette.hue[hue][index]), matrix));
    test(`${theme}: the large parts are told apart with ${vision} vision`, () => {
      for (const a of LARGE) {
        for (const b of LARGE) {
          if (a < b) assert.ok(distance(place(a), place(b)) > 0.07, `${a} and ${b}: ${distance(place(a), place(b))}`);
        }
      }
    });
    test(`${theme}: profiled and unprofiled are told apart with ${vision} vision`, () => {
      assert.ok(distance(place("profiled"), place("unprofiled")) > 0.1);
    });
    test(`${theme}: the heat scale rises step by step with ${vision} vision`, () => {
      const steps = Object.values(palette.heat).map((h) => oklab(seen(linear(h[index]), matrix))[0]);
      for (let i = 1; i < steps.length; i++) assert.ok((steps[i] - steps[i - 1]) * (index === 0 ? -1 : 1) > 0.02);
    });
  }
  test(`${theme}: text can be read`, () => {
    const paper = palette.tone.paper[index];
    assert.ok(contrast(palette.tone.ink[index], paper) > 12);
    assert.ok(contrast(palette.tone["soft-ink"][index], paper) > 7);
    for (const tone of ["muted", "accent", "caution", "severe", "good"]) {
      assert.ok(contrast(palette.tone[tone][index], paper) > 4.5, `${tone} ${contrast(palette.tone[tone][index], paper)}`);
    }
    assert.ok(contrast(palette.tone.caution[index], palette.tone["caution-ground"][index]) > 4.5);
    assert.ok(contrast(palette.tone.severe[index], palette.tone["severe-ground"][index]) > 4.5);
  });
}

test("every colour has a light and a dark shade", () => {
  for (const group of ["tone", "hue", "heat"]) {
    for (const [name, shades] of Object.entries(palette[group])) {
      assert.equal(shades.length, THEMES.length, name);
      for (const shade of shades) assert.match(shade, /^#[0-9a-f]{6}$/, name);
    }
  }
});
