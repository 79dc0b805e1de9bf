// Opens a report in a headless Chromium and says what is there, as JSON: node report_page.mjs CHROMIUM FILE WIDTH light|dark
// It judges nothing: report_test.py does.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const { chromium } = createRequire(join(root, 'web', 'report', 'package.json'))('playwright-core');
const [, , executablePath, file, width, colorScheme] = process.argv;

// What a chart consists of: shapes with some extent, by colour.
const inspect = () => [...document.querySelectorAll('.figure')].map((figure) => {
  const svg = figure.querySelector('.chart svg');
  const shapes = [...(svg?.querySelectorAll('path') ?? [])].filter((path) => {
    const box = path.getBBox();
    const style = getComputedStyle(path);
    return (box.width > 2 || box.height > 2) && (style.fill !== 'none' || style.stroke !== 'none');
  });
  const colours = new Set(shapes.flatMap((path) => [path.getAttribute('fill'), path.getAttribute('stroke')]).filter((c) => c && c !== 'none' && c !== 'transparent'));
  return {
    id: figure.id, heading: figure.querySelector('h2')?.textContent, shapes: shapes.length, colours: colours.size,
    width: svg?.getBoundingClientRect().width ?? 0, height: svg?.getBoundingClientRect().height ?? 0,
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
  out.heading = await page.textContent('h1');
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
      out.choices.push({ id, label, shapes: figure.shapes, colours: figure.colours, drawn: figure.drawn, alt: figure.alt });
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
