/** The parts of a secret's name, as templates give it. */
export interface SecretName {
  /** Id or number of the secret's project; absent: the template's own one. */
  readonly project?: string;
  readonly secret: string;
}

const ID = /^[A-Za-z0-9_-]{1,255}$/;
const FULL = /^projects\/([^/]+)\/secrets\/([A-Za-z0-9_-]{1,255})$/;

/** Parses "SECRET" or "projects/PROJECT/secrets/SECRET"; undefined for anything else. Google: k8s.min.proto. */
export function parseSecretName(name: string): SecretName | undefined {
  if (ID.test(name)) return { secret: name };
  const [, project, secret] = FULL.exec(name) ?? [];
  return secret === undefined ? undefined : { project: project!, secret };
}
