import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { attestationParts } from "../support/attestations.ts";
import { bootApi } from "../support/boot-api.ts";
import { createTestBuilder } from "../support/boot-cloudbuild.ts";
import { buildAndPush } from "../support/boot-functions.ts";
import { quietLogging } from "../support/quiet-logging.ts";
import { until } from "../support/until.ts";
import { preAuthenticationEncoding } from "../../src/oci/attestations/dsse.ts";
import { createDistributionClient } from "../../src/oci/distribution/client.ts";
import { artifactregistry } from "../../src/services/artifactregistry/module.ts";
import { containeranalysis } from "../../src/services/containeranalysis/module.ts";
import { cloudbuild } from "../../src/services/cloudbuild/module.ts";

type Json = Record<string, unknown>;

const HOST = "us-central1-docker.pkg.dev";
const REPOSITORY = "projects/demo/locations/us-central1/repositories";
const { attestationKey } = attestationParts();

test("an image that a build made has signed provenance, in Container Analysis and as a referrer", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "homerun-provenance-"));
  const builder = createTestBuilder();
  await using api = await bootApi((deps) => {
    const fetch = (request: Request) => deps.fetchInProcess(request, { kind: "owner" });
    const registry = createDistributionClient({ fetch, clock: deps.clock });
    builder.behave = (request) => buildAndPush(registry, request);
    const host = { cpus: 2, memoryBytes: 4 * 1024 ** 3 };
    const given = { ...deps, attestationKey, registry, builder, host, workFolder: folder.path };
    return [cloudbuild(given), artifactregistry(deps), containeranalysis(deps), quietLogging()];
  });
  const call = async (method: string, path: string, body?: Json): Promise<Json> => {
    const answer = await api.json(method, path, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  await call("POST", `/artifactregistry/v1/${REPOSITORY}?repositoryId=images`, { format: "DOCKER" });
  const image = `${HOST}/demo/images/app`;
  const { metadata } = (await call("POST", "/cloudbuild/v1/projects/demo/locations/us-central1/builds", {
    steps: [{ name: "gcr.io/k8s-skaffold/pack", args: ["build", `${image}:v1`, "--publish", "--tag", `${image}:v2`] }],
    substitutions: { _COLOUR: "red" },
    options: { substitutionOption: "ALLOW_LOOSE" },
  })) as { metadata: { build: { id: string } } };
  const { id } = metadata.build;

  const occurrences = await until(async () => {
    const found = await call("GET", "/containeranalysis/v1/projects/demo/occurrences");
    return (found["occurrences"] as Json[] | undefined) ?? false;
  });
  assert.equal(occurrences.length, 1, "the tags of one image share its provenance");
  const { resourceUri, noteName, kind, build, envelope } = occurrences[0] as {
    resourceUri: string;
    noteName: string;
    kind: string;
    build: { inTotoSlsaProvenanceV1: Statement };
    envelope: { payload: string; payloadType: string; signatures: { sig: string; keyid: string }[] };
  };
  const digest = /^https:\/\/us-central1-docker\.pkg\.dev\/demo\/images\/app@(sha256:[0-9a-f]{64})$/.exec(
    resourceUri,
  )?.[1];
  assert.ok(digest, resourceUri);
  assert.deepEqual([kind, noteName], ["BUILD", `projects/verified-builder/notes/intoto_slsa_v1_${id}_0`]);
  const statement = build.inTotoSlsaProvenanceV1;
  assert.deepEqual(JSON.parse(Buffer.from(envelope.payload, "base64").toString()), statement);
  assert.equal(statement.predicateType, "https://slsa.dev/provenance/v1");
  assert.equal(statement.subject[0]?.digest["sha256"], digest.slice("sha256:".length));
  const { buildDefinition, runDetails } = statement.predicate;
  assert.deepEqual(buildDefinition.externalParameters["substitutions"], { _COLOUR: "red" });
  assert.ok(runDetails.metadata.invocationId.endsWith(`/builds/${id}`));
  const signed = preAuthenticationEncoding(envelope.payloadType, Buffer.from(envelope.payload, "base64"));
  const signature = Buffer.from(envelope.signatures[0]!.sig, "base64");
  assert.ok(verify("sha256", signed, createPublicKey(attestationKey.publicKeyPem), signature));

  const registryUrl = `${api.url}/v2/demo/images/app`;
  const fetchJson = async (path: string) =>
    (await (await fetch(`${registryUrl}/${path}`, { headers: { host: HOST } })).json()) as Json;
  const referrers = await until(async () => {
    const { manifests } = (await fetchJson(`referrers/${digest}`)) as { manifests: Json[] };
    return manifests.length > 0 && manifests;
  });
  assert.deepEqual(
    referrers.map(({ artifactType }) => artifactType),
    ["application/vnd.dev.sigstore.bundle.v0.3+json"],
  );
  const manifest = (await fetchJson(`manifests/${String(referrers[0]!["digest"])}`)) as {
    layers: { digest: string }[];
  };
  const bundle = (await fetchJson(`blobs/${manifest.layers[0]!.digest}`)) as { dsseEnvelope: Json };
  assert.deepEqual(bundle.dsseEnvelope, envelope);
});

interface Statement {
  readonly predicateType: string;
  readonly subject: readonly { readonly digest: Readonly<Record<string, string>> }[];
  readonly predicate: {
    readonly buildDefinition: { readonly externalParameters: Json };
    readonly runDetails: { readonly metadata: { readonly invocationId: string } };
  };
}
