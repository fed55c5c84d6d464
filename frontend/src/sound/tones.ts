/** Alarm tones by level, made by the browser itself: the graver, the higher, the more and the sooner again. */
import type { Level } from "../feed/types.ts";

interface Tone {
  hz: number[];
  gapS: number;
  againMs: number;
}

export const TONES: Record<Level, Tone> = {
  1: { hz: [988, 1319, 988, 1319], gapS: 0.14, againMs: 2500 },
  2: { hz: [880, 1175, 880], gapS: 0.18, againMs: 4000 },
  3: { hz: [659, 880], gapS: 0.22, againMs: 8000 },
  4: { hz: [523], gapS: 0.3, againMs: 15_000 },
};

export class Siren {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private level: Level | null = null;

  constructor(private readonly onArmed: (armed: boolean) => void) {}

  /** Browsers allow sound only after a gesture (or by policy on a wall): try, and tell whether it worked. */
  async arm(): Promise<void> {
    this.context ??= new AudioContext();
    this.context.onstatechange = () => this.onArmed(this.context?.state === "running");
    // A context without permission answers late or never; the state change tells in any case.
    void this.context.resume().catch(() => undefined);
    this.onArmed(this.context.state === "running");
  }

  /** Sound this level again and again until told otherwise; null is quiet. */
  call(level: Level | null): void {
    if (level === this.level) return;
    this.level = level;
    clearTimeout(this.timer);
    if (level !== null) this.repeat();
  }

  stop(): void {
    this.call(null);
    void this.context?.close().catch(() => undefined);
    this.context = null;
  }

  private repeat(): void {
    if (this.level === null) return;
    const tone = TONES[this.level];
    this.play(tone);
    this.timer = setTimeout(() => this.repeat(), tone.againMs);
  }

  private play({ hz, gapS }: Tone): void {
    const { context } = this;
    if (context?.state !== "running") return;
    hz.forEach((frequency, index) => {
      const begin = context.currentTime + index * gapS;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.type = "triangle";
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0, begin);
      volume.gain.linearRampToValueAtTime(0.28, begin + 0.015);
      volume.gain.exponentialRampToValueAtTime(0.001, begin + gapS * 0.92);
      tone.connect(volume).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + gapS);
    });
  }
}
