// What was expected, what was held ready, what came.
import type { ECharts } from 'echarts/core';
import type { Curve, Forecast } from '../document';
import { axisStyle, baseOption, blockIcon, legendStyle, strokeIcon, type Figure, type Picker } from '../figure';
import { axisNumber, duration, escaped, moment, percent, short, shortened, whole } from '../format';

const mostRows = 600; // of the table

const spans = [3, 1, 7, 0]; // days; 0: everything

// The outermost pair of levels first: [0.025, 0.975], [0.1, 0.9]; what is left in the middle is the median.
function pairs(levels: number[]): { low: number; high: number; share: number }[] {
  const out = [];
  for (let i = 0; i < levels.length / 2 - 0.5; ++i) {
    const j = levels.length - 1 - i;
    if (Math.abs(levels[i]! + levels[j]! - 1) < 1e-6) out.push({ low: i, high: j, share: levels[j]! - levels[i]! });
  }
  return out;
}

export function curvesFigure(curves: Curve[]): Figure {
  const origins = Math.max(...curves.map((c) => c.forecasts.length));
  const timeOf = (c: Curve, i: number): string => (c.start === null ? String(i + 1) : moment(c.start + i * c.step_seconds));
  const nameOf = (c: Curve): string => [c.name, c.region].filter((part) => part).map((part) => shortened(part!, 48)).join(' · ') +
    (c.requests !== undefined ? ` (${whole(c.requests)} requests)` : '');
  const pickers: Picker[] = [{ label: 'Of', choices: curves.map(nameOf) }];
  if (origins > 1) pickers.push({ label: 'Forecast', choices: Array.from({ length: origins }, (_, i) => `${i + 1} of ${origins}`) });
  const spanAt = pickers.length;
  if (origins === 1) pickers.push({ label: 'Show', choices: spans.map((d) => (d === 0 ? 'everything' : `the last ${d === 1 ? 'day' : `${d} days`}`)) });
  const pick = (chosen: number[]): { curve: Curve; said: Forecast | undefined } => {
    const curve = curves[chosen[0] ?? 0]!;
    return { curve, said: curve.forecasts[Math.min(chosen[1] ?? 0, curve.forecasts.length - 1)] };
  };
  const lengthOf = (c: Curve): number => Math.max(c.actual.length, ...c.forecasts.map((f) => f.at + f.mean.length));
  const spread = (values: (number | null)[], at: number, length: number): (number | null)[] => {
    const out = new Array<number | null>(length).fill(null);
    values.forEach((v, i) => { out[at + i] = v; });
    return out;
  };
  return {
    id: 'curves',
    title: 'Forecast and demand',
    says: 'The busiest ones. The line is what came, the shaded bands are what was thought likely, decided before it came' +
      (curves.some((c) => c.allocation) ? '; the stepped line is what was held ready. Demand above the stepped line is cold.' : '.') +
      (origins > 1 ? ' Choose from when it is forecast, or drag the handles below the chart.' : ' Choose how much to see, or drag the handles below the chart.'),
    height: 440,
    pickers,
    alt: (chosen) => {
      const { curve } = pick(chosen);
      const known = curve.actual.filter((v): v is number => v !== null);
      return `Line chart of demand for ${nameOf(curve)} in ${whole(curve.actual.length)} intervals of ${duration(curve.step_seconds)}, at most ${short(known.reduce((a, b) => Math.max(a, b), 0))} in one, with the forecast's bands; the table below has the figures of what is shown.`;
    },
    option: (t, chosen) => {
      const { curve, said } = pick(chosen);
      const length = lengthOf(curve);
      const times = Array.from({ length }, (_, i) => timeOf(curve, i));
      const bands = pairs(curve.levels);
      const quantile = (q: number): (number | null)[] => (said ? spread(said.bands[q] ?? [], said.at, length) : []);
      // What came first: the overview below the chart is drawn from it.
      const series: object[] = [{ name: curve.allocation ? 'requests' : 'actual', type: 'line', data: curve.actual, symbol: 'none', color: t.actual, lineStyle: { width: 1.5 }, z: 5 }];
      if (curve.allocation) series.push({ name: 'held ready', type: 'line', step: 'middle', data: curve.allocation, symbol: 'none', color: t.held, lineStyle: { width: 1.75 }, z: 4 });
      if (said) series.push({ name: 'expected', type: 'line', data: spread(said.mean, said.at, length), symbol: 'none', color: t.ours, lineStyle: { width: 1.5, type: 'dashed' }, z: 3 });
      bands.forEach((band, depth) => {
        const low = quantile(band.low);
        const high = quantile(band.high);
        const name = `${percent(band.share, 0)} band`;
        const shared = { type: 'line', step: curve.allocation ? 'middle' : undefined, symbol: 'none', silent: true, stack: `band${depth}`, stackStrategy: 'all', lineStyle: { opacity: 0 }, tooltip: { show: false }, z: 1 };
        series.push({ ...shared, name: `${name} from`, data: low });
        series.push({ ...shared, name, color: t.band, itemStyle: { opacity: depth === 0 ? 0.35 : 0.6 }, data: high.map((v, i) => (v === null || low[i] === null ? null : v - low[i]!)), areaStyle: { color: t.band, opacity: depth === 0 ? 0.16 : 0.24 } });
      });
      const shown = series.map((s) => (s as { name: string }).name).filter((n) => !n.endsWith(' from'));
      // Three days, or the forecast with twice its length before it.
      const end = curve.forecasts.length > 1 || (said && said.at > 0) ? Math.min(length, (said?.at ?? 0) + (said?.mean.length ?? 0)) : length;
      const days = spans[chosen[spanAt] ?? 0] ?? 3;
      const window = said && said.at > 0 ? said.mean.length * 3 : days === 0 ? length : Math.max(24, Math.round((days * 86400) / Math.max(1, curve.step_seconds)));
      const from = Math.max(0, end - window);
      return {
        ...baseOption(t),
        legend: { ...legendStyle(t), data: shown.map((name) => ({ name, icon: name.endsWith(' band') ? blockIcon : strokeIcon })) },
        tooltip: {
          ...(baseOption(t)['tooltip'] as object), trigger: 'axis',
          formatter: (items: { dataIndex: number }[]) => {
            const i = items[0]?.dataIndex ?? 0;
            const lines = [`<b>${escaped(times[i] ?? '')}</b>`, `${curve.allocation ? 'requests' : 'actual'}: ${short(curve.actual[i])}`];
            if (curve.allocation) lines.push(`held ready: ${short(curve.allocation[i])}`);
            const k = said ? i - said.at : -1;
            if (said && k >= 0 && said.mean[k] !== null && said.mean[k] !== undefined) {
              lines.push(`expected: ${short(said.mean[k])}`);
              for (const b of bands) lines.push(`${percent(b.share, 0)} band: ${short(said.bands[b.low]?.[k])} to ${short(said.bands[b.high]?.[k])}`);
            } else lines.push('nothing was forecast');
            return lines.join('<br>');
          },
        },
        grid: { left: 4, right: 12, top: 44, bottom: 64, containLabel: true },
        xAxis: { type: 'category', data: times, boundaryGap: false, ...axisStyle(t), splitLine: { show: false }, axisLabel: { color: t.muted, hideOverlap: true, lineHeight: 15, formatter: (v: string) => (curve.start === null ? v : v.slice(5).replace(' ', '\n')) } },
        yAxis: { type: 'value', min: 0, ...axisStyle(t), axisLabel: { color: t.muted, formatter: axisNumber } },
        dataZoom: [
          { type: 'inside', startValue: from, endValue: end - 1, zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false },
          { type: 'slider', startValue: from, endValue: end - 1, bottom: 6, height: 26, borderColor: t.line, textStyle: { color: t.muted }, showDetail: false, brushSelect: false,
            fillerColor: t.dark ? 'rgba(98,174,245,0.25)' : 'rgba(11,95,176,0.15)', dataBackground: { lineStyle: { color: t.muted }, areaStyle: { color: t.line } } },
        ],
        series,
      };
    },
    table: (chosen, chart: ECharts) => {
      const { curve, said } = pick(chosen);
      const zoom = (chart.getOption()['dataZoom'] as { startValue?: number; endValue?: number }[] | undefined)?.[0];
      const length = lengthOf(curve);
      const from = Math.max(0, zoom?.startValue ?? 0);
      const to = Math.min(length - 1, zoom?.endValue ?? length - 1);
      const bands = pairs(curve.levels);
      const rows = [];
      for (let i = from; i <= to && rows.length < mostRows; ++i) {
        const k = said ? i - said.at : -1;
        rows.push([
          timeOf(curve, i), short(curve.actual[i]), ...(curve.allocation ? [short(curve.allocation[i])] : []), short(said?.mean[k]),
          ...bands.map((b) => (said?.bands[b.low]?.[k] == null ? '–' : `${short(said.bands[b.low]![k])} to ${short(said.bands[b.high]![k])}`)),
        ]);
      }
      const cut = to - from + 1 > mostRows;
      return {
        head: [curve.start === null ? 'observation' : 'UTC', curve.allocation ? 'requests' : 'actual', ...(curve.allocation ? ['held ready'] : []), 'expected', ...bands.map((b) => `${percent(b.share, 0)} band`)],
        rows,
        ...(cut ? { note: `The first ${mostRows} of the ${whole(to - from + 1)} intervals that the chart shows; move its handles for others.` } : {}),
      };
    },
  };
}
