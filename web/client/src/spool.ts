// What a session stores so that reports outlive the process: pure, to JSON and back. Bounded: of reports beyond `events` events only
// their numbers are kept, and how many events were lost with them; the node is told that as `dropped`, so that numbers never have a gap.
import { create, fromJson, toJson } from '@bufbuild/protobuf';
import { ReportSchema } from './gen/agent_pb.js';
import type { Report } from './gen/agent_pb.js';
import type { SessionState } from './reports.js';

const format = 1;

const emptied = (report: Report): Report =>
  create(ReportSchema, { sequence: report.sequence, baseMs: report.baseMs, dropped: report.dropped + BigInt(report.events.length) });

export function storedState(state: SessionState, events: number): unknown {
  let room = events;
  const reports = state.reports.map((report) => {
    room -= report.events.length; // the oldest first: they have waited longest
    return toJson(ReportSchema, room >= 0 ? report : emptied(report));
  });
  return { format, acknowledged: state.acknowledged, needs: state.needs, dropped: state.dropped, reports };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

// undefined: nothing that storedState wrote. A session whose state is lost must not go on under its name.
export function restoreState(stored: unknown): SessionState | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { format: written, acknowledged, needs, dropped, reports } = stored as Record<string, unknown>;
  if (written !== format || !isCount(acknowledged) || !isCount(needs) || !isCount(dropped) || !Array.isArray(reports)) return undefined;
  try {
    const read = reports.map((report) => fromJson(ReportSchema, report));
    const numbered = read.every((report, i) => Number(report.sequence) === acknowledged + 1 + i);
    return numbered ? { acknowledged, needs, dropped, reports: read } : undefined;
  } catch {
    return undefined;
  }
}
