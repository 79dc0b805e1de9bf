// What every source of knowledge is worth: the same run with each switched off.
import type { Ablation } from '../document';
import { axisStyle, baseOption, type Figure } from '../figure';
import { percent, short } from '../format';

// Above 0: the figure worsens without it.
const worse = (a: Ablation): number => (a.with === 0 ? 0 : ((a.without - a.with) / Math.abs(a.with)) * (a.better === 'lower' ? 1 : -1));

export function ablationsFigure(ablations: Ablation[]): Figure {
  const all = [...ablations].sort((a, b) => worse(a) - worse(b));
  return {
    id: 'ablations',
    title: 'What each source of knowledge is worth',
    says: 'How much worse the figure gets when one source is switched off and everything else stays. A bar to the left of zero is a source that does harm on this data.',
    height: 80 + 34 * all.length,
    alt: () => `Bar chart: without a source the figure worsens by ${[...all].reverse().map((a) => `${percent(worse(a))} (${a.name})`).join(', ')}.`,
    option: (t, _, narrow) => ({
      ...baseOption(t),
      tooltip: {
        ...(baseOption(t)['tooltip'] as object), trigger: 'item',
        formatter: (p: { dataIndex: number }) => `${short(all[p.dataIndex]!.with)} with, ${short(all[p.dataIndex]!.without)} without`,
      },
      grid: { left: 4, right: narrow ? 48 : 60, top: 8, bottom: 8, containLabel: true },
      xAxis: { type: 'value', ...axisStyle(t), axisLabel: { color: t.muted, hideOverlap: true, formatter: (v: number) => percent(v, 0) } },
      yAxis: { type: 'category', data: all.map((a) => `${a.name}: ${a.metric}`), ...axisStyle(t), splitLine: { show: false }, axisLabel: { color: t.text, width: narrow ? 120 : 260, overflow: 'break' } },
      series: [{
        type: 'bar', barMaxWidth: 22,
        data: all.map((a) => ({ value: worse(a), itemStyle: { color: worse(a) >= 0 ? t.ours : t.bad }, label: { position: worse(a) >= 0 ? 'right' : 'left' } })),
        label: { show: true, color: t.text, formatter: (p: { value: number }) => percent(p.value) },
      }],
    }),
    table: () => ({
      head: ['source', 'figure', 'with', 'without', 'worse by'],
      rows: [...all].reverse().map((a) => [a.name, a.metric, short(a.with), short(a.without), percent(worse(a))]),
    }),
  };
}
