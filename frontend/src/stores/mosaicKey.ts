/** M opens all cameras, on the wall and on the desks. Keys typed into fields stay there. */
import { onBeforeUnmount, onMounted } from "vue";
import { useRouter } from "vue-router";

export function useMosaicKey(): void {
  const router = useRouter();

  function pressed(event: KeyboardEvent): void {
    if (event.key.toLowerCase() !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.target as HTMLElement | null)?.closest("input, textarea, select, dialog")) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    void router.push("/mosaic");
  }

  onMounted(() => addEventListener("keydown", pressed));
  onBeforeUnmount(() => removeEventListener("keydown", pressed));
}
