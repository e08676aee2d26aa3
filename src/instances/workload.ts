/** What every kind of instance has in common: an instance of a revision, a task of a job, an instance by itself. */
export interface WorkloadSpec {
  /** Full resource name of what the instance belongs to; the key everywhere on this floor. */
  readonly name: string;
  readonly project: { readonly id: string; readonly number: string };
  readonly location: string;
  readonly serviceAccountEmail: string;
  /** The main container, which serves the port if there is one, and then its sidecars. They share one network. */
  readonly containers: readonly [ContainerSpec, ...ContainerSpec[]];
  readonly volumes: readonly VolumeSpec[];
  /** Variables of the container contract, for example K_SERVICE or CLOUD_RUN_TASK_INDEX; nothing overrides them. */
  readonly contractEnv: Readonly<Record<string, string>>;
  /** True: more CPU while the instance starts and for 10 s after (Cloud Run's startup CPU boost). */
  readonly startupCpuBoost: boolean;
  /** The monitored resource that log entries and metrics are about, with all of its labels. */
  readonly monitoredResource: { readonly type: string; readonly labels: Readonly<Record<string, string>> };
  /** Labels that go onto every log entry, e.g. { "goog-managed-by": "cloudfunctions" }. */
  readonly logLabels: Readonly<Record<string, string>>;
}

export interface ContainerSpec {
  /** Unique in the instance; "" where there is only one and nobody named it. */
  readonly name: string;
  /** Digest reference of the image: HOST/PATH@sha256:HEX. */
  readonly image: string;
  /** Overrides of the image's entrypoint and command, when given. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** Replaces the image's working directory, when given and not empty. */
  readonly workingDir?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Variables whose values are read from secrets when the instance starts. */
  readonly secretEnv: Readonly<Record<string, SecretVersionReference>>;
  readonly limits: { readonly memoryBytes: number; readonly cpus: number };
  readonly mounts: readonly VolumeMount[];
  /** Containers that must have started, and passed their startup probe if they have one, before this one starts. */
  readonly dependsOn: readonly string[];
  /** Absent: the container counts as started once its process runs. */
  readonly startupProbe?: ProbeSpec;
  readonly livenessProbe?: ProbeSpec;
  readonly readinessProbe?: ProbeSpec;
}

export interface ProbeSpec {
  readonly kind: "tcp" | "http" | "grpc";
  readonly port: number;
  /** Path of an HTTP probe, service name of a gRPC probe. */
  readonly path: string;
  /** Header fields of an HTTP probe, in order. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly initialDelaySeconds: number;
  readonly timeoutSeconds: number;
  readonly periodSeconds: number;
  /** Failures in a row that make the probe fail. */
  readonly failureThreshold: number;
  /** Successes in a row that make a failed readiness probe pass again. */
  readonly successThreshold: number;
}

/** A version of a secret; `version` is a number, an alias or "latest". */
export interface SecretVersionReference {
  /** Id or number of the project. */
  readonly project: string;
  readonly secret: string;
  readonly version: string;
}

/** A folder that containers of the instance may mount. */
export type VolumeSpec =
  | { readonly kind: "memory"; readonly name: string; /** Absent: half of the memory. */ readonly sizeBytes?: number }
  | { readonly kind: "disk"; readonly name: string; readonly sizeBytes?: number }
  | SecretVolume
  | BucketVolume;

export interface SecretVolume {
  readonly kind: "secret";
  readonly name: string;
  readonly project: string;
  readonly secret: string;
  /** Files; empty: one file named as the secret with its latest version. */
  readonly items: readonly { readonly path: string; readonly version: string; readonly mode?: number }[];
  /** Permission bits of files that name none. */
  readonly defaultMode: number;
}

export interface BucketVolume {
  readonly kind: "bucket";
  readonly name: string;
  readonly bucket: string;
  readonly readOnly: boolean;
  /** Options of Cloud Storage FUSE, as given: "only-dir=a/b", "implicit-dirs", "uid=1000". */
  readonly mountOptions: readonly string[];
}

export interface VolumeMount {
  readonly volume: string;
  /** Absolute path in the container. */
  readonly path: string;
  /** Path below the volume's root; absent: the root. */
  readonly subPath?: string;
}

/** The digest references of all containers, which tell whether an instance runs what a spec asks for. */
export function imagesOf({ containers }: Pick<WorkloadSpec, "containers">): string {
  return containers.map(({ image }) => image).join(" ");
}
