import type { Instance } from "./instance.ts";

/** The instances of a revision, oldest first, by what they are up to. */
export interface InstanceSet {
  /** Takes in an instance that waits for its turn to start. */
  add(instance: Instance): void;
  /** Its turn has come. */
  begin(instance: Instance, nowMs: number): void;
  /** When its turn came. */
  beganMs(instance: Instance): number | undefined;
  delete(instance: Instance): void;
  get(id: string): Instance | undefined;
  /** Also those that stop. */
  all(): Iterable<Instance>;
  /** Those that are to start, start or serve. */
  alive(): Instance[];
  /** How many these are; asked at the end of every request. */
  readonly aliveCount: number;
  /** The same without those that wait for their turn. */
  begun(): Instance[];
  ready(): Instance[];
  /** Those that could serve and have no request. */
  idle(): Instance[];
  counts(): { starting: number; active: number; idle: number };
}

export function instanceSet(): InstanceSet {
  const instances = new Map<string, Instance>();
  const began = new WeakMap<Instance, number>();
  const filter = (isWanted: (instance: Instance) => boolean) => [...instances.values()].filter(isWanted);
  const alive = () => filter(({ state }) => state === "starting" || state === "ready");
  return {
    add: (instance) => void instances.set(instance.id, instance),
    begin: (instance, nowMs) => void began.set(instance, nowMs),
    beganMs: (instance) => began.get(instance),
    delete: (instance) => void instances.delete(instance.id),
    get: (id) => instances.get(id),
    all: () => instances.values(),
    alive,
    get aliveCount() {
      let count = 0;
      for (const { state } of instances.values()) if (state === "starting" || state === "ready") count++;
      return count;
    },
    begun: () => alive().filter((instance) => began.has(instance)),
    ready: () => filter(({ state }) => state === "ready"),
    idle: () => filter(({ state, active }) => state === "ready" && active === 0),
    counts() {
      const starting = filter(({ state }) => state === "starting").length;
      const active = alive().filter((instance) => instance.active > 0).length;
      return { starting, active, idle: alive().length - starting - active };
    },
  };
}
