// Whether forecast quantiles hold what they say.
import type { Calibration } from '../document';
import { axisStyle, baseOption, legendStyle, type Figure } from '../figure';
import { decimal, percent, whole } from '../format';

// Of fewer forecasts than this, shares are mostly chance: they are told, and drawn faintly.
const few = 300;

export function calibrationFigure(given: Calibration[]): Figure {
  const classes = given.map((c) => (c.observations < few ? { ...c, name: `${c.name} (only ${whole(c.observations)} forecasts)` } : c));
  const worst = (c: Calibration): number => c.levels.reduce((most, level, i) => Math.max(most, Math.abs((c.coverage[i] ?? level) - level)), 0);
  return {
    id: 'calibration',
    title: 'Do the quantiles hold what they say?',
    says: 'Of a quantile of 90 %, demand should stay at or below it in 90 % of the intervals: the lines should lie on the diagonal, and within the dashed lines they are less than 3 points off. Below it, forecasts are too low or their bands too narrow; above it, too high or too wide. Counts are taken with their randomised ties.',
    height: 400,
    alt: () => `Line chart of observed against nominal coverage; largest deviation: ${classes.map((c) => `${c.name}, ${decimal(worst(c) * 100, 1)} points`).join('; ')}.`,
    option: (t, _, narrow) => {
      const symbols = ['circle', 'triangle', 'rect'];
      const colors = [t.ours, ...t.others];
      const diagonal = (shift: number, name: string): object => ({
        name, type: 'line', silent: true, symbol: 'none', data: [[Math.max(0, -shift), Math.max(0, shift)], [Math.min(1, 1 - shift), Math.min(1, 1 + shift)]],
        lineStyle: { color: t.muted, width: 1, type: shift === 0 ? 'solid' : 'dashed' }, tooltip: { show: false },
      });
      return {
        ...baseOption(t),
        legend: { ...legendStyle(t), data: classes.map((c) => c.name), ...(narrow ? { type: 'plain', orient: 'vertical' } : {}) },
        tooltip: {
          ...(baseOption(t)['tooltip'] as object), trigger: 'item',
          formatter: (p: { seriesName: string; value: [number, number] }) => `${p.seriesName}<br>quantile ${percent(p.value[0])}: <b>${percent(p.value[1])}</b> at or below`,
        },
        grid: { left: 8, right: 20, top: narrow ? 28 + 22 * classes.length : 44, bottom: 30, containLabel: true },
        xAxis: { type: 'value', min: 0, max: 1, name: 'quantile', nameLocation: 'middle', nameGap: 28, ...axisStyle(t), axisLabel: { color: t.muted, formatter: (v: number) => percent(v, 0) } },
        yAxis: { type: 'value', min: 0, max: 1, ...axisStyle(t), axisLabel: { color: t.muted, formatter: (v: number) => percent(v, 0) } },
        series: [
          diagonal(0, 'exact'), diagonal(0.03, '3 points above'), diagonal(-0.03, '3 points below'),
          ...classes.map((c, i) => ({
            name: c.name, type: 'line', color: colors[i % colors.length], symbol: symbols[i % symbols.length], symbolSize: 7,
            data: c.levels.map((level, k) => [level, c.coverage[k] ?? null]), lineStyle: c.observations < few ? { width: 1, type: 'dotted' } : { width: 2 },
          })),
        ],
      };
    },
    table: () => ({
      head: ['quantile', ...classes.map((c) => c.name)],
      rows: [
        ...(classes[0]?.levels ?? []).map((level, i) => [percent(level), ...classes.map((c) => percent(c.coverage[i]))]),
        ['forecasts', ...classes.map((c) => whole(c.observations))],
      ],
    }),
  };
}
