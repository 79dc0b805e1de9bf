// Puts the page together from what the document holds. Text from logs only ever becomes text nodes.
import { ablationsFigure } from './charts/ablations';
import { accuracyFigure } from './charts/accuracy';
import { calibrationFigure } from './charts/calibration';
import { curvesFigure } from './charts/curves';
import { daysFigure } from './charts/days';
import { horizonFigure } from './charts/horizon';
import { tradeoffFigure } from './charts/tradeoff';
import { measuresFigure, weekFigure } from './charts/week';
import { readDocument, type ReportDocument } from './document';
import { addFigure, element, type Figure } from './figure';
import { addHead, addSettings } from './head';

function figures(report: ReportDocument): Figure[] {
  const out: Figure[] = [];
  const settings = report.card.settings ?? {};
  const costs = { under: Number(settings['cost_under'] ?? 1), over: Number(settings['cost_over'] ?? 1) };
  const accuracy = report.card.models && accuracyFigure(report.card.models);
  if (accuracy) out.push(accuracy);
  if (report.days) out.push(daysFigure(report.days, costs));
  if (report.card.policies) out.push(tradeoffFigure(report.card.policies));
  if (report.horizon) out.push(horizonFigure(report.horizon));
  if (report.curves?.length) out.push(curvesFigure(report.curves));
  if (report.week) out.push(weekFigure(report.week));
  if (report.hours?.length) out.push(measuresFigure(report.hours));
  if (report.calibration?.length) out.push(calibrationFigure(report.calibration));
  if (report.ablations?.length) out.push(ablationsFigure(report.ablations));
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
    element('h1', {}, 'This report cannot be shown'), element('p', {}, String(failure))));
  document.documentElement.dataset['ready'] = 'failed';
  throw failure;
}
