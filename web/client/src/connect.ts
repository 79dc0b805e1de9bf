// connect(): finds what this browser or Node has, and makes a client.
import { Client } from './client.js';
import { settingsOf } from './options.js';
import type { ConnectOptions } from './options.js';
import { findWebSocket, randomName } from './socket.js';
import { Keeper, claimPlace } from './storage.js';
import type { Locks } from './storage.js';
import type { KeyValueStore } from './types.js';

interface Page {
  localStorage?: KeyValueStore;
  navigator?: { locks?: Locks };
  addEventListener?: (type: 'pagehide', handler: () => void) => void;
  removeEventListener?: (type: 'pagehide', handler: () => void) => void;
}

// A page may be forbidden to touch its storage; Node has a localStorage that warns unless it was asked for.
function pageStorage(page: Page): KeyValueStore | undefined {
  if (!('document' in page)) return undefined;
  try {
    return page.localStorage;
  } catch {
    return undefined;
  }
}

// The client takes reports and calls at once, and keeps trying to connect until it is closed. Errors: ForestageError invalid_argument.
export async function connect(options: ConnectOptions): Promise<Client> {
  const settings = settingsOf(options);
  const page = globalThis as Page;
  const WebSocket = await findWebSocket(options.WebSocket);
  let storage = options.storage === null ? undefined : options.storage;
  let place: { place: number; release(): void } = { place: 0, release: () => undefined };
  if (options.storage === undefined) {
    storage = pageStorage(page);
    const locks = page.navigator?.locks;
    const claimed = storage && locks && (await claimPlace(settings.name, locks));
    if (storage && locks && !claimed) place.place = Infinity; // eight pages are there before this one
    if (!claimed) storage = undefined;
    else place = claimed;
  }
  const keeper = new Keeper(storage, settings.name, place.place, settings.storedEvents);
  const random = await randomName();
  const hide = (): void => client.flush();
  const client = new Client(settings, keeper.session()?.session ?? random, keeper, WebSocket, BigInt(`0x${(await randomName()).slice(0, 16)}`), () => {
    page.removeEventListener?.('pagehide', hide);
    place.release();
  });
  page.addEventListener?.('pagehide', hide);
  return client;
}
