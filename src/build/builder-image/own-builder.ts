/** Google's builder images: gcr.io/buildpacks/builder, and those below serverless-runtimes and gae-runtimes. */
const GOOGLE_BUILDER =
  /^(?:[a-z]+\.)?(?:gcr\.io|[a-z0-9-]+docker\.pkg\.dev)\/(?:buildpacks|serverless-runtimes|gae-runtimes)\//;

/** Whether our own buildpacks, which follow Google's, do what the builder of this name does. */
export function isOwnBuilder(name: string): boolean {
  return GOOGLE_BUILDER.test(name);
}
