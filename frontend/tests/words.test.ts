import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { factKey, isTold, lineOf } from "../src/fold/ticker.ts";
import { en } from "../src/words/en.ts";
import { zh } from "../src/words/zh.ts";
import { makeAlert, makeCase, makeFact } from "./make.ts";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [name, text] of leaves(value, `${prefix}${key}.`)) found.set(name, text);
  }
  return found;
}

const chinese = leaves(zh);
const english = leaves(en as unknown as Tree);
const holes = (text: string | undefined) => [...(text ?? "").matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

const FACTS = `ingest.signal_started ingest.signal_ended patrol.point_added patrol.point_changed patrol.duty_opened
  patrol.team_added patrol.team_changed patrol.need_set patrol.plan_begun patrol.plan_made patrol.plan_failed
  patrol.plan_changed patrol.plan_replaced patrol.plan_published patrol.visited patrol.missed patrol.excused
  patrol.settled patrol.line_added patrol.line_changed patrol.progressed patrol.video_plan_added
  patrol.video_plan_changed patrol.video_round_opened patrol.video_round_begun patrol.video_round_done
  patrol.video_round_missed patrol.video_found prewarning.raised prewarning.repeated prewarning.cleared
  prewarning.grew prewarning.located prewarning.noted prewarning.proposed prewarning.proposal_decided ingest.watch_set
  ingest.sos ingest.device_suspect ingest.device_cleared
  registry.road_closed registry.closure_changed registry.closure_lifted registry.closure_ended
  prewarning.taken prewarning.confirmed prewarning.dismissed response.opened response.resolved
  response.called_back response.archived response.dispatched response.order_accepted response.order_departed
  response.arrival_proposed response.order_arrived response.order_reported response.order_done
  response.order_declined evidence.clip_saved evidence.camera_linked registry.basemap_built`.split(/\s+/);

describe("words", () => {
  test("every kind of fact has a line in both languages", () => {
    for (const kind of FACTS) {
      expect(chinese.has(factKey(kind)), kind).toBe(true);
      expect(english.has(factKey(kind)), kind).toBe(true);
    }
  });

  test("both languages have the same keys with the same holes", () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
    const differing = [...chinese.keys()].filter(
      (key) => `${holes(chinese.get(key))}` !== `${holes(english.get(key))}`,
    );
    expect(differing).toEqual([]);
  });

  test("no text holds a sign that the formatter reads as its own", () => {
    const special = [...chinese, ...english].filter(([, text]) => /[@|]/.test(text));
    expect(special).toEqual([]);
  });

  test("every key that the pages name exists", () => {
    const folder = join(import.meta.dirname, "../src");
    const files = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => /\.(vue|ts)$/.test(name));
    const missing = files.flatMap((name) =>
      [...readFileSync(join(folder, name), "utf8").matchAll(/\bt\("([\w.-]+)"/g)]
        .map((match) => match[1] ?? "")
        .filter((key) => !chinese.has(key))
        .map((key) => `${name}: ${key}`),
    );
    expect(missing).toEqual([]);
  });

  test("a line takes its words from the entities that the fact carries", () => {
    const line = lineOf(makeFact(1, "prewarning.dismissed", { alert: makeAlert({ reason: "animal" }) }));
    expect(line).toMatchObject({ key: "fact.prewarning_dismissed", words: { reason: "reason.animal" } });
    expect(lineOf(makeFact(2, "response.opened", { case: makeCase() })).params).toMatchObject({ title: "人员越界" });
    expect(isTold({ kind: "prewarning.raised" }) && !isTold({ kind: "ingest.signal_started" })).toBe(true);
  });
});
