// The page's colours as a canvas needs them.
export interface Colours {
  hues: string[];
  /** The same as a pixel's four bytes, and with little opacity. */
  pixels: Uint32Array;
  faintPixels: Uint32Array;
  onHue: string[];
  ink: string;
  muted: string;
  rule: string;
  track: string;
  paper: string;
  accent: string;
}

/** Bytes of a pixel in memory order red, green, blue, alpha. */
function pixel(colour: string, alpha: number): number {
  const n = Number.parseInt(colour.slice(1), 16);
  return new Uint32Array(new Uint8Array([(n >> 16) & 255, (n >> 8) & 255, n & 255, alpha]).buffer)[0] ?? 0;
}

function luminance(colour: string): number {
  const n = Number.parseInt(colour.slice(1), 16);
  const channel = (shift: number) => {
    const c = ((n >> shift) & 255) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0);
}

export function readColours(names: string[]): Colours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim() || "#888888";
  const ink = "#1d1b17";
  const hues = names.map(colour);
  return {
    hues,
    pixels: Uint32Array.from(hues, (h) => pixel(h, 255)),
    faintPixels: Uint32Array.from(hues, (h) => pixel(h, 46)),
    onHue: hues.map((h) => (luminance(h) > 0.24 ? ink : "#ffffff")),
    ink: colour("ink"),
    muted: colour("muted"),
    rule: colour("rule"),
    track: colour("track"),
    paper: colour("paper"),
    accent: colour("accent"),
  };
}
