// Numbers and times as people read them. Everything is UTC: so are the intervals.

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const whole = (value: number): string => grouped.format(value);

export const decimal = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined ? '–' : new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

export const percent = (value: number | null | undefined, digits = 1): string =>
  value === null || value === undefined ? '–' : `${decimal(value * 100, digits)} %`;

// Three significant digits, whole from a thousand on.
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (Math.abs(value) >= 1000 || Number.isInteger(value)) return whole(value);
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(value);
}

export function axisNumber(value: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 }).format(value);
}

export const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

export const moment = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');

export function duration(seconds: number): string {
  if (seconds % 86400 === 0) return `${seconds / 86400} d`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}

// For the few places where ECharts takes markup: names come from logs.
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

export const shortened = (text: string, most = 60): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
