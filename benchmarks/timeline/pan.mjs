// Script time per frame while the page's timeline of a million spans is panned in headless Chromium.
// Usage: node --experimental-websocket pan.mjs PAGE_TEMPLATE [SPANS]; the template is what core is built with.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [template, count = "1000000"] = process.argv.slice(2);
if (!template) throw new Error("name the page's template: core/target/classes/dev/hourglass/core/report/page.html");
const dir = mkdtempSync(join(tmpdir(), "timeline-"));
const ROWS = 8;
const FRAMES = 400;

/** Spans as a decode loop has them: short ones without a gap, longer ones between, in eight rows. */
function data(spans) {
  let seed = 7;
  const random = () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32);
  const n = Math.ceil(spans / ROWS);
  const base64 = (array) => Buffer.from(array.buffer).toString("base64");
  const hues = ["gpu", "attention", "norm", "experts", "head", "sampling", "transfer", "launch"];
  const texts = Array.from({ length: 200 }, (_, i) => `kernel_of_some_length_${i}`);
  const kinds = new Uint32Array(600);
  for (let i = 0; i < 200; i++) kinds.set([i, i, i % hues.length], i * 3);
  let total = 0;
  const rows = Array.from({ length: ROWS }, (_, r) => {
    const start = new Uint32Array(n);
    const dur = new Uint32Array(n);
    const kind = new Uint16Array(n);
    let at = 0;
    for (let i = 0; i < n; i++) {
      start[i] = at;
      dur[i] = 1500 + Math.floor(random() * (i % 40 === 0 ? 90000 : 4000));
      kind[i] = Math.floor(random() * 200);
      at += dur[i] + Math.floor(random() * 900);
    }
    total = Math.max(total, at);
    return { label: `stream ${r}`, n, start: base64(start), dur: base64(dur), kind: base64(kind) };
  });
  return JSON.stringify({ total, tick: 1, wide: false, texts, hues, kinds: base64(kinds), rows });
}

const page = join(dir, "page.html");
writeFileSync(
  page,
  readFileSync(template, "utf8")
    .replace("{{title}}", "timeline")
    .replace("{{body}}", () => `<main><figure><figcaption>A million spans.</figcaption><script type="application/json" class="timeline-data">${data(Number(count))}</script></figure></main>`),
);

const browser = spawn(
  "chromium",
  ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0", "--remote-allow-origins=*", `--user-data-dir=${join(dir, "profile")}`, "about:blank"],
  { stdio: "ignore" },
);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
async function port() {
  for (let i = 0; i < 400; i++) {
    try {
      const lines = readFileSync(join(dir, "profile/DevToolsActivePort"), "utf8").split("\n");
      if (lines.length > 1) return lines[0];
    } catch {
      // not there yet
    }
    await sleep(50);
  }
  throw new Error("the browser did not open its debugging port");
}

try {
  const targets = await (await fetch(`http://127.0.0.1:${await port()}/json/list`)).json();
  const socket = new WebSocket(targets.find((t) => t.type === "page").webSocketDebuggerUrl);
  await new Promise((done) => (socket.onopen = done));
  const waiting = new Map();
  let loaded = () => {};
  let last = 0;
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.id) waiting.get(message.id)(message.result ?? message.error);
    else if (message.method === "Page.loadEventFired") loaded();
  };
  const call = (method, params = {}) =>
    new Promise((done) => {
      waiting.set(++last, done);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  await call("Page.enable");
  await call("Emulation.setDeviceMetricsOverride", { width: 1280, height: 900, deviceScaleFactor: 1, mobile: false });
  const ready = new Promise((done) => (loaded = done));
  await call("Page.navigate", { url: `file://${page}` });
  await ready;
  await sleep(500);
  // Every zoom from everything to a few microseconds is panned through; what counts is the time in
  // the page's own code: the event's handler and the frame that it asks for.
  const measure = `(async () => {
    const canvas = document.querySelector(".timeline canvas");
    const real = window.requestAnimationFrame.bind(window);
    let spent = 0;
    window.requestAnimationFrame = (f) => real((t) => { const b = performance.now(); f(t); spent += performance.now() - b; });
    const wheel = (o) => { const b = performance.now(); canvas.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, ...o })); spent += performance.now() - b; };
    const frame = () => new Promise((done) => real(() => setTimeout(done)));
    const zooms = [0, 700, 700, 700];
    const out = [];
    for (const zoom of zooms) {
      if (zoom) { wheel({ ctrlKey: true, deltaY: -zoom, clientX: 600 }); await frame(); }
      const times = [];
      for (let i = 0; i < ${FRAMES} / zooms.length; i++) { spent = 0; wheel({ shiftKey: true, deltaY: i % 20 < 10 ? 37 : -29 }); await frame(); times.push(spent); }
      out.push(times);
    }
    return out;
  })()`;
  const result = await call("Runtime.evaluate", { expression: measure, awaitPromise: true, returnByValue: true });
  const zooms = result.result.value;
  const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))];
  const line = (name, list) =>
    console.log(`${name}: ${list.length} frames, script time p50 ${quantile(list, 0.5).toFixed(2)} ms, p95 ${quantile(list, 0.95).toFixed(2)} ms, max ${Math.max(...list).toFixed(2)} ms`);
  zooms.forEach((list, i) => line(`zoom ${i}`, list));
  line("all", zooms.flat());
  socket.close();
} finally {
  browser.kill();
  await sleep(300);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}
