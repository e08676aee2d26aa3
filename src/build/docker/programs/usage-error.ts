/** A command line that docker does not take; the message is docker's own. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
