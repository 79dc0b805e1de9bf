// Warm and cold over time: one line per policy, by day.
import type { Days } from '../document';
import { axisStyle, baseOption, legendStyle, type Figure } from '../figure';
import { axisNumber, day, percent, short } from '../format';
import { strokes } from '../theme';

interface Measure {
  label: string;
  of: (warm: number, cold: number, waste: number) => number | null;
  say: (value: number | null) => string;
  share: boolean;
}

export function daysFigure(days: Days, costs: { under: number; over: number }): Figure {
  const measures: Measure[] = [
    { label: 'found everything ready (warm)', of: (w, c) => (w + c > 0 ? w / (w + c) : null), say: (v) => percent(v), share: true },
    { label: 'cold requests', of: (_, c) => c, say: short, share: false },
    { label: 'warm requests', of: (w) => w, say: short, share: false },
    { label: 'idle unit-intervals', of: (_w, _c, i) => i, say: short, share: false },
    { label: 'cost', of: (_, c, i) => costs.under * c + costs.over * i, say: short, share: false },
  ];
  const names = Object.keys(days.policies);
  // With many policies, those that say little about ours begin hidden: nothing and everything, and near twins.
  const hidden = new Set(names.length > 7 ? ['none', 'oracle', 'keepalive-6', 'keepalive-12', 'last-day', 'reactive-tuned', 'last-week-tuned'] : ['none', 'oracle']);
  const dates = days.days.map(day);
  const valuesOf = (name: string, m: Measure): (number | null)[] => {
    const p = days.policies[name]!;
    return dates.map((_, i) => m.of(p.warm[i] ?? 0, p.cold[i] ?? 0, p.waste[i] ?? 0));
  };
  return {
    id: 'days',
    title: 'Warm and cold, day by day',
    says: 'What each policy came to on every day of the evaluated part. A day on which the lines part is a day worth a look: a holiday, an outage, a change of habit. The first and the last day may be cut.',
    height: 380,
    pickers: [{ label: 'Show', choices: measures.map((m) => m.label) }],
    alt: ([m = 0]) => `Line chart of ${measures[m]!.label} by day for the policies ${names.join(', ')}; the table below has the figures.`,
    option: (t, [m = 0], narrow) => {
      const measure = measures[m]!;
      const pens = strokes(names, t);
      return {
        ...baseOption(t),
        tooltip: { ...(baseOption(t)['tooltip'] as object), trigger: 'axis', valueFormatter: (v: unknown) => measure.say((v as number | null) ?? null) },
        legend: { ...legendStyle(t), data: names, selected: Object.fromEntries(names.map((n) => [n, !hidden.has(n)])) },
        grid: { left: 4, right: narrow ? 12 : 36, top: 44, bottom: 8, containLabel: true },
        xAxis: { type: 'category', data: dates, boundaryGap: true, ...axisStyle(t), splitLine: { show: false } },
        yAxis: {
          type: 'value', scale: measure.share, ...(measure.share ? { max: 1 } : { min: 0 }), ...axisStyle(t),
          axisLabel: { color: t.muted, formatter: measure.share ? (v: number) => percent(v, 0) : axisNumber },
        },
        series: names.map((name) => {
          const pen = pens.get(name)!;
          return {
            name, type: 'line', data: valuesOf(name, measure), color: pen.color, symbol: pen.symbol, symbolSize: narrow ? 4 : 6,
            showSymbol: dates.length <= 62, lineStyle: { width: pen.width, type: pen.type }, z: pen.width > 2 ? 5 : 2,
          };
        }),
      };
    },
    table: ([m = 0]) => {
      const measure = measures[m]!;
      const all = names.map((name) => valuesOf(name, measure));
      return { head: ['day', ...names], rows: dates.map((d, i) => [d, ...all.map((v) => measure.say(v[i] ?? null))]) };
    },
  };
}
