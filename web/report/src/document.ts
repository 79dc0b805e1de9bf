// What forestage puts into the page: the JSON of cluster/report/report.cpp. Sections that do not apply are absent.

export interface Forecast {
  at: number; // index of the observation that the first value is for
  mean: (number | null)[]; // null: nothing was said
  bands: (number | null)[][]; // one series per level
}

export interface Curve {
  name: string;
  region?: string;
  requests?: number;
  start: number | null; // unix seconds of actual[0]; null: the series has no times
  step_seconds: number;
  levels: number[]; // rising probabilities of the bands
  actual: (number | null)[];
  allocation?: number[]; // units that were ready
  forecasts: Forecast[];
}

export interface Days {
  days: number[]; // unix seconds of each day's midnight
  policies: Record<string, { warm: number[]; cold: number[]; waste: number[] }>;
}

export interface Week {
  policy: string; // whose cold requests
  hours: number[]; // hours of observation behind each of 168, Monday 00 UTC first
  requests: number[];
  cold: number[];
}

// A figure for each hour of the week, Monday 00 UTC first; null: nothing was seen then.
export interface Measure {
  label: string;
  values: (number | null)[];
}

// MASE by block of the horizon.
export interface Horizon {
  blocks: string[];
  models: Record<string, (number | null)[]>;
}

export interface Calibration {
  name: string;
  observations: number;
  levels: number[];
  coverage: number[];
}

export interface Ablation {
  name: string;
  metric: string;
  with: number;
  without: number;
  better: 'lower' | 'higher';
}

export interface PolicyCard {
  requests: number;
  warm: number;
  cold: number;
  warm_ratio: number | null;
  waste_unit_intervals: number;
  waste_per_request: number | null;
  cost: number;
  cost_per_request: number | null;
  regret_field: number | null;
  regret_strict: number | null;
  regret_se: number | null;
  precision: number | null;
  coverage: number | null;
  [other: string]: number | null;
}

export interface ModelCard {
  mase: number | null;
  spl: number | null;
  mase_first_hour?: number | null;
  spl_first_hour?: number | null;
  coverage?: Record<string, number | null>;
  cpu_seconds?: number;
}

export interface Card {
  log?: Record<string, number | string>;
  settings?: Record<string, unknown>;
  policies?: Record<string, PolicyCard>;
  forecast?: Record<string, number | null>;
  models?: Record<string, ModelCard>;
}

export interface ReportDocument {
  format: number;
  command: string; // "forestage replay"
  title: string;
  summary: string[]; // sentences
  settings: [string, string][];
  versions: [string, string][];
  card: Card; // exactly what --json writes
  days?: Days;
  week?: Week;
  hours?: Measure[];
  horizon?: Horizon;
  curves?: Curve[];
  calibration?: Calibration[];
  ablations?: Ablation[];
}

export function readDocument(): ReportDocument {
  const text = document.getElementById('forestage-data')?.textContent ?? '';
  const found = JSON.parse(text) as ReportDocument;
  if (found.format !== 2) throw new Error(`a report of format ${found.format}, which this page does not know`);
  return found;
}
