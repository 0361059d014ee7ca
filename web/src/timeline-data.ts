// The spans of a timeline: rows sorted by start, which do not overlap, so that what is in view is found by bisection.
import { decode } from "./base64";

export interface Row {
  label: string;
  n: number;
  start: Float64Array;
  end: Float64Array;
  bytes: Float64Array | undefined;
  kind: Uint16Array | Uint32Array;
}

export interface Encoded {
  total: number;
  tick: number;
  texts: string[];
  hues: string[];
  kinds: string;
  wide: boolean;
  rows: { label: string; n: number; start: string; dur: string; kind: string; bytes?: string }[];
}

/** A span by its place. */
export interface At {
  row: number;
  span: number;
}

/** What is in view and marked. */
export interface View {
  from: number;
  to: number;
  selected: At | undefined;
  /** Texts that were searched for; undefined where nothing was. */
  matches: Set<number> | undefined;
}

export function decodeRow(row: Encoded["rows"][number], tick: number, wide: boolean): Row {
  const begin = new Uint32Array(decode(row.start));
  const length = new Uint32Array(decode(row.dur));
  const start = new Float64Array(row.n);
  const end = new Float64Array(row.n);
  for (let i = 0; i < row.n; i++) {
    start[i] = (begin[i] ?? 0) * tick;
    end[i] = (start[i] ?? 0) + (length[i] ?? 0) * tick;
  }
  const kind = decode(row.kind);
  return {
    label: row.label,
    n: row.n,
    start,
    end,
    bytes: row.bytes === undefined ? undefined : new Float64Array(decode(row.bytes)),
    kind: wide ? new Uint32Array(kind) : new Uint16Array(kind),
  };
}

/** Index of the first span from `low` on that ends after `at`: steps that double, then bisection. */
export function firstAfter(row: Row, at: number, low = 0): number {
  const end = row.end;
  let reach = 1;
  let high = low;
  while (high < row.n && (end[high] ?? 0) <= at) {
    low = high + 1;
    high += reach;
    reach *= 2;
  }
  high = Math.min(high, row.n);
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((end[mid] ?? 0) > at) high = mid;
    else low = mid + 1;
  }
  return low;
}

/** The spans with what each kind of them means. */
export class Spans {
  readonly rows: Row[];
  /** Text, detail and colour of each kind of span. */
  private readonly kinds: Uint32Array;

  constructor(readonly data: Encoded) {
    this.rows = data.rows.map((row) => decodeRow(row, data.tick, data.wide));
    this.kinds = new Uint32Array(decode(data.kinds));
  }

  text(row: Row, i: number): number {
    return this.kinds[(row.kind[i] ?? 0) * 3] ?? 0;
  }

  detail(row: Row, i: number): number {
    return this.kinds[(row.kind[i] ?? 0) * 3 + 1] ?? 0;
  }

  hue(row: Row, i: number): number {
    return this.kinds[(row.kind[i] ?? 0) * 3 + 2] ?? 0;
  }

  dur(row: Row, i: number): number {
    return (row.end[i] ?? 0) - (row.start[i] ?? 0);
  }
}
