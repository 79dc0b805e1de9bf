// What a policy costs against how much it serves warm: one point per policy.
import type { PolicyCard } from '../document';
import { axisStyle, baseOption, type Figure } from '../figure';
import { axisNumber, decimal, escaped, percent } from '../format';
import { strokes } from '../theme';

export function tradeoffFigure(policies: Record<string, PolicyCard>): Figure {
  const names = Object.keys(policies).filter((n) => policies[n]!.cost_per_request !== null && policies[n]!.warm_ratio !== null);
  const axes = [
    { label: 'cost per request', of: (p: PolicyCard) => p.cost_per_request },
    { label: 'idle unit-intervals per request', of: (p: PolicyCard) => p.waste_per_request },
  ];
  return {
    id: 'tradeoff',
    title: 'What being ready costs',
    says: 'Each point is a policy. Up is better (more requests found everything ready), left is cheaper. A policy that lies below and to the right of another one is never the better choice.',
    height: 420,
    pickers: [{ label: 'Across', choices: axes.map((a) => a.label) }],
    alt: ([a = 0]) => `Scatter plot of the share of warm requests against ${axes[a]!.label}: ` +
      names.map((n) => `${n} ${percent(policies[n]!.warm_ratio)} at ${decimal(axes[a]!.of(policies[n]!), 2)}`).join('; ') + '.',
    option: (t, [a = 0], narrow) => {
      const axis = axes[a]!;
      const pens = strokes(names, t);
      return {
        ...baseOption(t),
        tooltip: {
          ...(baseOption(t)['tooltip'] as object), trigger: 'item',
          formatter: (p: { seriesName: string; value: [number, number] }) =>
            `<b>${escaped(p.seriesName)}</b><br>${percent(p.value[1])} warm<br>${decimal(p.value[0], 3)} ${axis.label}`,
        },
        grid: { left: 8, right: narrow ? 16 : 90, top: 30, bottom: 30, containLabel: true },
        xAxis: { type: 'value', min: 0, name: axis.label, nameLocation: 'middle', nameGap: 28, ...axisStyle(t), axisLabel: { color: t.muted, hideOverlap: true, formatter: axisNumber } },
        yAxis: { type: 'value', min: 0, max: 1, name: 'warm', nameGap: 10, ...axisStyle(t), axisLabel: { color: t.muted, formatter: (v: number) => percent(v, 0) } },
        series: names.map((name) => {
          const pen = pens.get(name)!;
          return {
            name, type: 'scatter', data: [[axis.of(policies[name]!), policies[name]!.warm_ratio]], symbol: pen.symbol,
            symbolSize: pen.width > 2 ? 18 : 12, itemStyle: { color: pen.color, borderColor: t.surface, borderWidth: 1 }, z: pen.width > 2 ? 5 : 2,
            label: { show: true, formatter: name, position: 'right', color: t.text, fontSize: narrow ? 11 : 12, fontWeight: pen.width > 2 ? 'bold' : 'normal' },
            labelLayout: { hideOverlap: !narrow ? false : true, moveOverlap: 'shiftY' },
          };
        }),
      };
    },
    table: () => ({
      head: ['policy', 'warm', ...axes.map((a) => a.label)],
      rows: names.map((n) => [n, percent(policies[n]!.warm_ratio), ...axes.map((a) => decimal(a.of(policies[n]!), 4))]),
    }),
  };
}
