/** The page's end of the tile worker: asks for a few things at once, newest wishes first. */
import type { Basemap } from "../../feed/types.ts";
import type { MapTheme } from "../theme.ts";
import type { Draw, FromTiles, Named, ReadNames, ToTiles } from "./protocol.ts";

const AT_ONCE = 4;
/** What failed is asked for again no sooner. */
const RETRY_MS = 15_000;

/** Pictures drawn for paper are turned around for a dark wall, colours kept; photographs are dimmed. */
function filterOf(basemap: Basemap, theme: MapTheme): string {
  if (basemap.kind !== "pictures" || !theme.dark) return "";
  if (basemap.tone === "light") return "invert(1) hue-rotate(180deg) saturate(0.6) brightness(0.72)";
  return basemap.tone === "photo" ? "saturate(0.6) brightness(0.55)" : "";
}

/** What is asked for first: tiles in view, then their names, then tiles around. */
interface Wishes {
  seen: (Draw | ReadNames)[];
  names: (Draw | ReadNames)[];
  near: (Draw | ReadNames)[];
}

export class TileClient {
  onDrawn: (key: string, px: number, picture: ImageBitmap | null) => void = () => {};
  onNamed: (key: string, names: Named[]) => void = () => {};
  private readonly worker: Worker;
  private readonly asked = new Set<string>();
  private readonly failed = new Map<string, number>();
  private readonly wishes: Wishes = { seen: [], names: [], near: [] };

  constructor(
    readonly basemap: Basemap,
    theme: MapTheme,
  ) {
    this.worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.worker.addEventListener("message", ({ data }: MessageEvent<FromTiles>) => this.take(data));
    this.say({
      kind: "start",
      vector: basemap.kind === "vector",
      version: basemap.version,
      maxZoom: basemap.max_zoom,
      colours: theme.base,
      filter: filterOf(basemap, theme),
      tint: theme.dark && basemap.tone === "light" ? theme.land : "",
    });
  }

  destroy(): void {
    this.worker.terminate();
  }

  /** Replace the wishes of one order by these, the most wanted first. */
  wish(order: keyof Wishes, wishes: (Draw | ReadNames)[]): void {
    this.wishes[order] = wishes;
    this.next();
  }

  private say(message: ToTiles): void {
    this.worker.postMessage(message);
  }

  private id(kind: string, key: string): string {
    return `${kind} ${key}`;
  }

  private next(): void {
    const now = performance.now();
    for (const list of Object.values(this.wishes) as (Draw | ReadNames)[][]) {
      for (let i = 0; i < list.length && this.asked.size < AT_ONCE; ) {
        const wish = list[i];
        if (!wish) return;
        const id = this.id(wish.kind, wish.key);
        if (this.asked.has(id) || (this.failed.get(id) ?? 0) > now) {
          i++;
          continue;
        }
        list.splice(i, 1);
        this.asked.add(id);
        this.say(wish);
      }
    }
  }

  private take(message: FromTiles): void {
    const kind = message.kind === "drawn" || (message.kind === "failed" && !message.names) ? "draw" : "names";
    const id = this.id(kind, message.key);
    this.asked.delete(id);
    if (message.kind === "failed") this.failed.set(id, performance.now() + RETRY_MS);
    else if (message.kind === "drawn") this.onDrawn(message.key, message.px, message.picture);
    else this.onNamed(message.key, message.names);
    // Whoever still wants it, at another size perhaps, says so again when he has drawn it.
    for (const list of Object.values(this.wishes) as (Draw | ReadNames)[][]) {
      const again = list.findIndex((wish) => this.id(wish.kind, wish.key) === id);
      if (again >= 0 && message.kind !== "failed") list.splice(again, 1);
    }
    this.next();
  }
}
