// How errors grow with the distance: MASE by block of the horizon, a line per model.
import type { Horizon } from '../document';
import { axisStyle, baseOption, legendStyle, strokeIcon, type Figure } from '../figure';
import { decimal, escaped } from '../format';
import { strokes } from '../theme';

export function horizonFigure(horizon: Horizon): Figure {
  const names = Object.keys(horizon.models);
  return {
    id: 'horizon',
    title: 'Errors by how far ahead',
    says: 'MASE of each model for the first observations ahead, the next ones, and so on. Lower is better. The default should lie below the simple models everywhere; where it does not, a simple one is the better choice at that distance.',
    height: 380,
    alt: () => `Line chart of MASE by block of the horizon: ${names.map((n) => `${n} ${horizon.models[n]!.map((v) => decimal(v, 2)).join(', ')}`).join('; ')}.`,
    option: (t, _, narrow) => {
      const pens = strokes(names, t);
      return {
        ...baseOption(t),
        legend: { ...legendStyle(t), data: names.map((name) => ({ name, icon: strokeIcon })), ...(narrow ? { type: 'plain', orient: 'vertical' } : {}) },
        tooltip: {
          ...(baseOption(t)['tooltip'] as object), trigger: 'axis',
          formatter: (items: { dataIndex: number }[]) => {
            const i = items[0]?.dataIndex ?? 0;
            return [`<b>observations ${escaped(horizon.blocks[i] ?? '')} ahead</b>`, ...names.map((n) => `${escaped(n)}: ${decimal(horizon.models[n]![i], 3)}`)].join('<br>');
          },
        },
        grid: { left: 8, right: 16, top: narrow ? 36 + 17 * names.length : 44, bottom: 30, containLabel: true },
        xAxis: { type: 'category', data: horizon.blocks, name: 'observations ahead', nameLocation: 'middle', nameGap: 28, ...axisStyle(t), splitLine: { show: false }, axisLabel: { color: t.muted, hideOverlap: true } },
        yAxis: { type: 'value', min: 0, name: 'MASE', nameGap: 10, ...axisStyle(t), axisLabel: { color: t.muted } },
        series: names.map((name) => {
          const pen = pens.get(name)!;
          return {
            name, type: 'line', data: horizon.models[name], color: pen.color, symbol: pen.symbol, symbolSize: pen.width > 2 ? 9 : 7,
            lineStyle: { width: pen.width, type: pen.type }, z: pen.width > 2 ? 5 : 2,
          };
        }),
      };
    },
    table: () => ({ head: ['observations ahead', ...names], rows: horizon.blocks.map((b, i) => [b, ...names.map((n) => decimal(horizon.models[n]![i], 3))]) }),
  };
}
