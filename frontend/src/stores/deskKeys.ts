/** The keyboard of the desk: what is done all day needs no mouse. Keys typed into fields stay there. */
import { onBeforeUnmount, onMounted } from "vue";

export interface DeskKeys {
  take(): unknown;
  confirm(): unknown;
  dismiss(): unknown;
  send(): unknown;
  move(step: 1 | -1): unknown;
  search(): unknown;
  escape(): unknown;
}

const FIELDS = new Set(["INPUT", "TEXTAREA", "SELECT"]);

export function useDeskKeys(keys: DeskKeys): void {
  const plain: Record<string, () => unknown> = {
    a: keys.take,
    A: keys.take,
    x: keys.dismiss,
    X: keys.dismiss,
    Enter: keys.confirm,
    ArrowDown: () => keys.move(1),
    ArrowUp: () => keys.move(-1),
    "/": keys.search,
    Escape: keys.escape,
  };

  function pressed(event: KeyboardEvent): void {
    if (event.repeat && event.key === "Enter") return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      keys.send();
      return;
    }
    const target = event.target as HTMLElement | null;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (target && FIELDS.has(target.tagName)) {
      if (event.key === "Escape") target.blur();
      return;
    }
    // Enter on a button or link that has the focus means that button, except on the rows of the lists.
    const onControl = target?.closest("button, a, summary") && !target.closest(".rows");
    const act = plain[event.key];
    if (!act || (event.key === "Enter" && onControl)) return;
    event.preventDefault();
    act();
  }

  onMounted(() => addEventListener("keydown", pressed));
  onBeforeUnmount(() => removeEventListener("keydown", pressed));
}
