// What tests of the session have in common.
import { create } from '@bufbuild/protobuf';
import { EventSchema, ProfileSchema } from '../../src/gen/agent_pb.js';
import type { Event } from '../../src/gen/agent_pb.js';
import { SeededRandom } from '../../src/random.js';
import { AgentSession, sessionDefaults } from '../../src/session.js';
import type { SessionOptions } from '../../src/session.js';
import type { SessionState } from '../../src/reports.js';

export const sessionName = '0123456789abcdef';

export const makeSession = (options: Partial<SessionOptions> = {}, state?: SessionState): AgentSession =>
  new AgentSession({ ...sessionDefaults, session: sessionName, profile: create(ProfileSchema), seed: 1, ...options }, state);

export const requestOf = (resource: string): Event => create(EventSchema, { what: { case: 'request', value: { resource } } });

export class Dice {
  readonly #random: SeededRandom;
  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }
  uniform(): number { return this.#random.uniform(); }
  below(most: number): number { return Math.floor(this.#random.uniform() * most); }
  chance(probability: number): boolean { return this.#random.uniform() < probability; }
}

// Printed with failures, and settable: FORESTAGE_SEED=7 npm test
export const seedOf = (fallback: number): number => Number(process.env['FORESTAGE_SEED'] ?? fallback);
