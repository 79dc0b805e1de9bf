// When demand comes, and when it finds nothing ready: the hours of a week.
import type { Measure, Week } from '../document';
import { axisStyle, baseOption, type Figure } from '../figure';
import { percent, short } from '../format';

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const hours = Array.from({ length: 24 }, (_, h) => String(h).padStart(2, '0'));

interface Shown {
  label: string;
  of: (hour: number) => number | null;
  say: (v: number | null) => string;
}

function hoursFigure(measures: Shown[], says: string): Figure {
  const values = (m: number): (number | null)[] => Array.from({ length: 168 }, (_, i) => measures[m]!.of(i));
  return {
    id: 'week',
    title: 'The hours of the week',
    says,
    height: 340,
    pickers: [{ label: 'Show', choices: measures.map((m) => m.label) }],
    alt: ([m = 0]) => {
      const all = values(m);
      let best = 0;
      all.forEach((v, i) => { if ((v ?? -1) > (all[best] ?? -1)) best = i; });
      return `Heat map of ${measures[m]!.label} by weekday and hour; the highest is ${measures[m]!.say(all[best] ?? null)} on ${weekdays[Math.floor(best / 24)]} at ${hours[best % 24]}:00 UTC.`;
    },
    option: (t, [m = 0], narrow) => {
      const all = values(m);
      const known = all.filter((v): v is number => v !== null);
      const most = known.length > 0 ? known.reduce((a, b) => Math.max(a, b)) : 1;
      const measure = measures[m]!;
      const category = { ...axisStyle(t), splitLine: { show: false }, axisTick: { show: false }, axisLine: { show: false } };
      return {
        ...baseOption(t),
        tooltip: {
          ...(baseOption(t)['tooltip'] as object), trigger: 'item',
          formatter: (p: { value: [number, number, number] }) => `${weekdays[p.value[1]]} ${hours[p.value[0]]}:00–${hours[p.value[0]]}:59<br><b>${measure.say(p.value[2])}</b>`,
        },
        grid: { left: 4, right: 8, top: 8, bottom: 64, containLabel: true },
        xAxis: { type: 'category', data: hours, ...category, axisLabel: { color: t.muted, interval: narrow ? 5 : 1 } },
        yAxis: { type: 'category', data: weekdays, inverse: true, ...category, axisLabel: { color: t.muted, formatter: (d: string) => d.slice(0, narrow ? 2 : 3) } },
        visualMap: {
          type: 'continuous', min: 0, max: most > 0 ? most : 1, calculable: false, orient: 'horizontal', left: 'center', bottom: 0, itemWidth: 12, itemHeight: narrow ? 140 : 220,
          text: [measure.say(most), '0'], textStyle: { color: t.muted }, inRange: { color: t.heat },
        },
        series: [{
          type: 'heatmap', data: all.flatMap((v, i) => (v === null ? [] : [[i % 24, Math.floor(i / 24), v]])),
          itemStyle: { borderColor: t.surface, borderWidth: 1 }, emphasis: { itemStyle: { borderColor: t.text, borderWidth: 1 } },
        }],
      };
    },
    table: ([m = 0]) => {
      const all = values(m);
      return {
        head: ['hour (UTC)', ...weekdays.map((d) => d.slice(0, 3))],
        rows: hours.map((h, i) => [`${h}:00`, ...weekdays.map((_, d) => measures[m]!.say(all[d * 24 + i] ?? null))]),
      };
    },
  };
}

export function weekFigure(week: Week): Figure {
  const perHour = (sums: number[]) => (i: number): number | null => (week.hours[i]! > 0 ? sums[i]! / week.hours[i]! : null);
  return hoursFigure([
    { label: 'requests an hour', of: perHour(week.requests), say: short },
    { label: `cold requests an hour (${week.policy})`, of: perHour(week.cold), say: short },
    { label: `share of cold requests (${week.policy})`, of: (i: number) => (week.requests[i]! > 0 ? week.cold[i]! / week.requests[i]! : null), say: (v: number | null) => percent(v) },
  ], 'Mean over the evaluated part, in UTC. Demand shows the rhythm that forecasts live on; cold requests show the hours that they miss. A share that stays high in quiet hours is the price of not keeping units for rare requests.');
}

export function measuresFigure(measures: Measure[]): Figure {
  return hoursFigure(measures.map((m) => ({ label: m.label, of: (i: number) => m.values[i] ?? null, say: short })),
    'Mean over the forecast hours of all series, in UTC. Demand shows the rhythm that forecasts live on, as a multiple of each series\u2019 mean before; errors show the hours that they miss, over that of repeating the season before.');
}
