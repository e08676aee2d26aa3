/** Exit codes of the lifecycle (platform.md, "Outputs" of detector, builder and exporter). */
export const exitCodes = {
  generic: 1,
  buildpackApi: 12,
  detectNoGroup: 20,
  detectErrored: 21,
  buildFailed: 51,
  export: 62,
} as const;

/** A failure that ends the lifecycle with the exit code of the phase it happened in. */
export class LifecycleError extends Error {
  override readonly name = "LifecycleError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
