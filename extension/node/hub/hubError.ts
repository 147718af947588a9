import { codeOf, messageOf, TunesmithError } from "../../base/errors";

/**
 * What went wrong between us and the hub. Codes: `hub-unauthorized`, `hub-gated`, `hub-forbidden`,
 * `hub-no-such-repository`, `hub-no-such-revision`, `hub-no-such-file`, `hub-rate-limited`, `hub-unavailable`,
 * `hub-unreachable`, `hub-tls`, `hub-link-expired`, `hub-bad-range`, `hub-no-ranges`, `hub-changed`, `hub-corrupt`,
 * `hub-no-answer` (the server does not know this part of the hub's interface), `hub-bad-answer`.
 */
export class HubError extends TunesmithError {
  /** Whether the same request may succeed a little later. */
  readonly transient: boolean;
  /** The pause that the server asks for. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options: { readonly transient?: boolean; readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {}) {
    super(code, message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "HubError";
    this.transient = options.transient ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** What was asked for, for messages. */
export interface Subject {
  readonly repository: string;
  readonly revision?: string;
  readonly file?: string;
}

function nameOf({ repository, file }: Subject): string {
  return file === undefined ? repository : `${file} of ${repository}`;
}

/** An answer that is no success. */
export interface Refusal {
  readonly status: number;
  /** `X-Error-Code` of the hub: RepoNotFound, RevisionNotFound, EntryNotFound, GatedRepo. */
  readonly reason: string | undefined;
  /** `X-Error-Message`, in the server's words. */
  readonly words: string | undefined;
  /** Whether the hub itself answered, or the storage that it sent us to. */
  readonly byHub: boolean;
  readonly endpoint: string;
  readonly withToken: boolean;
  /** Whether the editor tells it, which asks for tokens itself. */
  readonly inEditor: boolean;
  readonly retryAfterMs: number | undefined;
}

const LOG_IN = "log in with 'hf auth login' or set HF_TOKEN";
const ENTER_TOKEN = "enter an access token, which 'Tunesmith: Select Model…' asks for when a model of the hub is refused";

/** What a storage answers when the address that the hub gave has run out, or is not its own any more. */
const LINK_GONE = new Set([400, 401, 403, 404, 410]);

/** The error that an answer stands for, in words that say what to do. */
export function refusalError(refusal: Refusal, subject: Subject): HubError {
  const { status, byHub, retryAfterMs } = refusal;
  const name = nameOf(subject);
  if (status === 429) return rateLimited(name, retryAfterMs);
  if (status >= 500 || status === 408) {
    return new HubError("hub-unavailable", `The server failed (${status}) when asked for ${name}. Try again later; https://status.huggingface.co tells of outages.`, {
      transient: true,
      retryAfterMs,
    });
  }
  if (status === 412) return changed(subject);
  if (status === 416) return new HubError("hub-bad-range", `The server has no such part of ${name} (416). The file changed, or a proxy spoils it; try again, or download the repository.`);
  if (!byHub && LINK_GONE.has(status)) {
    return new HubError("hub-link-expired", `The storage behind the hub refused the address that the hub gave for ${name} (${status}). Check this computer's clock and its proxy.`, {
      transient: true,
    });
  }
  return accessError(refusal, subject) ?? new HubError("hub-bad-answer", `The server answered ${status} when asked for ${name}${said(refusal)}. Check HF_ENDPOINT and the proxy.`);
}

function rateLimited(name: string, retryAfterMs: number | undefined): HubError {
  const when = retryAfterMs === undefined ? "later" : `in ${Math.ceil(retryAfterMs / 1000)} s`;
  return new HubError("hub-rate-limited", `The hub has had too many requests from here (429) and refused ${name}. Try again ${when}; with an access token the limit is higher.`, {
    transient: true,
    retryAfterMs,
  });
}

function accessError(refusal: Refusal, subject: Subject): HubError | undefined {
  const { status, reason, withToken, endpoint } = refusal;
  const logIn = refusal.inEditor ? ENTER_TOKEN : LOG_IN;
  const { repository, revision, file } = subject;
  const page = `${endpoint}/${repository}`;
  if (reason === "GatedRepo") {
    const access = withToken ? "ask for access there with the account of your token, or use a token of an account that has it" : `accept them there, then ${logIn}`;
    return new HubError("hub-gated", `${repository} is given only to people who accepted its terms at ${page}: ${access}.`);
  }
  if (reason === "RevisionNotFound") {
    return new HubError("hub-no-such-revision", `${repository} has no branch, tag or commit '${revision ?? "main"}'. Its revisions are listed at ${page}/commits.`);
  }
  if (reason === "EntryNotFound") return new HubError("hub-no-such-file", `${repository} has no file ${file ?? ""} at '${revision ?? "main"}'.`);
  if (reason === "RepoNotFound" || (status === 401 && !withToken)) {
    // The hub says the same of a repository that does not exist and of a private one.
    const privateOne = withToken ? "use a token of an account that may read it" : logIn;
    return new HubError("hub-no-such-repository", `The hub has no model ${repository}, or it is private. Check the spelling; if it is private, ${privateOne}.`);
  }
  if (status === 401) return new HubError("hub-unauthorized", `The hub refused the access token (401): it is wrong, expired or revoked. To replace it, ${logIn}.`);
  if (status === 403) {
    return new HubError("hub-forbidden", `The hub does not let you read ${nameOf(subject)} (403${said(refusal)}). Accept its licence at ${page}, and check what your token permits.`);
  }
  if (status === 404) return new HubError("hub-no-answer", `${endpoint} has nothing at the place of ${nameOf(subject)} (404). Check the id, and HF_ENDPOINT if it is set.`);
  return undefined;
}

const MAX_QUOTED_LENGTH = 200;

function said({ words }: Refusal): string {
  const text = words?.replaceAll(/[\0-\x1f\x7f]+/g, " ").trim();
  return text ? `: ${text.slice(0, MAX_QUOTED_LENGTH)}` : "";
}

/** The file is not what it was when it was opened. */
export function changed(subject: Subject): HubError {
  return new HubError("hub-changed", `${nameOf(subject)} changed on the server while it was read. Open the model again.`);
}

/** The server hung up, or sent less than it promised. */
export function cutShort(subject: Subject, reason = "it sent less than it promised", cause?: unknown): HubError {
  return new HubError("hub-unreachable", `The server broke off while ${nameOf(subject)} was read (${reason}). Check the network, then try again.`, { transient: true, cause });
}

const NOT_THERE = new Set(["ENOTFOUND", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL"]);
const TLS = /^(?:CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|HOSTNAME_MISMATCH$)/;

/** The error of a request that got no answer. `fetch` hides the reason in `cause`. */
export function networkError(error: unknown, host: string, subject: Subject): HubError {
  const reason = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = codeOf(reason) ?? "";
  if (TLS.test(code)) {
    return new HubError("hub-tls", `There is no safe connection to ${host} (${code}). Check the clock; behind a proxy that opens connections, set NODE_EXTRA_CA_CERTS to its certificate.`, {
      cause: error,
    });
  }
  if (NOT_THERE.has(code) || code === "EAI_AGAIN") {
    return new HubError("hub-unreachable", `${host} cannot be reached (${code}). Check the network and HF_ENDPOINT; HF_HUB_OFFLINE=1 works with what is in the cache.`, {
      transient: !NOT_THERE.has(code),
      cause: error,
    });
  }
  return cutShort(subject, code === "" ? messageOf(reason) : code, error);
}

/** A server that says nothing. */
export function silent(host: string, seconds: number): HubError {
  return new HubError("hub-unreachable", `${host} said nothing for ${seconds} s. Check the network and the proxy, then try again.`, { transient: true });
}

/** What is asked for is not in the cache, and the network must not or cannot be asked. */
export function notCached(subject: Subject): TunesmithError {
  const { repository } = subject;
  return new TunesmithError("hub-offline", `${nameOf(subject)} is not in the cache, and the hub is not asked. Go online once, or run 'hf download ${repository}' elsewhere and copy the cache.`);
}

const DISK_FULL = new Set(["ENOSPC", "EDQUOT"]);

/** An error of the file system while something was put into the cache. */
export function diskError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof TunesmithError || code === undefined) return error;
  if (DISK_FULL.has(code)) {
    return new TunesmithError("disk-full", `The disk is full: ${path} could not be written. Free some space, or set HF_HUB_CACHE to a folder on another disk.`, { cause: error });
  }
  return new TunesmithError("cannot-write", `The cache cannot be written at ${path} (${code}). Set HF_HUB_CACHE to a folder that you may write to.`, { cause: error });
}
