// The equations of habits.ts that need no state.

export const dayForgets = 2 ** (-1 / 14); // lambda

// Lanczos' approximation (1964; g = 7, 9 terms), x > 0: 15 digits.
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012,
  9.9843695780195716e-6, 1.5056327351493116e-7,
];
export function lnGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const y = x - 1;
  const t = y + 7.5;
  const sum = lanczos.reduce((so, term, i) => so + (i === 0 ? term : term / (y + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}
const lnBeta = (a: number, b: number): number => lnGamma(a) + lnGamma(b) - lnGamma(a + b);

export interface Evidence {
  n: number; // times needed
  e: number; // of so many
}
export interface Level {
  p: number; // probability
  q: number; // that this level knows better than the one before
}

export function level({ n, e }: Evidence, p0: number, f: number): Level {
  const kept = Math.min(n, e);
  const lnFactor = lnBeta(kept + 1, e - kept + 1) - kept * Math.log(p0) - (e - kept) * Math.log1p(-p0);
  const q = 1 / (1 + Math.exp(-lnFactor - Math.log(f / (1 - f))));
  return { p: q * ((kept + 1) / (e + 2)) + (1 - q) * p0, q };
}

// slots: N, of a day.
export function habitual(all: Evidence, like: Evidence, weekday: Evidence, total: number, slots: number): number {
  const rate = Math.min(0.95, Math.max(1e-9, total / ((all.e + 4) * slots)));
  if (all.n === 0) return rate;
  const f0 = 0.1 / slots;
  const a = level(all, rate, f0);
  const b = level(like, a.p, Math.max(f0, 0.3 * a.q));
  return level(weekday, b.p, Math.max(f0 / 7, 0.2 * Math.max(a.q, b.q))).p;
}

export const weekday = (day: number): number => (((day + 4) % 7) + 7) % 7; // 0: Sunday
const isWeekend = (d: number): boolean => d === 0 || d === 6;
export const alike = (d: number, other: number): boolean => isWeekend(d) === isWeekend(other);

// Days of the week `other` from `first` to the day before `day`, forgotten as seen from `day`.
export function exposure(day: number, first: number, other: number): number {
  const nearest = (weekday(day) - other + 7) % 7 || 7; // days ago
  const weeks = Math.floor((day - first - nearest) / 7) + 1;
  if (weeks <= 0) return 0;
  return (dayForgets ** nearest * (1 - dayForgets ** (7 * weeks))) / (1 - dayForgets ** 7);
}
