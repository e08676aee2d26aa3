import type { ToolImage } from "../tool-images.ts";

/**
 * Builds, pushes and runs images without a daemon and without root of the host: podman with the builder of buildah in it,
 * crun, and what enters a user namespace. `docker` and its credential helper are brought along by who runs the image.
 */
export const DOCKER: ToolImage = {
  id: "docker",
  codename: "trixie",
  layers: [
    {
      kind: "debian",
      title: "podman, crun",
      packages: ["podman", "crun", "mount", "util-linux"],
      // Name servers and rules for networks of containers (they share that of their build step), and signatures.
      without: ["aardvark-dns", "containernetworking-plugins", "gnupg"],
      links: {
        "usr/bin/docker": "/cnb/docker/docker",
        "usr/bin/docker-credential-homerun": "/cnb/docker/docker-credential-homerun",
      },
    },
  ],
  entrypoint: ["/usr/bin/docker"],
};
