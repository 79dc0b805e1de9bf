// Named events with types. A handler that throws harms neither the others nor the client.
export class Emitter<Events> {
  readonly #handlers = new Map<keyof Events, Set<(event: never) => void>>();

  on<Name extends keyof Events>(name: Name, handler: (event: Events[Name]) => void): () => void {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(handler));
    return () => handlers.delete(handler);
  }
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const handler of this.#handlers.get(name) ?? []) {
      try {
        (handler as (event: Events[Name]) => void)(event);
      } catch (failure) {
        console.error(`forestage: a handler of ${String(name)} has failed`, failure);
      }
    }
  }
}
