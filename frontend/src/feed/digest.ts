/** The running digest that server and page both keep: equal digests mean equal facts in equal order. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

export const GENESIS_DIGEST = "0".repeat(32);

const encoder = new TextEncoder();
const DATA_KEY = '"data":';

/** Return the digest after one more fact. `dataJson` is the text as received, not re-serialised. */
export function chain(
  digest: string,
  fact: { seq: number; kind: string; id: string; at: string },
  dataJson: string,
): string {
  const line = `${digest}\n${fact.seq}\n${fact.kind}\n${fact.id}\n${fact.at}\n${dataJson}`;
  return bytesToHex(sha256(encoder.encode(line))).slice(0, 32);
}

/** The body of a fact frame exactly as the server wrote it: a fact frame ends with `"data":<body>}`. */
export function rawData(frame: string): string {
  const start = frame.indexOf(DATA_KEY);
  return start < 0 ? "" : frame.slice(start + DATA_KEY.length, frame.lastIndexOf("}"));
}
