// Numbers as people read them: three significant digits, scaled, as the rest of the report writes them.
export function significant(value: number): string {
  if (value === 0) return "0";
  const digits = Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toFixed(Math.min(9, Math.max(0, 3 - digits)));
}

function scaled(value: number, steps: readonly string[], unit: string): string {
  let rest = value;
  let step = 0;
  while (Math.abs(rest) >= 999.5 && step < steps.length - 1) {
    rest /= 1000;
    step++;
  }
  return `${significant(rest)}\u00a0${steps[step] ?? ""}${unit}`;
}

export const time = (ns: number): string => scaled(ns, ["n", "µ", "m", ""], "s");
export const bytes = (value: number): string => scaled(value, ["", "k", "M", "G", "T"], "B");
export const rate = (value: number): string => scaled(value, ["", "k", "M", "G", "T"], "B/s");
export const percent = (ratio: number): string => `${significant(ratio * 100)}\u00a0%`;
export const exactNs = (ns: number): string => `${ns.toLocaleString("en-US")}\u00a0ns`;
