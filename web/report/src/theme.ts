// Colours of the charts, light and dark. Lines differ by dash and mark as well, so colour is never the only sign.

export interface Theme {
  dark: boolean;
  text: string;
  muted: string;
  line: string; // axes and grids
  surface: string;
  ours: string;
  actual: string;
  held: string;
  band: string;
  others: string[];
  heat: string[];
  bad: string;
}

const light: Theme = {
  dark: false,
  text: '#1b2430',
  muted: '#515d6c',
  line: '#d5dbe3',
  surface: '#ffffff',
  ours: '#0b5fb0',
  actual: '#1b2430',
  held: '#b04a00',
  band: '#0b5fb0',
  others: ['#b04a00', '#00705a', '#8a3a84', '#6b6100', '#a3243b', '#3d4f9f', '#5b5b5b', '#00708f', '#8a5a2b', '#4a7a00'],
  heat: ['#f1f5fa', '#bcd5ee', '#6ea8dc', '#2a72b8', '#0c3f78'],
  bad: '#a3243b',
};

const dark: Theme = {
  dark: true,
  text: '#e8edf3',
  muted: '#a9b4c1',
  line: '#38424f',
  surface: '#171d25',
  ours: '#62aef5',
  actual: '#f2f5f9',
  held: '#f2a15f',
  band: '#62aef5',
  others: ['#f2a15f', '#4fc9a8', '#d79ad2', '#d3c75a', '#f28b9b', '#a3b1f5', '#b9b9b9', '#5cc7e6', '#d3a878', '#a5d15c'],
  heat: ['#1d2632', '#1f4266', '#2b6ca8', '#5ea4dd', '#c7e1f9'],
  bad: '#f28b9b',
};

const wanted = window.matchMedia('(prefers-color-scheme: dark)');

export const theme = (): Theme => (wanted.matches ? dark : light);

export const onThemeChange = (then: () => void): void => wanted.addEventListener('change', then);

// The policies that are ours stand out; the others keep their colour and dash whatever is shown beside them.
const own = ['cost', 'threshold', 'default'];

export interface Stroke {
  color: string;
  width: number;
  type: 'solid' | 'dashed' | 'dotted';
  symbol: string;
}

export function strokes(names: string[], t: Theme): Map<string, Stroke> {
  const out = new Map<string, Stroke>();
  const symbols = ['rect', 'triangle', 'diamond', 'roundRect', 'arrow'];
  let other = 0;
  for (const name of names) {
    if (name === own[0] || name === own[2]) {
      out.set(name, { color: t.ours, width: 3, type: 'solid', symbol: 'circle' });
      continue;
    }
    const color = t.others[other % t.others.length] ?? t.muted;
    const type = (['dashed', 'dotted', 'solid'] as const)[Math.floor(other / 2) % 3] ?? 'solid';
    out.set(name, { color, width: 1.75, type, symbol: symbols[other % symbols.length] ?? 'rect' });
    ++other;
  }
  return out;
}
