/** Pages and who may open them. Each page is a part of its own: the wall loads no desk, the phone loads no map. */
import { createRouter, createWebHistory } from "vue-router";
import { homeOf, useSession } from "./stores/session.ts";

/** Who sees these pages and no others, the first of them first. */
const OWN: Record<string, string[]> = {
  responder: ["/phone"],
  citizen: ["/citizen"],
  department: ["/work", "/cases"],
};

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: "/signin" },
    { path: "/signin", component: () => import("./pages/SignIn.vue"), meta: { open: true } },
    { path: "/citizen", component: () => import("./pages/Citizen.vue"), meta: { open: true } },
    { path: "/wall", component: () => import("./pages/Wall.vue") },
    { path: "/desk", component: () => import("./pages/Desk.vue") },
    { path: "/work", component: () => import("./pages/Work.vue") },
    { path: "/cases", component: () => import("./pages/Cases.vue") },
    { path: "/ways", component: () => import("./pages/Ways.vue") },
    { path: "/mosaic", component: () => import("./pages/Mosaic.vue") },
    { path: "/cameras", component: () => import("./pages/CameraPage.vue") },
    { path: "/cameras/:id", component: () => import("./pages/CameraPage.vue") },
    { path: "/patrol", component: () => import("./pages/Patrol.vue") },
    { path: "/patrol/video", component: () => import("./pages/VideoPatrol.vue") },
    { path: "/patrol/day", component: () => import("./pages/PatrolDay.vue") },
    { path: "/patrol/plan", component: () => import("./pages/PatrolPlan.vue") },
    { path: "/figures", component: () => import("./pages/Figures.vue"), meta: { verb: "figure.see" } },
    { path: "/import", component: () => import("./pages/Import.vue") },
    { path: "/phone", component: () => import("./pages/Phone.vue") },
    { path: "/:rest(.*)*", redirect: "/signin" },
  ],
});

router.beforeEach(async (to) => {
  const session = useSession();
  const me = await session.ask().catch(() => null);
  if (to.path === "/signin" && me && !to.query.again) return homeOf(me.role);
  if (to.meta.open) return true;
  if (!me) return { path: "/signin", query: { next: to.fullPath } };
  const own = OWN[me.role];
  if (own && !own.includes(to.path)) return own[0];
  const verb = to.meta.verb;
  if (typeof verb === "string" && !me.verbs.includes(verb)) return homeOf(me.role);
  return true;
});
