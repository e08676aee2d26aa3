import { createHash } from "node:crypto";

/**
 * The number of a project, derived from its id: 12 digits, the same on every machine.
 * Any project id works at once, without being created first.
 */
export function projectNumberOf(projectId: string): string {
  const digest = createHash("sha256").update(`project-number/${projectId}`).digest();
  return String(100_000_000_000n + (digest.readBigUInt64BE() % 900_000_000_000n));
}
