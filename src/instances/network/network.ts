/** One bridge per data folder, with prepared network namespaces that instances and builds lease. */
export interface Networks extends AsyncDisposable {
  /** Address of the host on the bridge; the server binds what instances may reach on it, on any free port. */
  readonly gateway: string;
  /** The subnet of the bridge in CIDR form, for example "10.171.4.0/22". */
  readonly subnet: string;
  /** Makes the well-known addresses lead to ports bound on the gateway address; replaces what was set before. */
  setServices(ports: ServicePorts): Promise<void>;
  /** Hands out a namespace that no one used before. Rejects with NetworkError when no address is left. */
  acquire(options?: { readonly egress?: Egress }): Promise<NetworkLease>;
}

/** "all": everything outside the host, and the services; "none": the services only. */
export type Egress = "all" | "none";

/** Ports on the gateway address that answer for well-known addresses; a port not given is closed to instances. */
export interface ServicePorts {
  /** Answers 169.254.169.254:80 (TCP). */
  readonly metadata?: number;
  /** Answers GATEWAY:53 (UDP and TCP, the same number for both). */
  readonly dns?: number;
  /** Answers GATEWAY:443 (TCP). */
  readonly https?: number;
  /** Answers GATEWAY:80 (TCP). */
  readonly http?: number;
}

/** A namespace of one sandbox. Disposing destroys it; it is never handed out again. */
export interface NetworkLease extends AsyncDisposable {
  /** Path for SandboxSpec.network. */
  readonly namespacePath: string;
  /** The sandbox's address; the host reaches it, other sandboxes do not. */
  readonly address: string;
  readonly gateway: string;
}

/** The host's network could not be set up, or no address is left. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}
