/** Something the user can act on: printed as one line, without a stack. */
export class CliError extends Error {
  override name = "CliError";
}
