/** A closure that is being drawn: clicks set corners, what it would close is asked at each of them. */
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from "vue";
import { api } from "../feed/api.ts";
import type { Closure, ClosurePreview, LonLat, Profile } from "../feed/types.ts";
import { useCommand } from "./command.ts";

export const PROFILES: readonly Profile[] = ["car", "bicycle", "foot"];
const FIELDS = new Set(["INPUT", "TEXTAREA", "SELECT"]);

export function useClosureDrawing() {
  const active = ref(false);
  /** The drawing is ended: clicks on the map set no more corners. */
  const ended = ref(false);
  const shape = ref<Closure["shape"]>("line");
  const corners = shallowRef<LonLat[]>([]);
  const profiles = ref<Profile[]>([...PROFILES]);
  const preview = shallowRef<ClosurePreview | null>(null);
  const look = useCommand();
  const enough = computed(() => corners.value.length >= (shape.value === "area" ? 3 : 2));

  function start(): void {
    corners.value = [];
    preview.value = null;
    look.error.value = "";
    profiles.value = [...PROFILES];
    ended.value = false;
    active.value = true;
  }
  function stop(): void {
    active.value = false;
    corners.value = [];
    preview.value = null;
  }
  function undo(): void {
    ended.value = false;
    corners.value = corners.value.slice(0, -1);
  }
  function add(lonlat: LonLat): void {
    if (active.value && !ended.value) corners.value = [...corners.value, lonlat];
  }
  function end(): void {
    if (enough.value) ended.value = true;
  }

  /** Ask again until the answer is that of what is drawn now: clicks come faster than answers. */
  async function ask(): Promise<void> {
    if (look.busy.value) return;
    while (active.value && enough.value && profiles.value.length > 0) {
      const drawn = { shape: shape.value, corners: corners.value, profiles: [...profiles.value] };
      const answer = await look.run(() => api.previewClosure(drawn));
      const same = drawn.corners === corners.value && drawn.shape === shape.value;
      if (same && `${drawn.profiles}` === `${profiles.value}`) {
        preview.value = answer;
        return;
      }
    }
    preview.value = null;
    look.error.value = "";
  }
  watch([corners, shape, profiles, active], () => void ask(), { deep: true });

  /** Keys of the drawing come before those of the page; those typed into a field stay there. */
  function pressed(event: KeyboardEvent): void {
    if (!active.value) return;
    const target = event.target as HTMLElement | null;
    const typing = target !== null && FIELDS.has(target.tagName) && target.getAttribute("type") !== "checkbox";
    const act = { Backspace: undo, Enter: end, Escape: stop }[event.key];
    if (!act || typing || (event.key === "Enter" && target?.closest("button, a, summary"))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }
  onMounted(() => addEventListener("keydown", pressed, true));
  onBeforeUnmount(() => removeEventListener("keydown", pressed, true));

  return { active, ended, shape, corners, profiles, preview, enough, error: look.error, start, stop, undo, add, end };
}

export type ClosureDrawing = ReturnType<typeof useClosureDrawing>;
