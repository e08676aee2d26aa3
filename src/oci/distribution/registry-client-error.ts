/** A registry's refusal, with its status and its own words; or that of this side, where a registry may not be heeded. */
export class RegistryClientError extends Error {
  override readonly name = "RegistryClientError";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}
