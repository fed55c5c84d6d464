/** Reads the binary messages of the stream "tiles": id (20 bytes), epoch ms (float64), length (uint32), JPEG; again. */
export interface Tile {
  id: string;
  /** When the picture reached the server, epoch milliseconds of its clock. */
  atMs: number;
  jpeg: Uint8Array<ArrayBuffer>;
}

const ID_BYTES = 20;
const HEAD_BYTES = ID_BYTES + 8 + 4;

/** Pictures of one message, in its order. A message that breaks off gives those that are whole. */
export function tilesOf(message: ArrayBuffer): Tile[] {
  const view = new DataView(message);
  const tiles: Tile[] = [];
  let at = 0;
  while (at + HEAD_BYTES <= message.byteLength) {
    let id = "";
    for (let index = at; index < at + ID_BYTES; index += 1) {
      const code = view.getUint8(index);
      if (code !== 0) id += String.fromCharCode(code);
    }
    const start = at + HEAD_BYTES;
    const end = start + view.getUint32(at + ID_BYTES + 8);
    if (end > message.byteLength) break;
    tiles.push({ id, atMs: view.getFloat64(at + ID_BYTES), jpeg: new Uint8Array(message, start, end - start) });
    at = end;
  }
  return tiles;
}
