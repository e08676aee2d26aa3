/** A repository that cannot be had, by its own or the user's fault; the message may be shown to the user. */
export class GitError extends Error {
  override name = "GitError";
}
