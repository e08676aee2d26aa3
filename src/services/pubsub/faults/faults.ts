import { invalidArgument } from "../../../wire/errors.ts";

/** What goes wrong with a subscription's deliveries because somebody asked for it. */
export interface Faults {
  /** How many of 100 messages are delivered a second time. */
  readonly duplicatePercent?: number;
  /** How many of 100 deliveries do not arrive: they count as failed, and the message is delivered again. */
  readonly dropPercent?: number;
  /** Every delivery arrives so much later, ms. */
  readonly delayMs?: number;
  /** Deliveries overtake each other: each waits for a random part of a second. */
  readonly reorder?: boolean;
  /** Ends after so many deliveries. */
  readonly count?: number;
  /** The same seed makes the same decisions. */
  readonly seed?: number;
}

const MAX_DELAY_MS = 600_000;
const DELAY = /^(\d+(?:\.\d+)?)s$/;

/** Faults as the API shows them; delays as "2s". */
export interface FaultsJson {
  readonly duplicatePercent?: number;
  readonly dropPercent?: number;
  readonly delay?: string;
  readonly reorder?: boolean;
  readonly count?: number;
  readonly seed?: number;
}

/** Reads faults from JSON; rejects with INVALID_ARGUMENT that names the field. */
export function parseFaults(given: unknown): Faults {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw invalid("faults", "must be an object");
  const faults: Record<string, number | boolean> = {};
  for (const [field, value] of Object.entries(given)) {
    if (field === "duplicatePercent" || field === "dropPercent") faults[field] = numberIn(field, value, 0, 100);
    else if (field === "count") faults[field] = numberIn(field, value, 1, Number.MAX_SAFE_INTEGER);
    else if (field === "seed") faults[field] = numberIn(field, value, 0, 2 ** 32 - 1);
    else if (field === "delay") faults["delayMs"] = delayMs(value);
    else if (field === "reorder" && typeof value === "boolean") faults[field] = value;
    else throw invalid(field, field === "reorder" ? "must be true or false" : "is no field of faults");
  }
  return faults;
}

/** Faults as the API shows them. */
export function formatFaults({ delayMs: ms, ...faults }: Faults): FaultsJson {
  return { ...faults, ...(ms !== undefined && { delay: `${ms / 1000}s` }) };
}

function delayMs(value: unknown): number {
  const seconds = typeof value === "string" ? Number(DELAY.exec(value)?.[1]) : Number.NaN;
  if (seconds * 1000 <= MAX_DELAY_MS) return Math.round(seconds * 1000);
  throw invalid("delay", 'must be a duration of at most "600s"');
}

function numberIn(field: string, value: unknown, min: number, max: number): number {
  const isWhole = field === "count" || field === "seed";
  if (typeof value === "number" && value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
  throw invalid(field, `must be a${isWhole ? " whole" : ""} number from ${min} to ${max}`);
}

function invalid(field: string, what: string) {
  const description = `${field} ${what}.`;
  return invalidArgument(description, [{ field, description }]);
}
