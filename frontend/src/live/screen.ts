/** What shows the bytes of a live picture, and what it is told. */

/** What the server says before pictures, and again when the camera changes them. */
export interface Header {
  codec: string;
  width: number;
  height: number;
  started_at?: string;
}

/** Something that shows the bytes of one header. */
export interface Screen {
  push(data: ArrayBuffer): void;
  /** When the shown picture was taken, epoch milliseconds of the server; null when unknown. */
  shownAtMs(): number | null;
  close(): void;
}

export interface ScreenEvents {
  painted(): void;
  /** It cannot go on and must be opened anew. */
  broken(): void;
}
