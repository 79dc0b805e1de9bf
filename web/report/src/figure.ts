// A chart with what belongs to it: a heading, a sentence that says how to read it, pickers, and the same figures as a table.
import { LineChart, BarChart, ScatterChart, HeatmapChart } from 'echarts/charts';
import {
  AriaComponent, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
} from 'echarts/components';
import { init, use, type ECharts, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { onThemeChange, theme, type Theme } from './theme';

use([
  LineChart, BarChart, ScatterChart, HeatmapChart, AriaComponent, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent,
  TooltipComponent, VisualMapComponent, SVGRenderer,
]);

export type Option = EChartsCoreOption;

export interface Table {
  head: string[];
  rows: (string | number | null)[][]; // the first cell of a row is its heading
  note?: string;
}

export interface Picker {
  label: string;
  choices: string[];
}

export interface Figure {
  id: string;
  title: string;
  says: string;
  height?: number;
  pickers?: Picker[];
  // chosen: an index for each picker. narrow: there is little room across. width: in CSS pixels.
  option: (theme: Theme, chosen: number[], narrow: boolean, width: number) => Option;
  fitted?: boolean; // the option depends on the width itself
  alt: (chosen: number[]) => string;
  table: (chosen: number[], chart: ECharts) => Table;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const out = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) out.setAttribute(key, value);
  out.append(...children);
  return out;
}

export function tableElement(table: Table, caption: string): HTMLElement {
  const head = element('tr');
  for (const text of table.head) head.append(element('th', { scope: 'col' }, text));
  const body = element('tbody');
  for (const row of table.rows) {
    const line = element('tr');
    row.forEach((cell, i) => {
      const text = cell === null ? '–' : String(cell);
      line.append(i === 0 ? element('th', { scope: 'row' }, text) : element('td', {}, text));
    });
    body.append(line);
  }
  const out = element('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': caption },
    element('table', {}, element('caption', {}, caption), element('thead', {}, head), body));
  if (table.note) out.append(element('p', { class: 'note' }, table.note));
  return out;
}

export function baseOption(t: Theme): Option {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { color: t.text, fontFamily: 'system-ui, sans-serif', fontSize: 13 },
    aria: { enabled: false }, // the element has a description of its own
    tooltip: {
      confine: true, backgroundColor: t.surface, borderColor: t.line, textStyle: { color: t.text, fontSize: 13 },
      extraCssText: 'max-width: min(24rem, 85vw); white-space: normal; overflow-wrap: anywhere;',
    },
  };
}

export const axisStyle = (t: Theme): Option => ({
  axisLine: { lineStyle: { color: t.muted } },
  axisTick: { lineStyle: { color: t.muted } },
  axisLabel: { color: t.muted, hideOverlap: true },
  splitLine: { lineStyle: { color: t.line } },
  nameTextStyle: { color: t.muted },
});

// Marks of a legend: a stroke for lines, a block for areas.
export const strokeIcon = 'path://M0 0 H24 V4 H0 Z';
export const blockIcon = 'roundRect';

export const legendStyle = (t: Theme): Option => ({
  type: 'scroll', top: 0, left: 0, right: 0, icon: undefined,
  textStyle: { color: t.text }, pageTextStyle: { color: t.muted }, pageIconColor: t.text, pageIconInactiveColor: t.line, inactiveColor: t.muted,
});

export function addFigure(page: HTMLElement, figure: Figure): void {
  const heading = element('h2', { id: `${figure.id}-title` }, figure.title);
  const section = element('section', { class: 'figure', id: figure.id, 'aria-labelledby': `${figure.id}-title` },
    heading, element('p', { class: 'says' }, figure.says));
  const chosen = (figure.pickers ?? []).map(() => 0);
  const holder = element('div', { class: 'chart', role: 'img' });
  holder.style.height = `${figure.height ?? 360}px`;
  const details = element('details', {}, element('summary', {}, 'The same as a table'));
  page.append(section);

  const controls = element('div', { class: 'controls' });
  (figure.pickers ?? []).forEach((picker, i) => {
    const select = element('select', { id: `${figure.id}-pick-${i}` });
    picker.choices.forEach((choice, value) => select.append(element('option', { value: String(value) }, choice)));
    select.disabled = picker.choices.length < 2;
    select.addEventListener('change', () => {
      chosen[i] = Number(select.value);
      draw();
    });
    controls.append(element('label', { for: select.id }, picker.label), select);
  });
  if (controls.childElementCount > 0) section.append(controls);
  section.append(holder, details);

  const chart = init(holder, undefined, { renderer: 'svg' });
  const narrow = (): boolean => holder.clientWidth < 560;
  const fill = (): void => {
    details.querySelector('.table')?.remove();
    if (details.open) details.append(tableElement(figure.table(chosen, chart), figure.title));
  };
  let wasNarrow = narrow();
  const draw = (): void => {
    wasNarrow = narrow();
    chart.setOption(figure.option(theme(), chosen, wasNarrow, holder.clientWidth), { notMerge: true });
    holder.setAttribute('aria-label', figure.alt(chosen));
    holder.dataset['drawn'] = String(Number(holder.dataset['drawn'] ?? 0) + 1);
    fill();
  };
  details.addEventListener('toggle', fill);
  chart.on('datazoom', fill);
  onThemeChange(draw);
  new ResizeObserver(() => {
    chart.resize();
    if (figure.fitted || narrow() !== wasNarrow) draw();
  }).observe(holder);
  draw();
}
