import { directProviders } from "./direct-providers.ts";
import { firebaseProviders } from "./firebase-providers.ts";
import { firestoreProvider } from "./firestore-provider.ts";
import { routedProviders } from "./routed-providers.ts";

/** How events of a type reach homerun: from one of its services, or by the publishing API only. */
export type EventOrigin = "PUBSUB" | "STORAGE" | "AUDIT_LOG" | "PUBLISHED";

/** An attribute that triggers may filter by. */
export interface FilteringAttribute {
  readonly attribute: string;
  readonly description: string;
  readonly required: boolean;
  readonly pathPatternSupported: boolean;
}

/** A type of event. */
export interface EventType {
  readonly type: string;
  readonly description: string;
  /** Besides "type", which all have. */
  readonly attributes: readonly FilteringAttribute[];
  /** Path below proto/google/events of github.com/googleapis/google-cloudevents, for the schema's URI. */
  readonly schema: string;
  readonly origin: EventOrigin;
  /** Encodings of the data; without application/json a trigger must say which one it takes. */
  readonly contentTypes: readonly string[];
  /** Whether a trigger in the global location gets such events. */
  readonly isGlobal: boolean;
}

/** A source of events. */
export interface Provider {
  /** Its id, such as "storage.googleapis.com". */
  readonly id: string;
  readonly displayName: string;
  readonly eventTypes: readonly EventType[];
}

/** Every provider whose events homerun delivers, by id. Google: github.com/googleapis/google-cloudevents, read 2026-11. */
export const PROVIDERS: readonly Provider[] = [
  ...routedProviders,
  firestoreProvider,
  ...firebaseProviders,
  ...directProviders,
].toSorted((one, other) => (one.id < other.id ? -1 : 1));

const byType = new Map(PROVIDERS.flatMap(({ eventTypes }) => eventTypes.map((each) => [each.type, each] as const)));

/** The event type of that name; undefined for one that no provider has. */
export function findEventType(type: string): EventType | undefined {
  return byType.get(type);
}
