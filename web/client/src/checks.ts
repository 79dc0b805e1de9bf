// What an application passes in, checked before it is sent, as frames.
import { create } from '@bufbuild/protobuf';
import { EventSchema } from './gen/agent_pb.js';
import type { Event } from './gen/agent_pb.js';
import { invalid } from './errors.js';
import { firstHabitId } from './habit_intents.js';
import type { Collection, Happened, Intent, StandingIntent } from './types.js';

const utf8 = new TextEncoder();
const mostNameBytes = 256;

export function resourceName(resource: unknown): string {
  if (typeof resource !== 'string' || resource === '') throw invalid(`a resource is named by a text, such as 'room/42', not ${String(resource)}`);
  const bytes = utf8.encode(resource).length;
  if (bytes > mostNameBytes) throw invalid(`a resource's name of ${bytes} bytes; at most ${mostNameBytes} are allowed`);
  return resource;
}
const whole = (name: string, value: number, most = 2 ** 32 - 1): number => {
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  throw invalid(`${name} is a whole number from 0 to ${most}, not ${value}`);
};
const number = (name: string, value: number, most = Infinity): number => {
  if (value >= 0 && value <= most) return value;
  throw invalid(`${name} is a number from 0${most === Infinity ? '' : ` to ${most}`}, not ${value}`);
};

export function eventOf(happened: Happened): Event {
  if ('request' in happened)
    return create(EventSchema, { what: { case: 'request', value: { resource: resourceName(happened.request.resource), count: whole('count', happened.request.count ?? 1) } } });
  if ('sessionStart' in happened) {
    const { resource, id, slots = 0 } = happened.sessionStart;
    const value = { resource: resourceName(resource), id: BigInt(whole('id', id, Number.MAX_SAFE_INTEGER)), slots: whole('slots', slots) };
    return create(EventSchema, { what: { case: 'start', value } });
  }
  if ('sessionEnd' in happened)
    return create(EventSchema, { what: { case: 'end', value: { id: BigInt(whole('id', happened.sessionEnd.id, Number.MAX_SAFE_INTEGER)) } } });
  if ('quality' in happened) {
    const { resource, rttMs = 0, loss = 0, bitsPerSecond = 0 } = happened.quality;
    const value = {
      resource: resourceName(resource), rttMs: number('rttMs', rttMs), loss: number('loss', loss, 1), bitsPerSecond: number('bitsPerSecond', bitsPerSecond),
    };
    return create(EventSchema, { what: { case: 'quality', value } });
  }
  throw invalid('what is reported is one of { request }, { sessionStart }, { sessionEnd }, { quality }');
}

export function payloadOf(payload: Uint8Array | ArrayBuffer | string): Uint8Array {
  if (typeof payload === 'string') return utf8.encode(payload);
  if (payload instanceof ArrayBuffer) return new Uint8Array(payload);
  if (payload instanceof Uint8Array) return payload;
  throw invalid('a payload is a text, a Uint8Array or an ArrayBuffer; JSON.stringify what is to be sent as JSON');
}

export function namedCollection(collection: Collection | string | null | undefined): Collection {
  if (typeof collection === 'string' && collection !== '') return { id: collection, incarnation: 0n, verbs: [] };
  if (typeof collection === 'object' && collection !== null) return collection;
  throw invalid('a collection is one of a grant (resourceCollection, peerCollection), or its id');
}

// nextId: for those without an id.
export function intentOf({ id, resource, from, to, expected = 1, probability = 1 }: Intent, nextId: () => number): StandingIntent {
  const [fromMs, toMs] = [Math.floor(Number(from)), Math.floor(Number(to))];
  if (!(toMs > fromMs)) throw invalid(`an intent for ${String(resource)} ends after it begins: from and to are Dates, or milliseconds since 1970`);
  if (!(probability > 0 && probability <= 1)) throw invalid(`probability is above 0 and at most 1, not ${probability}`);
  return { id: whole('id', id ?? nextId(), firstHabitId - 1), resource: resourceName(resource), fromMs, toMs, expected: whole('expected', expected), probability };
}
