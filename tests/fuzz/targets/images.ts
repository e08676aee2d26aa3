import assert from "node:assert/strict";
import { parseDigest } from "../../../src/oci/digest.ts";
import { compareVersions } from "../../../src/oci/debian/version.ts";
import { parseRelations } from "../../../src/oci/debian/relations.ts";
import { parseImageConfig } from "../../../src/oci/image-config.ts";
import { InvalidManifestError, parseManifest } from "../../../src/oci/manifest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { formatReference, parseReference } from "../../../src/oci/reference.ts";
import { parseDeb822 } from "../../../src/platform/registries/deb822.ts";
import { type FuzzTarget, onlyThrows } from "../target.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const DESCRIPTOR = { mediaType: "application/vnd.oci.image.config.v1+json", digest: DIGEST, size: 2 };
const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: mediaTypes.manifest,
  config: DESCRIPTOR,
  layers: [{ ...DESCRIPTOR, mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" }],
});
const JSON_WORDS = ['"', "{", "}", "[", "]", ",", ":", "null", "1e999", "-1", "{}", '"__proto__":', "\\u0000"];

/** What images, registries and package archives bring. */
export const imageTargets: readonly FuzzTarget[] = [
  {
    name: "manifest",
    seeds: [MANIFEST],
    words: [...JSON_WORDS, '"digest":', '"size":', '"layers":', '"subject":', DIGEST],
    async run(input) {
      const isDocumented = (error: unknown) => error instanceof InvalidManifestError;
      const found = await onlyThrows(() => parseManifest(input, mediaTypes.manifest), isDocumented);
      if (!found) return;
      const { layers } = found.value as { layers: readonly { digest: string; size: number }[] };
      for (const { digest, size } of layers) assert.ok(parseDigest(digest) && Number.isSafeInteger(size) && size >= 0);
    },
  },
  {
    name: "image-config",
    seeds: [JSON.stringify({ architecture: "amd64", os: "linux", config: { Env: ["A=b"], Cmd: ["x"] }, rootfs: {} })],
    words: [...JSON_WORDS, '"Env":', '"Cmd":', '"User":', '"rootfs":'],
    async run(input) {
      await onlyThrows(
        () => parseImageConfig(input),
        (error) => error instanceof Error && !(error instanceof RangeError),
      );
    },
  },
  {
    name: "image-reference",
    seeds: [`localhost:8484/p/r/i:tag@${DIGEST}`, "us-docker.pkg.dev/p/r/i"],
    words: ["/", ":", "@", "..", "-", "_", "__", "sha256:", "%2F", "[::1]"],
    async run(input) {
      const found = await onlyThrows(
        () => parseReference(input.toString()),
        (error) => error instanceof TypeError,
      );
      if (!found) return;
      const reference = found.value as ReturnType<typeof parseReference>;
      assert.ok(!reference.repository.split("/").includes(".."));
      assert.deepEqual(parseReference(formatReference(reference)), reference);
    },
  },
  {
    name: "debian-control",
    seeds: ["Package: a\nVersion: 1:2.3-4\nDepends: b (>= 1), c | d [amd64]\n e\n\nPackage: f\n"],
    words: ["\n", "\n ", ":", "(", ")", "|", ",", "[", "]", ">=", "~", "Package:"],
    async run(input) {
      for (const stanza of parseDeb822(input.toString())) assert.equal(typeof stanza, "object");
      const isMalformed = (error: unknown) => error instanceof TypeError && error.message.startsWith("malformed");
      await onlyThrows(() => parseRelations(input.toString()), isMalformed);
    },
  },
  {
    name: "debian-version",
    seeds: ["1:2.3~rc1-4+b1", "2.3.4-5"],
    words: ["~", ":", "-", "+", ".", "0", "00", "a", "99999999999999999999999"],
    run(input) {
      const [one, other] = [input.toString(), input.toString().slice(1)];
      assert.equal(Math.sign(compareVersions(one, other)) + Math.sign(compareVersions(other, one)), 0);
    },
  },
];
