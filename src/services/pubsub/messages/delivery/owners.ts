import type { Outstanding } from "./types.ts";

/** What each owner holds of messages that are leased to it. */
export interface Owners {
  add(entry: Outstanding): void;
  subtract(entry: Outstanding): void;
  heldBy(owner: string): Held;
  /** The owner is gone; what it holds counts no more. */
  remove(owner: string): void;
  /** Nobody holds anything any more. */
  clear(): void;
}

export interface Held {
  readonly messages: number;
  readonly bytes: number;
}

const NOTHING: Held = { messages: 0, bytes: 0 };

export function createOwners(): Owners {
  const owners = new Map<string, { messages: number; bytes: number }>();
  return {
    add({ owner, bytes }) {
      if (owner === undefined) return;
      let held = owners.get(owner);
      if (!held) owners.set(owner, (held = { messages: 0, bytes: 0 }));
      held.messages++;
      held.bytes += bytes;
    },
    subtract({ owner, bytes }) {
      const held = owner === undefined ? undefined : owners.get(owner);
      if (!held) return;
      held.messages--;
      held.bytes -= bytes;
    },
    heldBy: (owner) => owners.get(owner) ?? NOTHING,
    remove: (owner) => void owners.delete(owner),
    clear: () => owners.clear(),
  };
}
