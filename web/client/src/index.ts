// forestage-client: the agent of a peer, for browsers and Node.
export { connect } from './connect.js';
export { Client } from './client.js';
export type { ClientEvents, Opened } from './client.js';
export type { ConnectOptions } from './options.js';
export { ForestageError } from './errors.js';
export type { ErrorCode } from './errors.js';
export { Subscription } from './subscription.js';
export type { Handler } from './subscription.js';
export type { CallOptions, Collection, Declaration, Grant, Happened, Intent, KeyValueStore, Message, Role, StandingIntent } from './types.js';
export type { WebSocketConstructor } from './socket.js';
