/** The roads on a page with a map: what is closed, the closing of another, and the rings of who can be sent. */
import { computed, ref } from "vue";
import { api } from "../feed/api.ts";
import type { Closure, ClosureDraft } from "../feed/types.ts";
import { closedNow, closuresNow } from "../fold/closures.ts";
import type { Pick, Scene } from "../wall/scene.ts";
import { useClosureDrawing } from "./closureDrawing.ts";
import { useCommand } from "./command.ts";
import { useHall } from "./hall.ts";
import { useRings } from "./rings.ts";

export function useRoads() {
  const hall = useHall();
  const drawing = useClosureDrawing();
  const closing = useCommand();
  const changing = useCommand();
  const listed = ref(false);
  const selectedId = ref<string | null>(null);
  const closures = computed(() => closuresNow(hall.state, hall.now));
  const closed = computed(() => closedNow(hall.state, hall.now));
  const rings = useRings(closed);
  const placing = computed(() => drawing.active.value && !drawing.ended.value);

  /** A scene with what belongs to the roads. */
  const dress = (scene: Scene): Scene => ({
    ...scene,
    closures: scene.closures.map((one) => ({ ...one, selected: one.id === selectedId.value })),
    rings: rings.marks.value,
    drawn: drawing.active.value
      ? { shape: drawing.shape.value, corners: drawing.corners.value, closes: drawing.preview.value?.lines ?? [] }
      : null,
  });

  function draw(): void {
    closing.error.value = "";
    drawing.start();
  }
  async function close(draft: ClosureDraft): Promise<void> {
    const made = await closing.run(() => api.closeRoad(draft));
    if (!made) return;
    hall.take({ closure: made });
    drawing.stop();
    selectedId.value = made.id;
    listed.value = true;
  }
  async function lift(one: Closure): Promise<void> {
    const lifted = await changing.run(() => api.liftClosure(one.id, one.version));
    if (lifted) hall.take({ closure: lifted });
  }
  async function changeEnd(one: Closure, endsAt: string | null): Promise<void> {
    const changed = await changing.run(() => api.changeClosure(one.id, { version: one.version, ends_at: endsAt }));
    if (changed) hall.take({ closure: changed });
  }
  /** Whether a pick on the map was for the roads. */
  function pick(next: Pick): boolean {
    if (next.kind === "closure") {
      selectedId.value = next.id;
      listed.value = true;
      return true;
    }
    if (next.kind !== "unit" || !rings.on.value) return false;
    rings.choice.value = { person_id: next.id };
    return true;
  }

  return {
    closures,
    closed,
    drawing,
    closing,
    changing,
    rings,
    listed,
    selectedId,
    placing,
    dress,
    draw,
    close,
    lift,
    changeEnd,
    pick,
  };
}

export type Roads = ReturnType<typeof useRoads>;
