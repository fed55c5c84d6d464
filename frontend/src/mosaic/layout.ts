/**
 * Where each picture of the mosaic stands: groups are blocks of equal height on shelves, pictures as large as fit.
 * Pure: numbers in, numbers out, all in CSS pixels.
 */
export interface Group {
  key: string;
  ids: readonly string[];
  /** How much larger than the usual its pictures are. */
  scale: number;
  /** Whether it may go on on the next shelf. */
  flows: boolean;
}

export interface Cell {
  id: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Head {
  key: string;
  x: number;
  y: number;
  w: number;
  /** A block that goes on from the shelf before. */
  again: boolean;
}

export interface Arrangement {
  cells: Cell[];
  heads: Head[];
  /** Width of a usual picture. */
  tileW: number;
}

interface Sizes {
  width: number;
  height: number;
  gap: number;
  head: number;
  /** Space between blocks. */
  gutter: number;
}

interface Block {
  group: Group;
  from: number;
  count: number;
  columns: number;
  x: number;
  shelf: number;
  w: number;
  tileW: number;
  tileH: number;
}

const RATIO = 3 / 4;
const SMALLEST_W = 12;
const LARGEST_W = 320;
const MOST_ROWS = 60;

export function arrange(groups: readonly Group[], sizes: Sizes): Arrangement {
  const wanted = groups.filter((group) => group.ids.length > 0);
  if (wanted.length === 0 || sizes.width < 100 || sizes.height < 60) return { cells: [], heads: [], tileW: 0 };
  for (let tileW = LARGEST_W; tileW >= SMALLEST_W; tileW -= 1) {
    for (let rows = MOST_ROWS; rows >= 1; rows -= 1) {
      const blocks = pack(wanted, sizes, tileW, rows);
      if (blocks) return place(blocks, sizes, tileW, rows);
    }
  }
  return { cells: [], heads: [], tileW: 0 };
}

const tileHeight = (tileW: number) => Math.round(tileW * RATIO);
const shelfHeight = (sizes: Sizes, tileW: number, rows: number) => sizes.head + rows * (tileHeight(tileW) + sizes.gap);

/** Blocks on their shelves, or null when they need more shelves than there is room for. */
function pack(groups: readonly Group[], sizes: Sizes, tileW: number, rows: number): Block[] | null {
  const inner = rows * (tileHeight(tileW) + sizes.gap);
  const shelves = Math.floor((sizes.height + sizes.gutter) / (shelfHeight(sizes, tileW, rows) + sizes.gutter));
  const blocks: Block[] = [];
  let x = 0;
  let shelf = 0;
  for (const group of groups) {
    const w = Math.round(tileW * group.scale);
    const h = tileHeight(w);
    const down = Math.floor(inner / (h + sizes.gap));
    if (down < 1 || shelves < 1) return null;
    let from = 0;
    while (from < group.ids.length) {
      const left = Math.ceil((group.ids.length - from) / down);
      const room = Math.floor((sizes.width - x + sizes.gap) / (w + sizes.gap));
      const columns = group.flows ? Math.min(left, room) : left;
      if (columns < 1 || columns > room || (columns < left && room < 4)) {
        if (x === 0) return null;
        x = 0;
        shelf += 1;
        continue;
      }
      if (shelf >= shelves) return null;
      const count = Math.min(group.ids.length - from, columns * down);
      const blockW = columns * (w + sizes.gap) - sizes.gap;
      blocks.push({ group, from, count, columns, x, shelf, w: blockW, tileW: w, tileH: h });
      from += count;
      x += blockW + sizes.gutter;
    }
  }
  return blocks;
}

/** Shelves are spread over the height and blocks over the width, so that no side looks empty. */
function place(blocks: readonly Block[], sizes: Sizes, tileW: number, rows: number): Arrangement {
  const shelves = (blocks.at(-1)?.shelf ?? 0) + 1;
  const height = shelfHeight(sizes, tileW, rows);
  const spareY = (sizes.height - shelves * height) / Math.max(1, shelves - 1);
  const stepY = height + Math.min(spareY, sizes.gutter * 2.5);
  const cells: Cell[] = [];
  const heads: Head[] = [];
  for (const block of blocks) {
    const top = Math.round(block.shelf * stepY);
    const x = Math.round(block.x + spread(blocks, block, sizes));
    heads.push({ key: block.group.key, x, y: top, w: block.w, again: block.from > 0 });
    for (let index = 0; index < block.count; index += 1) {
      const column = index % block.columns;
      const row = Math.floor(index / block.columns);
      cells.push({
        id: block.group.ids[block.from + index] ?? "",
        x: x + column * (block.tileW + sizes.gap),
        y: top + sizes.head + row * (block.tileH + sizes.gap),
        w: block.tileW,
        h: block.tileH,
      });
    }
  }
  return { cells, heads, tileW };
}

/** How far a block moves right so that the blocks of its shelf share what width is left over. */
function spread(blocks: readonly Block[], block: Block, sizes: Sizes): number {
  const shelf = blocks.filter((other) => other.shelf === block.shelf);
  const last = shelf.at(-1);
  if (!last || shelf.length < 2) return 0;
  const spare = Math.min(sizes.width - last.x - last.w, sizes.gutter * 3 * (shelf.length - 1));
  return (spare / (shelf.length - 1)) * shelf.indexOf(block);
}

/** The cell under a point, or null. */
export function cellAt(cells: readonly Cell[], x: number, y: number): Cell | null {
  return cells.find((cell) => x >= cell.x && x < cell.x + cell.w && y >= cell.y && y < cell.y + cell.h) ?? null;
}

/** The cell that lies nearest in a direction, for the arrow keys; the same when there is none. */
export function cellBeside(cells: readonly Cell[], from: Cell, dx: -1 | 0 | 1, dy: -1 | 0 | 1): Cell {
  const middle = (cell: Cell) => ({ x: cell.x + cell.w / 2, y: cell.y + cell.h / 2 });
  const start = middle(from);
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (const cell of cells) {
    const at = middle(cell);
    const along = (at.x - start.x) * dx + (at.y - start.y) * dy;
    const across = Math.abs((at.x - start.x) * dy) + Math.abs((at.y - start.y) * dx);
    const cost = along + across * 4;
    if (along > from.w / 3 && cost < least) {
      best = cell;
      least = cost;
    }
  }
  return best;
}
