import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { chain, GENESIS_DIGEST, rawData } from "../src/feed/digest.ts";

/** The server's formula, written again with another library. */
function expected(digest: string, seq: number, kind: string, id: string, at: string, data: string): string {
  return createHash("sha256").update(`${digest}\n${seq}\n${kind}\n${id}\n${at}\n${data}`).digest("hex").slice(0, 32);
}

describe("digest chain", () => {
  test("agrees with an independent implementation over many facts, Chinese text included", () => {
    let ours = GENESIS_DIGEST;
    let theirs = GENESIS_DIGEST;
    for (let seq = 1; seq <= 50; seq += 1) {
      const fact = { seq, kind: "prewarning.raised", id: `a${seq}`, at: "2026-11-22T02:32:08.000Z" };
      const data = JSON.stringify({ alert: { place: "镇中心小学 𠮷 “门口”", n: seq } });
      ours = chain(ours, fact, data);
      theirs = expected(theirs, seq, fact.kind, fact.id, fact.at, data);
      expect(ours).toBe(theirs);
    }
  });

  test("the order of facts changes the digest", () => {
    const one = { seq: 1, kind: "k", id: "a", at: "t" };
    const two = { seq: 2, kind: "k", id: "b", at: "t" };
    const forward = chain(chain(GENESIS_DIGEST, one, "{}"), two, "{}");
    expect(chain(chain(GENESIS_DIGEST, two, "{}"), one, "{}")).not.toBe(forward);
  });

  test("the body is cut out of the frame exactly as written, spaces and number forms kept", () => {
    const body = '{"alert":{"score":0.90,"note":"say \\"data\\": no", "x":1e3}}';
    const frame = `{"type":"fact","seq":3,"prev":2,"kind":"k","id":"a","at":"t","by":{"id":"u","name":"\\"data\\":"},"area":"3","data":${body}}`;
    expect(rawData(frame)).toBe(body);
    expect(JSON.parse(frame).data.alert.score).toBe(0.9);
  });
});
