// The head of the page: what was run, the sentence that sums it up, the main figures, every policy in a table; and the foot.
import type { ModelCard, PolicyCard, ReportDocument } from './document';
import { element } from './figure';
import { decimal, percent, short, whole } from './format';

function tile(value: string, label: string, key: string): HTMLElement {
  return element('li', { 'data-key': key }, element('b', {}, value), element('span', {}, label));
}

function tiles(report: ReportDocument): HTMLElement | undefined {
  const policies = report.card.policies ?? {};
  const name = Object.keys(policies)[0];
  const out = element('ul', { class: 'tiles', 'aria-label': 'Main figures' });
  if (name !== undefined) {
    const p = policies[name]!;
    out.append(tile(percent(p.warm_ratio), 'found everything ready', 'warm_ratio'));
    out.append(tile(whole(p.cold), 'cold requests', 'cold'));
    out.append(tile(decimal(p.waste_per_request, 2), 'idle unit-intervals per request', 'waste_per_request'));
    out.append(tile(decimal(p.cost_per_request, 4), 'cost per request', 'cost_per_request'));
    if (p.regret_strict !== null) out.append(tile(decimal(p.regret_strict, 3), 'regret: 0 the oracle, 1 the best policy tuned on this log', 'regret_strict'));
  }
  const model = report.card.models?.['default'];
  if (model) {
    if (model.mase !== null) out.append(tile(decimal(model.mase, 3), 'MASE: error against repeating a season', 'mase'));
    if (model.spl !== null) out.append(tile(decimal(model.spl, 3), 'SPL: quantile error, scaled', 'spl'));
  }
  return out.childElementCount > 0 ? out : undefined;
}

interface Column<T> {
  key: string;
  head: string;
  say: (row: T) => string;
}

const policyColumns: Column<PolicyCard>[] = [
  { key: 'warm_ratio', head: 'warm', say: (p) => percent(p.warm_ratio) },
  { key: 'cold', head: 'cold requests', say: (p) => whole(p.cold) },
  { key: 'waste_unit_intervals', head: 'idle unit-intervals', say: (p) => whole(p.waste_unit_intervals) },
  { key: 'waste_per_request', head: 'idle/request', say: (p) => decimal(p.waste_per_request, 2) },
  { key: 'cost', head: 'cost', say: (p) => short(p.cost) },
  { key: 'cost_per_request', head: 'cost/request', say: (p) => decimal(p.cost_per_request, 4) },
  { key: 'regret_field', head: 'regret', say: (p) => decimal(p.regret_field, 3) },
  { key: 'regret_strict', head: 'strict', say: (p) => decimal(p.regret_strict, 3) },
  { key: 'precision', head: 'units used', say: (p) => percent(p.precision) },
];

const modelColumns: Column<ModelCard>[] = [
  { key: 'mase', head: 'MASE', say: (m) => decimal(m.mase, 3) },
  { key: 'spl', head: 'SPL', say: (m) => decimal(m.spl, 3) },
  { key: 'mase_first_hour', head: 'MASE, first hour', say: (m) => decimal(m.mase_first_hour, 3) },
  { key: 'spl_first_hour', head: 'SPL, first hour', say: (m) => decimal(m.spl_first_hour, 3) },
  { key: 'cpu_seconds', head: 'CPU s', say: (m) => decimal(m.cpu_seconds, 2) },
];

function cardTable<T>(rows: Record<string, T>, columns: Column<T>[], what: string): HTMLElement {
  const head = element('tr', {}, element('th', { scope: 'col' }, what));
  for (const c of columns) head.append(element('th', { scope: 'col' }, c.head));
  const body = element('tbody');
  Object.entries(rows).forEach(([name, row], i) => {
    const line = element('tr', { 'data-row': name, ...(i === 0 ? { class: 'ours' } : {}) }, element('th', { scope: 'row' }, name));
    for (const c of columns) line.append(element('td', { 'data-key': c.key }, c.say(row)));
    body.append(line);
  });
  const caption = `Every ${what} in figures`;
  return element('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': caption },
    element('table', {}, element('caption', {}, caption), element('thead', {}, head), body));
}

export function addHead(page: HTMLElement, report: ReportDocument): void {
  const header = element('header', {}, element('h1', {}, report.title), element('p', { class: 'command' }, report.command));
  for (const sentence of report.summary) header.append(element('p', { class: 'summary' }, sentence));
  const main = tiles(report);
  if (main) header.append(main);
  page.append(header);
  if (report.card.policies)
    page.append(element('section', { id: 'policies', 'aria-labelledby': 'policies-title' }, element('h2', { id: 'policies-title' }, 'The policies in figures'),
      element('p', { class: 'says' }, 'The first row is Forestage. Regret 0 is the oracle, which knows every request; 1 is the best simple policy in common use (strict: the best one that was tuned on this log).'),
      cardTable(report.card.policies, policyColumns, 'policy')));
  if (report.card.models)
    page.append(element('section', { id: 'models', 'aria-labelledby': 'models-title' }, element('h2', { id: 'models-title' }, 'The models in figures'),
      element('p', { class: 'says' }, 'Means over the series. Below 1, MASE is better than repeating what came a season before.'),
      cardTable(report.card.models, modelColumns, 'model')));
}

export function addSettings(page: HTMLElement, report: ReportDocument): void {
  const list = element('dl');
  for (const [name, value] of [...report.settings, ...report.versions]) list.append(element('dt', {}, name), element('dd', {}, value));
  page.append(element('section', { id: 'settings', 'aria-labelledby': 'settings-title' }, element('h2', { id: 'settings-title' }, 'What was run'), list));
}
