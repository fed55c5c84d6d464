/** Places for labels so that none hides another: the first free place of a few, else none. */
import type { Box } from "./brush.ts";

const overlaps = (a: Box, b: Box) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

export class Places {
  private readonly taken: Box[] = [];

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {}

  take(box: Box): void {
    this.taken.push(box);
  }

  private free(box: Box): boolean {
    if (box.x < 4 || box.y < 4 || box.x + box.w > this.width - 4 || box.y + box.h > this.height - 4) return false;
    return !this.taken.some((other) => overlaps(box, other));
  }

  /** Take the first box that is free. `must` takes the first one in any case. */
  first(boxes: Box[], must = false): Box | null {
    const box = boxes.find((candidate) => this.free(candidate)) ?? (must ? boxes[0] : undefined);
    if (!box) return null;
    this.take(box);
    return box;
  }
}

/** Boxes of a label beside a sign: right, left, above, below. */
export function around(x: number, y: number, w: number, h: number, gap: number): Box[] {
  return [
    { x: x + gap, y: y - h / 2, w, h },
    { x: x - gap - w, y: y - h / 2, w, h },
    { x: x - w / 2, y: y - gap - h, w, h },
    { x: x - w / 2, y: y + gap, w, h },
    { x: x + gap, y: y - gap - h, w, h },
    { x: x + gap, y: y + gap, w, h },
    { x: x - gap - w, y: y + gap, w, h },
    { x: x - gap - w, y: y - gap - h, w, h },
  ];
}
