// Opens a report in a headless Chromium and says what is there, as JSON: node report_page.mjs CHROMIUM FILE WIDTH light|dark
// It judges nothing: report_test.py does.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const { chromium } = createRequire(join(root, 'web', 'report', 'package.json'))('playwright-core');
const [, , executablePath, file, width, colorScheme] = process.argv;

// What is drawn in a chart: shapes in a colour (axes and grids are grey; the cells of a heat map count whatever they look like) in the plot itself, neither in the legend above nor in what stands below.
const inspect = () => [...document.querySelectorAll('.figure')].map((figure) => {
  const svg = figure.querySelector('.chart svg');
  const frame = svg?.getBoundingClientRect() ?? { top: 0, height: 0, width: 0 };
  const canvas = document.createElement('canvas').getContext('2d');
  const coloured = (value) => {
    if (!value || value === 'none' || value === 'transparent') return false;
    canvas.fillStyle = value;
    const [r, g, b] = canvas.fillStyle.startsWith('#') ? canvas.fillStyle.match(/[0-9a-f]{2}/g).map((h) => parseInt(h, 16)) : canvas.fillStyle.match(/[\d.]+/g).map(Number);
    return Math.max(r, g, b) - Math.min(r, g, b) > 40;
  };
  const marks = [...(svg?.querySelectorAll('path') ?? [])].filter((path) => {
    const box = path.getBoundingClientRect();
    const middle = box.top + box.height / 2 - frame.top;
    return middle > (['accuracy', 'week'].includes(figure.id) ? 0 : 34) && middle < frame.height - (['curves', 'week'].includes(figure.id) ? 62 : 0) && (box.width > 2 || box.height > 2) &&
      (figure.id === 'week' && box.width > 4 && box.height > 8 && path.getAttribute('fill') !== 'none' || coloured(path.getAttribute('fill')) || coloured(path.getAttribute('stroke')));
  });
  return {
    id: figure.id, heading: figure.querySelector('h2')?.textContent, marks: marks.length, width: frame.width, height: frame.height,
    texts: [...(svg?.querySelectorAll('text') ?? [])].length, alt: figure.querySelector('.chart')?.getAttribute('aria-label') ?? '',
    drawn: Number(figure.querySelector('.chart')?.dataset.drawn ?? 0), pickers: figure.querySelectorAll('select').length,
    rows: figure.querySelectorAll('details tbody tr').length,
  };
});

// The least contrast of text against what lies behind it (WCAG 2: 4.5 for text of this size).
const contrast = () => {
  const channel = (v) => { const s = v / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; };
  const parse = (c) => { const m = c.match(/[\d.]+/g).map(Number); return { rgb: m.slice(0, 3), a: m[3] ?? 1 }; };
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (e) => { for (let at = e; at; at = at.parentElement) { const c = parse(getComputedStyle(at).backgroundColor); if (c.a > 0) return c.rgb; } return [255, 255, 255]; };
  let least = { ratio: 99, text: '' };
  for (const e of document.querySelectorAll('h1, h2, p, th, td, dt, dd, label, summary, select, .tiles b, .tiles span')) {
    const [a, b] = [luminance(parse(getComputedStyle(e).color).rgb), luminance(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least.ratio) least = { ratio, text: e.textContent.slice(0, 40) };
  }
  return least;
};

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const out = { console: [], requests: [] };
try {
  const page = await browser.newPage({ viewport: { width: Number(width), height: 900 }, colorScheme });
  page.on('console', (m) => out.console.push(`${m.type()}: ${m.text()}`));
  page.on('pageerror', (e) => out.console.push(`uncaught: ${e.message}`));
  page.on('request', (r) => { if (!/^(file|data):/.test(r.url())) out.requests.push(r.url()); });
  await page.goto(pathToFileURL(file).href);
  await page.waitForFunction(() => document.documentElement.dataset.ready, null, { timeout: 60000 });
  out.ready = await page.evaluate(() => document.documentElement.dataset.ready);
  out.title = await page.title();
  out.heading = await page.evaluate(() => document.querySelector('h1')?.textContent ?? null);
  out.lang = await page.evaluate(() => document.documentElement.lang);
  out.scripts = await page.evaluate(() => document.scripts.length);
  out.hostile = await page.evaluate(() => window.hostile ?? null);
  out.images = await page.evaluate(() => document.querySelectorAll('img, iframe, object').length);
  out.summary = await page.$$eval('.summary', (all) => all.map((e) => e.textContent));
  out.tiles = Object.fromEntries(await page.$$eval('.tiles li', (all) => all.map((e) => [e.dataset.key, e.querySelector('b').textContent])));
  out.rows = Object.fromEntries(await page.$$eval('#policies tbody tr, #models tbody tr', (all) => all.map((row) =>
    [row.dataset.row, Object.fromEntries([...row.querySelectorAll('td')].map((cell) => [cell.dataset.key, cell.textContent]))])));
  out.figures = await page.evaluate(inspect);
  // Every choice of every picker, by its value as a keyboard would set it.
  out.choices = [];
  for (const select of await page.$$('.figure select')) {
    const values = await select.$$eval('option', (all) => all.map((o) => ({ value: o.value, label: o.textContent })));
    for (const { value, label } of values.length > 1 ? values.slice().reverse() : []) {
      await select.selectOption(value);
      const id = await select.evaluate((e) => e.closest('.figure').id);
      const figure = (await page.evaluate(inspect)).find((f) => f.id === id);
      out.choices.push({ id, label, marks: figure.marks, drawn: figure.drawn, alt: figure.alt });
    }
  }
  // Tables open by keyboard: focus on the summary, then Enter.
  for (const summary of await page.$$('.figure summary')) {
    await summary.focus();
    await page.keyboard.press('Enter');
  }
  await page.waitForTimeout(100);
  out.opened = await page.evaluate(inspect);
  out.tables = Object.fromEntries(await page.$$eval('.figure', (all) => all.map((f) =>
    [f.id, [...f.querySelectorAll('details tr')].map((tr) => [...tr.children].map((c) => c.textContent))])));
  // What Tab reaches.
  await page.evaluate(() => { document.activeElement?.blur(); window.scrollTo(0, 0); });
  const reached = new Set();
  for (let i = 0; i < 120; ++i) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => { const e = document.activeElement; return e ? `${e.tagName.toLowerCase()} ${e.closest('section')?.id ?? ''}` : ''; }));
  }
  out.reached = [...reached];
  out.scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
  out.contrast = await page.evaluate(contrast);
} finally {
  await browser.close();
}
console.log(JSON.stringify(out));
