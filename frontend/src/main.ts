import "@fontsource-variable/noto-sans-sc";
import "./styles/base.css";
import { createPinia } from "pinia";
import { createApp, watchEffect } from "vue";
import App from "./App.vue";
import { configureApi } from "./feed/api.ts";
import { router } from "./router.ts";
import { useSession } from "./stores/session.ts";
import { currentLanguage, i18n, setLanguage } from "./words/index.ts";

const app = createApp(App).use(createPinia()).use(i18n);

const session = useSession();
setLanguage(currentLanguage());
watchEffect(() => configureApi({ language: currentLanguage() }));
configureApi({
  onSignedOut: () => {
    session.forget();
    const { path, fullPath } = router.currentRoute.value;
    if (path !== "/signin") router.push({ path: "/signin", query: { next: fullPath } });
  },
});

app.use(router).mount("#app");
