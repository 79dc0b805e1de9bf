// What the node answers, in the application's types.
import type { CollectionGrant, Declared, Grant as GrantFrame, Messages } from './gen/agent_pb.js';
import type { Collection, Declaration, Grant, Message, Role } from './types.js';

const collectionOf = (grant: CollectionGrant | undefined): Collection | null =>
  grant === undefined ? null : { id: grant.id, incarnation: grant.incarnation, verbs: grant.verbs };

export const grantOf = (frame: GrantFrame, role: Role): Grant => ({
  resource: frame.resource, role, warm: frame.warm, resourceCollection: collectionOf(frame.resourceCollection),
  peerCollection: collectionOf(frame.peerCollection), expires: frame.expiresMs === 0n ? null : new Date(Number(frame.expiresMs)), content: frame.content,
  waitedMs: frame.waitedMs,
});

const utf8 = new TextDecoder();
export const messagesOf = ({ collection, incarnation, messages }: Messages): Message[] =>
  messages.map(({ number, sender, payload, delivery }) => ({
    collection, incarnation, number, sender, payload, delivery,
    get text() { return utf8.decode(payload); },
  }));

export const declarationOf = ({ intents, credibility, refused }: Declared): Declaration => ({
  intents: intents.map((intent) => ({
    id: Number(intent.id), resource: intent.resource, fromMs: Number(intent.fromMs), toMs: Number(intent.toMs), expected: intent.expected || 1,
    probability: intent.probability || 1,
  })),
  credibility,
  refused: refused.map(({ intent, text }) => ({ id: Number(intent), text })),
});
