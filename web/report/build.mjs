// Bundles the page into one file without references to anything outside: node build.mjs [OUT]
// The data goes where the marker stands; forestage --report puts it there.
import { build } from 'esbuild';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, 'dist', 'page.html');
const marker = '@FORESTAGE_REPORT_DATA@';

const bundle = async (entry, options) => {
  const result = await build({
    entryPoints: [join(here, 'src', entry)], bundle: true, minify: true, write: false, legalComments: 'none', logLevel: 'warning', ...options,
  });
  return result.outputFiles[0].text.trim();
};
const script = await bundle('main.ts', { format: 'iife', target: 'es2020', charset: 'ascii' });
const style = await bundle('page.css', {});
if (/<\/script/i.test(script) || /<\/style/i.test(style)) throw new Error('the bundle would end its own element');

// What the licences ask for travels with the page.
const licence = (name) => {
  const { version } = JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8'));
  return `${name} ${version}`;
};
const notice = `Charts: ${licence('echarts')} (Apache-2.0, The Apache Software Foundation), ${licence('zrender')} (BSD-3-Clause, Baidu Inc.), ` +
  `${licence('tslib')} (0BSD, Microsoft).`;
const page = readFileSync(join(here, 'src', 'page.html'), 'utf8')
  .replace('@NOTICE@', () => notice)
  .replace('@STYLE@', () => style)
  .replace('@SCRIPT@', () => script);
if (page.split(marker).length !== 2) throw new Error(`the page must hold ${marker} exactly once`);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, page);
