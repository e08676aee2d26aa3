import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { dockerStep, runBuild } from "../support/docker-builds.ts";
import type { RealServer } from "../support/real-server.ts";
import { pushStepImage, registryClientOf } from "../support/step-image.ts";
import { startWarmServer } from "../support/warm-data.ts";
import type { DistributionClient } from "../../src/oci/distribution/client.ts";
import { readAtMost } from "../../src/oci/read-at-most.ts";
import { parseReference } from "../../src/oci/reference.ts";

const REPOSITORY = "us-central1-docker.pkg.dev/homerun-local/docker";
const BASE = `${REPOSITORY}/base:v1`;
const APP = `${REPOSITORY}/app:v1`;

/** A shell command that writes a Dockerfile into a folder of the workspace. */
function dockerfile(folder: string, text: string): string {
  return `mkdir -p ${folder}; cat > ${folder}/Dockerfile <<'DOCKERFILE'\n${text}\nDOCKERFILE\n`;
}

/** The configuration of a pushed image, and the type of its manifest. */
async function readConfig(client: DistributionClient, name: string) {
  const reference = parseReference(name);
  const { content, mediaType } = await client.getManifest(reference);
  const { config } = JSON.parse(Buffer.from(content).toString()) as { config: { digest: string } };
  const bytes = await readAtMost(await client.openBlob(reference, config.digest), 1024 ** 2, "configuration");
  return { mediaType, config: (JSON.parse(bytes.toString()) as { config: Record<string, unknown> }).config };
}

const STAGES = dockerfile(
  "app",
  `ARG BASE=${BASE}
FROM $BASE AS made
RUN <<HERE
echo "built in $(pwd)" > /made
HERE
FROM ${BASE}
ARG VERSION=none
ENV VERSION=$VERSION
WORKDIR /app
COPY --from=made --chown=33:33 /made ./
COPY . ./
RUN --mount=type=cache,target=/kept date +%N >> /kept/times && wc -l < /kept/times > times && echo "ran at $(date +%N)"
HEALTHCHECK CMD true
USER 33
CMD ["node", "-p", "process.env.VERSION"]`,
);

describe("builds of Dockerfiles", () => {
  let server: RealServer;
  before(async () => {
    server = await startWarmServer();
    const parent = "/artifactregistry/v1/projects/homerun-local/locations/us-central1/repositories";
    const created = await server.json("POST", `${parent}?repositoryId=docker`, { format: "DOCKER" });
    assert.equal(created.status, 200, JSON.stringify(created.body));
    await pushStepImage(server, BASE);
  });
  after(() => server?.[Symbol.asyncDispose]());

  test("stages, arguments, copies and cache mounts; later steps run, push and use the image", async () => {
    const steps = [
      dockerStep(`${STAGES}
echo one > app/one; echo two > app/.two; echo .two > app/.dockerignore
docker build --build-arg VERSION=5 -t app -t ${APP} app`),
      dockerStep(`set -e
docker run --rm app; docker run --rm -v /workspace:/w -w /w app sh -c 'ls -A /app; stat -c %u:%g /app/made; cat /app/made; id -u'
docker inspect -f '{{json .Config.Cmd}}' app
docker create --name kept app; docker cp kept:/app/made - | tar -xO; docker rm kept
docker run -d --name web app sleep 100; docker exec web echo executed; docker rm -f web
docker tag app ${REPOSITORY}/tagged; docker push ${REPOSITORY}/tagged`),
      { name: "app", entrypoint: "cat", args: ["/app/one"] },
    ];
    const build = await runBuild(server, { steps, images: [APP] });
    assert.equal(build.status, "SUCCESS", build.log);
    assert.match(build.log, /^Step #0: Step 1\/\d+ : FROM|^Step #0: \[1\/2\] Step 1\/2 : FROM/m);
    assert.match(build.log, /^Step #0: Successfully tagged app:latest$/m);
    const printed = [...build.log.matchAll(/^Step #1: (.*)$/gm)].map(([, line]) => line);
    const ran = ["5", ".dockerignore", "Dockerfile", "made", "one", "times", "33:33", "built in /", "33"];
    assert.deepEqual(printed.slice(1, 1 + ran.length), ran);
    assert.ok(
      printed.includes('["node","-p","process.env.VERSION"]') && printed.includes("executed"),
      printed.join("\n"),
    );
    assert.match(build.log, /^Step #2: Already have image: app\nStep #2: one$/m);
    assert.equal(build.images[0]!.name, APP);
    const client = registryClientOf(server);
    assert.equal(await client.resolve(parseReference(APP)), build.images[0]!.digest);
    assert.equal(await client.resolve(parseReference(`${REPOSITORY}/tagged:latest`)), build.images[0]!.digest);
    const { config, mediaType } = await readConfig(client, APP);
    assert.match(mediaType, /docker/, "the format that keeps a health check");
    const { Healthcheck: check, User: user, Env: env } = config;
    assert.deepEqual([check, user], [{ Test: ["CMD-SHELL", "true"] }, "33"]);
    assert.ok(!JSON.stringify(env).includes("homerun"), "what lets builds reach registries stays out of images");
  });

  test("what has not changed is not run again, and names of earlier builds are gone", async () => {
    const step = dockerStep(`docker images --format '{{.Repository}}' | grep -v '<none>'
${STAGES}
echo one > app/one; echo .two > app/.dockerignore
docker build --build-arg VERSION=5 -t app -t ${APP} app`);
    const first = await runBuild(server, { steps: [step], images: [APP] });
    assert.equal(first.status, "SUCCESS", first.log);
    assert.doesNotMatch(first.log, /^ran at|^localhost\/app$/m);
    assert.equal(first.log.match(/ ---> Using cache$/gm)?.length, 10, first.log);
    const second = await runBuild(server, { steps: [step], images: [APP] });
    assert.equal(second.images[0]!.digest, first.images[0]!.digest);
  });

  test("the same Dockerfile and SOURCE_DATE_EPOCH give the same image", async () => {
    const build = "docker build -q --no-cache --build-arg SOURCE_DATE_EPOCH=1000000000 same\n";
    const prepare = dockerfile("same", "FROM scratch\nCOPY . /\nENV A=b");
    const { log } = await runBuild(server, {
      steps: [dockerStep(`${prepare}${build}touch same/Dockerfile\n${build}`)],
    });
    const ids = log.match(/^sha256:[0-9a-f]{64}$/gm) ?? [];
    assert.equal(ids.length, 2, log);
    assert.equal(ids[0], ids[1]);
  });

  test("what fails says so as docker does", async () => {
    const attempts = [
      [dockerfile("a", `FROM ${BASE}\nRUN echo before && exit 7`), "a"],
      [dockerfile("b", `FROM ${BASE}\nRUM echo`), "b"],
      [dockerfile("c", `FROM ${REPOSITORY}/absent:1`), "c"],
      [dockerfile("d", `FROM ${BASE}\nCOPY ../../etc/shadow /`), "d"],
      [dockerfile("e", `FROM ${BASE}\nCOPY absent /`), "e"],
      ["mkdir -p f; ", "f"],
      [
        `${dockerfile("g", `FROM ${BASE}\nCOPY . /c\nRUN cat /c/out`)} mkfifo g/pipe; ln -s /etc/containers/policy.json g/out; `,
        "g",
      ],
    ];
    const script = attempts.map(
      ([prepare, folder]) => `${prepare}docker build ${folder}; echo "${folder} ended with $?"`,
    );
    const { log } = await runBuild(server, { steps: [dockerStep(script.join("\n"))] });
    const ends = [...log.matchAll(/^(.*)\n([a-g]) ended with (\d+)$/gm)].map(([, said, , code]) => [said, code]);
    assert.deepEqual(
      ends.map(([, code]) => code),
      ["7", "1", "1", "1", "1", "1", "1"],
      log,
    );
    const [run, syntax, base, outside, missing, none] = ends.map(([said]) => said!);
    assert.equal(run, "The command '/bin/sh -c echo before && exit 7' returned a non-zero code: 7");
    assert.equal(syntax, "Error response from daemon: dockerfile parse error line 2: unknown instruction: RUM");
    assert.match(base!, /^Error response from daemon: .*absent:1: .*(manifest unknown|not found)/);
    assert.equal(outside, "COPY failed: forbidden path outside the build context: ../../etc/shadow ()");
    assert.match(missing!, /^COPY failed: file not found in build context or excluded by .dockerignore: stat absent: /);
    assert.match(
      none!,
      /^unable to prepare context: .* Dockerfile path: lstat \/workspace\/f\/Dockerfile: no such file/,
    );
    assert.match(log, /cat: \/c\/out: No such file or directory/);
  });

  test("a RUN that never ends is ended with its step, and the next build has what came before", async () => {
    const script = `${dockerfile("l", `FROM ${BASE}\nRUN echo once\nRUN while :; do sleep 1; done`)}docker build l`;
    const endless = await runBuild(server, { steps: [dockerStep(script, { timeout: "8s" })] });
    assert.equal(endless.status, "FAILURE", endless.log);
    const again = dockerStep(`${dockerfile("l", `FROM ${BASE}\nRUN echo once\nRUN echo twice`)}docker build l`);
    const { status, log } = await runBuild(server, { steps: [again] });
    assert.equal(status, "SUCCESS", log);
    assert.match(log, /RUN echo once\n ---> Using cache/);
  });

  test("a step gets no further than its sandbox, and leaves the next build nothing to stumble over", async () => {
    const escapes = [
      "mount -t proc proc /mnt",
      "mount -o remount,bind,rw /proc/sys",
      "echo x > /proc/sysrq-trigger",
      "echo x > /proc/sys/kernel/hostname",
      "mount -t sysfs sys /mnt",
      "mount -t cgroup2 cgroup /mnt",
      "mknod /workspace/disk b 254 0",
      "unshare --net true",
    ].map((escape) => `if (${escape}) 2>/dev/null; then echo "OPEN: ${escape}"; fi`);
    const inRun = escapes.join("; ").replaceAll("'", "");
    const hostile = dockerStep(`${escapes.join("\n")}
${dockerfile("r", `FROM ${BASE}\nUSER root\nRUN ${inRun}; ls /proc/1/root/var/lib/containers 2>/dev/null | sed s/^/OPEN:/; echo tried`)}
docker build r; echo "built with $?"
rm -rf /var/lib/containers/*; ln -s /etc /var/lib/containers/storage; mkdir /var/lib/containers/inherited; touch /var/lib/containers/tmp`);
    const tried = await runBuild(server, { steps: [hostile] });
    assert.match(tried.log, /^tried$[^]*^built with 0$/m);
    assert.doesNotMatch(tried.log, /^OPEN/m);
    const next = dockerStep(`${dockerfile("n", "FROM scratch\nCOPY . /")}docker build n`);
    const { status, log } = await runBuild(server, { steps: [next] });
    assert.equal(status, "SUCCESS", log);
    assert.match(log, /^Successfully built [0-9a-f]{12}$/m);
  });
});
