import type { StepImageProvider } from "../steps/step-image.ts";

/** The step image "host": root of a sandbox that sees the machine's own programs; it keeps no images. */
export function hostStepImage(layers: readonly string[]): StepImageProvider {
  const config = {
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", FROM_IMAGE: "yes" },
    entrypoint: [],
    cmd: ["sh", "-c", "echo the default command"],
    workingDir: "/",
    user: "",
    labels: {},
    diffIds: [],
  };
  return {
    matches: (name) => name === "host",
    open: () =>
      Promise.resolve({
        prepare: () => Promise.resolve({ image: { digest: `sha256:${"0".repeat(64)}`, config, layers } }),
        hasImage: () => Promise.resolve(false),
        findImage: () => Promise.resolve(undefined),
        pushImage: () => Promise.reject(new Error("there is nothing to push")),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  };
}
