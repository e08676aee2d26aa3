import type { Call } from "../../wire/call.ts";
import type { Surface } from "../../wire/service-module.ts";
import type { OAuth2Deps } from "./deps.ts";
import { ACCOUNT_KEYS_PATH, accountKeys } from "./keys/account-keys.ts";
import { openidConfiguration } from "./keys/openid-configuration.ts";
import { certificates, jwks } from "./keys/token-keys.ts";
import { OAuthError, oauthErrorResponse } from "./oauth-error.ts";
import { revoke } from "./revoke.ts";
import { tokenInfo, tokenInfoV1 } from "./token-info.ts";
import { token } from "./token/token.ts";
import { userInfo, userInfoV1 } from "./user-info.ts";

/** oauth2.googleapis.com itself is known by the module's name; www.googleapis.com leads here by its paths. */
const HOSTS = /^(accounts\.google\.com|openidconnect\.googleapis\.com)$/;

interface Route {
  readonly methods: readonly string[];
  readonly path: RegExp;
  readonly answer: (deps: OAuth2Deps, request: Request, call: Call) => Response | Promise<Response>;
}

const READ = ["GET", "HEAD"];
const READ_OR_POST = ["GET", "POST"];

/** The paths that Google serves, also on older hosts: "/oauth2/v3/certs" comes with and without its first segment. */
const routes: readonly Route[] = [
  { methods: ["POST"], path: /^(\/o\/oauth2|\/oauth2\/v[34]|\/oauth2|\/v[34])?\/token$/, answer: token },
  { methods: READ_OR_POST, path: /^(\/o\/oauth2|\/oauth2)?\/revoke$/, answer: revoke },
  { methods: READ_OR_POST, path: /^((\/oauth2)?\/v3)?\/tokeninfo$/, answer: tokenInfo },
  { methods: READ_OR_POST, path: /^(\/oauth2)?\/v[12]\/tokeninfo$/, answer: tokenInfoV1 },
  { methods: READ_OR_POST, path: /^(\/oauth2)?\/v3\/userinfo$/, answer: userInfo },
  { methods: READ_OR_POST, path: /^(\/oauth2)?\/v[12]\/userinfo$/, answer: answerUserInfo },
  { methods: READ, path: /^(\/oauth2)?\/v3\/certs$/, answer: jwks },
  { methods: READ, path: /^(\/oauth2)?\/v1\/certs$/, answer: certificates },
  { methods: READ, path: /^\/\.well-known\/openid-configuration$/, answer: openidConfiguration },
  { methods: READ, path: ACCOUNT_KEYS_PATH, answer: (deps, request) => accountKeys(deps, pathOf(request)) },
];

/** Everything of OAuth 2 and OpenID Connect that is served; no proto describes it. */
export function oauth2Surface(deps: OAuth2Deps): Surface {
  const find = (path: string, method: string) =>
    routes.find((route) => route.methods.includes(method) && route.path.test(path));
  return {
    hosts: HOSTS,
    matches: (path, method) => find(path, method) !== undefined,
    async fetch(request, call) {
      try {
        return await find(pathOf(request), request.method)!.answer(deps, request, call);
      } catch (thrown) {
        if (thrown instanceof OAuthError) return oauthErrorResponse(thrown);
        throw thrown;
      }
    },
  };
}

/** v1 of openidconnect.googleapis.com is OpenID Connect's own form; v1 of www.googleapis.com is older than that. */
function answerUserInfo(deps: OAuth2Deps, request: Request): Promise<Response> {
  const isOpenid = new URL(request.url).hostname === "openidconnect.googleapis.com";
  return isOpenid ? userInfo(deps, request) : userInfoV1(deps, request);
}

function pathOf(request: Request): string {
  return new URL(request.url).pathname;
}
