// How far the models of a backtest were off.
import type { ModelCard } from '../document';
import { axisStyle, baseOption, type Figure } from '../figure';
import { decimal } from '../format';

const measures: { key: 'mase' | 'spl' | 'mase_first_hour' | 'spl_first_hour'; label: string }[] = [
  { key: 'mase', label: 'MASE' }, { key: 'spl', label: 'SPL' }, { key: 'mase_first_hour', label: 'MASE, first hour' }, { key: 'spl_first_hour', label: 'SPL, first hour' },
];

export function accuracyFigure(models: Record<string, ModelCard>): Figure | undefined {
  const shown = measures.filter((m) => Object.values(models).some((c) => typeof c[m.key] === 'number'));
  if (shown.length === 0) return undefined;
  const names = Object.keys(models).reverse();
  return {
    id: 'accuracy',
    title: 'Accuracy of the models',
    says: 'Shorter is better. MASE is the absolute error against that of repeating the season before; SPL the same for the quantiles.',
    height: 70 + 34 * names.length,
    pickers: [{ label: 'Show', choices: shown.map((m) => m.label) }],
    alt: ([m = 0]) => `Bar chart of ${shown[m]!.label}: ${[...names].reverse().map((n) => `${n} ${decimal(models[n]![shown[m]!.key], 3)}`).join(', ')}.`,
    option: (t, [m = 0], narrow) => ({
      ...baseOption(t),
      grid: { left: 4, right: 56, top: 8, bottom: 8, containLabel: true },
      xAxis: { type: 'value', min: 0, ...axisStyle(t) },
      yAxis: { type: 'category', data: names, ...axisStyle(t), splitLine: { show: false }, axisLabel: { color: t.text, width: narrow ? 120 : 240, overflow: 'break' } },
      series: [{
        type: 'bar', barMaxWidth: 22,
        data: names.map((n) => ({ value: models[n]![shown[m]!.key] ?? null, itemStyle: { color: n === 'default' ? t.ours : t.muted } })),
        label: { show: true, position: 'right', color: t.text, formatter: (p: { value: number | null }) => decimal(p.value, 3) },
      }],
    }),
    table: () => ({ head: ['model', ...shown.map((m) => m.label)], rows: [...names].reverse().map((n) => [n, ...shown.map((m) => decimal(models[n]![m.key], 3))]) }),
  };
}
