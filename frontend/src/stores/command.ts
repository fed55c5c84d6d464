/** One command at a time: a second click while it is on its way does nothing; its error is kept to be shown. */
import { ref } from "vue";
import { useI18n } from "vue-i18n";
import { ApiError } from "../feed/api.ts";

export function useCommand() {
  const { t } = useI18n();
  const busy = ref(false);
  const error = ref("");

  async function run<T>(send: () => Promise<T>): Promise<T | null> {
    if (busy.value) return null;
    busy.value = true;
    error.value = "";
    try {
      return await send();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      error.value = problem.status === 0 ? t("error.offline") : problem.message || t("error.unknown");
      return null;
    } finally {
      busy.value = false;
    }
  }

  return { busy, error, run };
}
