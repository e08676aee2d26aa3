import { BlockList, isIP } from "node:net";
import { invalidArgument, unsupportedField } from "../../../../wire/errors.ts";

/** Where a repository is, apart from how to get in. */
export interface GitRemote {
  /** Without credentials and without a slash at the end: what logs and .git/config show. */
  readonly url: string;
  /** Value of the Authorization header, from the user and token in the URL. */
  readonly authorization: string | undefined;
}

/** Addresses of this machine's own network card: on clouds that is where machines get their secrets. */
const linkLocal = new BlockList();
linkLocal.addSubnet("169.254.0.0", 16);
linkLocal.addSubnet("fe80::", 10, "ipv6");

/** Whether an address must not be asked for a repository. */
export function isForbiddenAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && linkLocal.check(address, family === 4 ? "ipv4" : "ipv6");
}

/** Reads the http(s) URL of a repository; rejects with INVALID_ARGUMENT that names the field. Other ways are not supported. */
export function parseGitUrl(text: string, field: string): GitRemote {
  const url = URL.parse(text);
  if (/^(?:ssh|git|file|ftps?):/i.test(text) || /^[\w.-]+@[\w.-]+:/.test(text))
    throw unsupportedField(`${field} other than http and https`);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "" || url.search !== "" || url.hash !== "") {
    const description = `invalid repository URL in ${field}`;
    throw invalidArgument(description, [{ field, description }]);
  }
  if (isForbiddenAddress(url.hostname.replaceAll(/[[\]]/g, "")))
    throw unsupportedField(`${field} of a link-local address`);
  const { username, password } = url;
  const isAnonymous = username === "" && password === "";
  const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  url.username = "";
  url.password = "";
  return {
    url: url.href.replace(/\/+$/, ""),
    authorization: isAnonymous ? undefined : `Basic ${Buffer.from(secret).toString("base64")}`,
  };
}

/** The names of a repository as substitutions show them: "hello" and "acme/hello" for https://host/acme/hello.git. */
export function repositoryNames(remote: GitRemote): { name: string; fullName: string } {
  const fullName = decodeURIComponent(new URL(remote.url).pathname)
    .replace(/^\/+/, "")
    .replace(/\.git$/, "");
  return { name: fullName.slice(fullName.lastIndexOf("/") + 1), fullName };
}
