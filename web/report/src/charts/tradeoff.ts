// What a policy costs against how much it serves warm: one point per policy.
import type { PolicyCard } from '../document';
import { axisStyle, baseOption, type Figure } from '../figure';
import { axisNumber, decimal, escaped, percent } from '../format';
import { strokes } from '../theme';

type Side = 'right' | 'left' | 'top' | 'bottom';
interface Box { x: number; y: number; w: number; h: number }

const apart = (a: Box, b: Box): boolean => a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;

// A side for every label so that none covers another label or a point; undefined where there is no room.
function placed(points: { x: number; y: number; text: string }[], width: number): (Side | undefined)[] {
  const dots = points.map((p) => ({ x: p.x - 7, y: p.y - 7, w: 14, h: 14 }));
  const taken: Box[] = [];
  return points.map((p, i) => {
    const w = p.text.length * 6.9 + 6;
    const h = 16;
    const boxes: [Side, Box][] = [
      ['right', { x: p.x + 10, y: p.y - h / 2, w, h }], ['left', { x: p.x - 10 - w, y: p.y - h / 2, w, h }],
      ['top', { x: p.x - w / 2, y: p.y - 10 - h, w, h }], ['bottom', { x: p.x - w / 2, y: p.y + 10, w, h }],
    ];
    const free = boxes.find(([, box]) => box.x >= 0 && box.x + box.w <= width && taken.every((other) => apart(box, other)) &&
      dots.every((dot, k) => k === i || apart(box, dot)));
    if (free) taken.push(free[1]);
    return free?.[0];
  });
}

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
    fitted: true,
    pickers: [{ label: 'Across', choices: axes.map((a) => a.label) }],
    alt: ([a = 0]) => `Scatter plot of the share of warm requests against ${axes[a]!.label}: ` +
      names.map((n) => `${n} ${percent(policies[n]!.warm_ratio)} at ${decimal(axes[a]!.of(policies[n]!), 2)}`).join('; ') + '.',
    option: (t, [a = 0], narrow, width) => {
      const axis = axes[a]!;
      const right = narrow ? 16 : 90;
      // Points that fall together share a label.
      const at = new Map<string, string[]>();
      for (const n of names) {
        const where = `${decimal(axis.of(policies[n]!), 3)} ${percent(policies[n]!.warm_ratio)}`;
        at.set(where, [...(at.get(where) ?? []), n]);
      }
      const labels = new Map([...at.values()].map((together) => [together[0]!, together.join(', ')]));
      const most = Math.max(1e-9, ...names.map((n) => axis.of(policies[n]!) ?? 0));
      const limit = Number((most * 1.06).toPrecision(2));
      const inner = Math.max(100, width - 54 - right);
      const labelled = names.filter((n) => labels.has(n));
      const sides = placed(labelled.map((n) => ({
        x: 54 + (inner * (axis.of(policies[n]!) ?? 0)) / limit, y: 330 * (1 - (policies[n]!.warm_ratio ?? 0)), text: labels.get(n)!,
      })), width);
      const sideOf = new Map(labelled.map((n, i) => [n, sides[i]]));
      const pens = strokes(names, t);
      return {
        ...baseOption(t),
        tooltip: {
          ...(baseOption(t)['tooltip'] as object), trigger: 'item',
          formatter: (p: { seriesName: string; value: [number, number] }) =>
            `<b>${escaped(p.seriesName)}</b><br>${percent(p.value[1])} warm<br>${decimal(p.value[0], 3)} ${axis.label}`,
        },
        grid: { left: 8, right, top: 30, bottom: 30, containLabel: true },
        xAxis: { type: 'value', min: 0, max: limit, name: axis.label, nameLocation: 'middle', nameGap: 28, ...axisStyle(t), axisLabel: { color: t.muted, hideOverlap: true, formatter: axisNumber } },
        yAxis: { type: 'value', min: 0, max: 1, name: 'warm', nameGap: 10, ...axisStyle(t), axisLabel: { color: t.muted, formatter: (v: number) => percent(v, 0) } },
        series: names.map((name) => {
          const pen = pens.get(name)!;
          return {
            name, type: 'scatter', data: [[axis.of(policies[name]!), policies[name]!.warm_ratio]], symbol: pen.symbol,
            symbolSize: pen.width > 2 ? 18 : 12, itemStyle: { color: pen.color, borderColor: t.surface, borderWidth: 1 }, z: pen.width > 2 ? 5 : 2,
            label: { show: sideOf.get(name) !== undefined, formatter: labels.get(name) ?? '', position: sideOf.get(name) ?? 'right', color: t.text, fontSize: 12, fontWeight: pen.width > 2 ? 'bold' : 'normal' },
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
