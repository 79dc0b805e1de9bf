// What can go wrong, in the node's words (models/errc.hpp). Numbers are the wire's and stable.

const names = [
  'ok', 'invalid_argument', 'invalid_data', 'not_found', 'position_conflict', 'storage_failed', 'locked', 'incompatible', 'limit_exceeded',
  'interrupted', 'timeout', 'internal', 'not_permitted', 'unavailable',
] as const;

// `unknown`: a code of a node that is newer than this module; `aborted`: the application's own AbortSignal; `closed`: its close().
export type ErrorCode = (typeof names)[number] | 'unknown' | 'aborted' | 'closed';

export const codeName = (code: number): ErrorCode => names[code] ?? 'unknown';
export const codeNumber = (name: (typeof names)[number]): number => names.indexOf(name);

export class ForestageError extends Error {
  override readonly name = 'ForestageError';
  // retryAfterMs 0: the same call will fail again.
  constructor(readonly code: ErrorCode, readonly text: string, readonly retryAfterMs = 0) {
    super(`${code}: ${text}`);
  }
}

export const invalid = (text: string): ForestageError => new ForestageError('invalid_argument', text);
