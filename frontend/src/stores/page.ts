/** What every live page needs at its start: the town, the stream, the look. */
import { onBeforeUnmount, onMounted, watch } from "vue";
import { useRouter } from "vue-router";
import { type Start, useHall } from "./hall.ts";
import { useSession } from "./session.ts";
import { useTown } from "./town.ts";

export function useLivePage(seat: Start["seat"], streams: string[], look: "dark" | "light"): void {
  const hall = useHall();
  const session = useSession();
  const town = useTown();
  const router = useRouter();

  onMounted(() => {
    document.documentElement.classList.toggle("dark", look === "dark");
    document.documentElement.classList.toggle("wall", seat === "wall");
    void town.load();
    hall.start({ streams, areas: session.me ? [session.me.area] : [], seat });
  });
  onBeforeUnmount(() => {
    document.documentElement.classList.remove("dark", "wall");
    hall.stop();
  });
  watch(
    () => hall.link,
    (link) => {
      if (link !== "refused") return;
      session.forget();
      void router.push({ path: "/signin", query: { next: router.currentRoute.value.fullPath } });
    },
  );
}
