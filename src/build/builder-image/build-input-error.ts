/** What a build was given cannot be built with, and it is the user who can change it; the message says what and why. */
export class BuildInputError extends Error {
  override readonly name = "BuildInputError";
}
