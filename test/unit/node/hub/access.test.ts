import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { inspect } from "node:util";
import { hasCode, TunesmithError } from "../../../../extension/base/errors";
import { hubModel, type HubModel } from "../../../../extension/node/hub/hubModel";
import type { HubOptions } from "../../../../extension/node/hub/settings";
import { temporaryFolder } from "../../../support/cleanup";
import type { LoggedRequest } from "../../../support/hub/exchange";
import { GOOD_TOKEN, HubServer, POOR_TOKEN } from "../../../support/hub/hubServer";

const MODEL = { "config.json": "{}", "model.safetensors": new Uint8Array(200_000) };

let server: HubServer;
let home: string;
before(async () => {
  server = await HubServer.start();
  server.push("org/open", MODEL);
  server.push("org/gated", MODEL, { gated: true });
  server.push("org/private", MODEL, { private: true });
});
after(() => server.close());
beforeEach(() => {
  server.reset();
  home = temporaryFolder("hub");
});

const open = (id: string, options: HubOptions = {}): Promise<HubModel> =>
  hubModel(id, { ...options, retry: { basePauseMs: 1, attempts: 3, ...options.retry }, environment: { HF_HOME: home, HF_ENDPOINT: server.endpoint, ...options.environment } });
const readConfig = async (id: string, options: HubOptions = {}): Promise<unknown> => (await open(id, options)).folder.read("config.json");
const readWeights = async (id: string, options: HubOptions = {}): Promise<number | undefined> => {
  const access = await (await open(id, options)).files.open("model.safetensors");
  const count = await access?.read(100_000, new Uint8Array(100));
  await access?.close();
  return count;
};
const thrownBy = async (work: Promise<unknown>): Promise<unknown> => await work.then(() => assert.fail("Nothing was thrown."), (error: unknown) => error);

describe("what the hub refuses", () => {
  const cases: readonly (readonly [string, () => Promise<unknown>, string, RegExp])[] = [
    ["a repository that is not there", () => readConfig("org/nothing"), "hub-no-such-repository", /org\/nothing, or it is private.*spelling.*HF_TOKEN/],
    ["the same, with a token", () => readConfig("org/nothing", { token: POOR_TOKEN }), "hub-no-such-repository", /org\/nothing.*account that may read it/],
    ["a private repository", () => readConfig("org/private"), "hub-no-such-repository", /hf auth login/],
    ["a gated repository", () => readConfig("org/gated"), "hub-gated", /org\/gated is given only.*http:.*\/org\/gated.*hf auth login/],
    ["a gated repository that the account has no access to", () => readConfig("org/gated", { token: POOR_TOKEN }), "hub-gated", /account/],
    ["a gated repository, in the editor", () => readConfig("org/gated", { environment: { TUNESMITH_EDITOR: "1" } }), "hub-gated", /accept them there, then enter an access token, which 'Tunesmith: Select Model…'/],
    ["weights of a gated repository", () => readWeights("org/gated"), "hub-gated", /terms/],
    ["a wrong token", () => readConfig("org/open", { token: "hf_wrong" }), "hub-unauthorized", /wrong, expired or revoked.*hf auth login/],
    ["a revision that is not there", () => readConfig("org/open@nope"), "hub-no-such-revision", /org\/open has no branch, tag or commit 'nope'/],
    ["a commit that is not there", () => readConfig(`org/open@${"0".repeat(40)}`), "hub-no-such-revision", /0000/],
    ["what is no id", () => readConfig("open"), "hub-bad-id", /owner\/name/],
    ["a revision that is none", () => readConfig("org/open", { revision: "a b" }), "hub-bad-id", /owner\/name/],
  ];
  for (const [name, run, code, message] of cases) {
    it(name, async () => {
      const error = await thrownBy(run());
      assert.ok(error instanceof TunesmithError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
  }

  it("a file that is not there is no error", async () => {
    assert.equal(await (await open("org/open")).folder.read("tokenizer.json"), undefined);
    assert.equal(await (await open("org/open")).files.open("model.gguf"), undefined);
  });

  it("a repository without any text of a model says so", async () => {
    server.push("org/pictures", { "cat.png": "x" });
    await assert.rejects((await open("org/pictures")).download(), (error) => hasCode(error, "not-a-model"));
  });
});

describe("answers of servers that are out of order, or no hub", () => {
  const statuses: readonly (readonly [number, string, RegExp])[] = [
    [400, "hub-bad-answer", /400.*HF_ENDPOINT/],
    [403, "hub-forbidden", /403.*licence/],
    [418, "hub-bad-answer", /418/],
    [429, "hub-rate-limited", /too many requests.*Try again in 0 s/],
    [500, "hub-unavailable", /failed \(500\).*status\.huggingface\.co/],
    [502, "hub-unavailable", /502/],
    [504, "hub-unavailable", /504/],
  ];
  for (const [status, code, message] of statuses) {
    it(`${status} from the hub`, async () => {
      server.fault({ kind: "status", status, headers: { "retry-after": "0" } }, () => true, 100);
      const error = await thrownBy(readConfig("org/open"));
      assert.ok(error instanceof TunesmithError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.equal(server.requests.length, ["hub-rate-limited", "hub-unavailable"].includes(code) ? 3 : 1);
    });
  }

  const bodies: readonly (readonly [string, string, Record<string, string>])[] = [
    ["a page of a proxy", "<html>Log in</html>", {}],
    ["JSON of something else", '{"hello": 1}', { "content-type": "application/json" }],
    ["null", "null", { "content-type": "application/json" }],
    ["nothing", "", {}],
    ["a commit that is none", '{"sha": "../../x", "_id": "1", "siblings": []}', { "content-type": "application/json" }],
  ];
  for (const [name, body, headers] of bodies) {
    it(`${name} in place of the commit`, async () => {
      server.fault({ kind: "body", body, headers }, ({ url }) => url.includes("/revision/"));
      await assert.rejects(open("org/open"), (error) => hasCode(error, "hub-bad-answer"));
    });
    it(`${name} in place of the list`, async () => {
      server.fault({ kind: "body", body, headers }, ({ url }) => url.includes("/tree/"));
      await assert.rejects(readConfig("org/open"), (error) => hasCode(error, "hub-bad-answer"));
    });
  }

  it("an address where there is no hub", async () => {
    server.fault({ kind: "status", status: 404 }, () => true, 100);
    await assert.rejects(open("org/open"), (error: Error) => hasCode(error, "hub-no-such-repository") && error.message.includes('HF_ENDPOINT'));
  });

  it("a circle of redirects", async () => {
    const circle = ({ url }: LoggedRequest): boolean => url.includes("/resolve");
    server.fault({ kind: "status", status: 302, headers: { location: "/org/open/resolve/main/config.json" } }, circle, 100);
    await assert.rejects(readConfig("org/open"), (error) => hasCode(error, "hub-bad-answer"));
    assert.ok(server.requests.length < 20);
  });

  for (const location of ["ftp://127.0.0.1/x", "file:///etc/passwd", "javascript:alert(1)", "http://"]) {
    it(`a redirect to ${location}`, async () => {
      server.fault({ kind: "status", status: 302, headers: { location } }, ({ url }) => url.includes("/resolve"), 100);
      await assert.rejects(readConfig("org/open"), (error) => hasCode(error, "hub-bad-answer"));
    });
  }
});

describe("servers that do not answer", () => {
  it("a refused connection", async () => {
    const gone = await HubServer.start();
    const { endpoint } = gone;
    await gone.close();
    await assert.rejects(open("org/open", { endpoint }), (error: Error) => hasCode(error, "hub-unreachable") && /cannot be reached \(ECONNREFUSED\).*HF_HUB_OFFLINE/.test(error.message));
  });

  it("a name that nobody has", async () => {
    await assert.rejects(open("org/open", { endpoint: "http://hub.invalid" }), (error: Error) => hasCode(error, "hub-unreachable") && error.message.includes("hub.invalid"));
  });

  it("no TLS where it should be", async () => {
    const endpoint = server.endpoint.replace("http:", "https:");
    await assert.rejects(open("org/open", { endpoint }), (error: Error) => hasCode(error, "hub-tls") && error.message.includes('NODE_EXTRA_CA_CERTS'));
  });

  it("silence", async () => {
    server.fault({ kind: "hang" }, () => true, 100);
    await assert.rejects(open("org/open", { retry: { silenceMs: 50 } }), (error: Error) => hasCode(error, "hub-unreachable") && error.message.includes('said nothing'));
    assert.equal(server.requests.length, 3);
  });
});

describe("the access token", () => {
  const tokens = (which: "hub" | "storage"): readonly (string | undefined)[] => [...new Set(server.requests.filter((request) => request.server === which).map(({ authorization }) => authorization))];

  it("goes to the hub with every request, and never to the storage", async () => {
    assert.ok((await readConfig("org/private", { token: GOOD_TOKEN })) instanceof Uint8Array);
    assert.equal(await readWeights("org/gated", { environment: { HF_TOKEN: GOOD_TOKEN } }), 100);
    server.expireLinks();
    server.fault({ kind: "drop", afterBytes: 10 }, (request) => request.server === "storage");
    assert.equal(await readWeights("org/private", { token: GOOD_TOKEN }), 100);
    assert.deepEqual(tokens("hub"), [`Bearer ${GOOD_TOKEN}`]);
    assert.deepEqual(tokens("storage"), [undefined]);
    assert.ok(!server.requests.some(({ url, headers, server: which }) => which === "storage" && (url.includes(GOOD_TOKEN) || JSON.stringify(headers).includes(GOOD_TOKEN))));
  });

  it("does not go where a page of a list sends us", async () => {
    const elsewhere: (string | undefined)[] = [];
    const stranger = createServer((request, response) => {
      elsewhere.push(request.headers.authorization);
      response.setHeader("content-type", "application/json").end("[]");
    });
    await new Promise<void>((done) => stranger.listen(0, "127.0.0.1", done));
    const next = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/next`;
    server.fault({ kind: "body", body: "[]", headers: { "content-type": "application/json", link: `<${next}>; rel="next"` } }, ({ url }) => url.includes("/tree/"));
    assert.deepEqual(await (await open("org/open", { token: GOOD_TOKEN })).files.list(), []);
    assert.deepEqual(elsewhere, [undefined]);
    stranger.closeAllConnections();
    await new Promise((done) => stranger.close(done));
  });

  it("is none where none is set", async () => {
    await readWeights("org/open");
    assert.deepEqual(tokens("hub"), [undefined]);
  });

  it("may be of another kind than the hub's own", async () => {
    server.fault({ kind: "status", status: 500 }, () => true, 100);
    await thrownBy(open("org/open", { token: "enterprise.token-1" }));
    assert.deepEqual(tokens("hub"), ["Bearer enterprise.token-1"]);
  });

  it("is in no error and in nothing that is written", async () => {
    const failures = [
      () => readConfig("org/gated", { token: POOR_TOKEN }),
      () => readConfig("org/open", { token: "hf_wrongSecret" }),
      () => readConfig("org/nothing", { token: POOR_TOKEN }),
      () => open("org/open", { token: POOR_TOKEN, endpoint: "http://hub.invalid" }),
      () => open("org/open", { token: "hf_wrongSecret", endpoint: server.endpoint.replace("http:", "https:") }),
    ];
    for (const fail of failures) assert.doesNotMatch(inspect(await thrownBy(fail()), { depth: 10, showHidden: true }), /hf_wrongSecret|hf_poor/);
    const model = await open("org/open", { token: GOOD_TOKEN });
    await model.download();
    assert.ok(!inspect(model, { depth: 10, showHidden: true }).includes(GOOD_TOKEN));
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.ok(files.length >= 3);
    for (const { parentPath, name } of files) assert.ok(!readFileSync(path.join(parentPath, name)).includes("hf_"), name);
  });
});
