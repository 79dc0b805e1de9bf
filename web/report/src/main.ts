// Puts the page together from what the document holds. Text from logs only ever becomes text nodes.
import { daysFigure } from './charts/days';
import { readDocument, type ReportDocument } from './document';
import { addFigure, element, type Figure } from './figure';
import { addHead, addSettings } from './head';

function figures(report: ReportDocument): Figure[] {
  const out: Figure[] = [];
  const settings = report.card.settings ?? {};
  const costs = { under: Number(settings['cost_under'] ?? 1), over: Number(settings['cost_over'] ?? 1) };
  if (report.days) out.push(daysFigure(report.days, costs));
  return out;
}

const page = document.getElementById('page')!;
page.replaceChildren();
try {
  const report = readDocument();
  document.title = `${report.title} – Forestage`;
  addHead(page, report);
  for (const figure of figures(report)) addFigure(page, figure);
  addSettings(page, report);
  document.documentElement.dataset['ready'] = 'yes';
} catch (failure) {
  page.append(element('section', { class: 'failed', role: 'alert' },
    element('h2', {}, 'This report cannot be shown'), element('p', {}, String(failure))));
  document.documentElement.dataset['ready'] = 'failed';
  throw failure;
}
