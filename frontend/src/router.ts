/** Pages and who may open them. Each page is a part of its own: the wall loads no desk, the phone loads no map. */
import { createRouter, createWebHistory } from "vue-router";
import { homeOf, useSession } from "./stores/session.ts";

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: "/signin" },
    { path: "/signin", component: () => import("./pages/SignIn.vue"), meta: { open: true } },
    { path: "/citizen", component: () => import("./pages/Citizen.vue"), meta: { open: true } },
    { path: "/wall", component: () => import("./pages/Wall.vue") },
    { path: "/desk", component: () => import("./pages/Desk.vue") },
    { path: "/work", component: () => import("./pages/Work.vue") },
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
  const onlyOwn = ({ responder: "/phone", citizen: "/citizen", department: "/work" } as Record<string, string>)[
    me.role
  ];
  const verb = typeof to.meta.verb === "string" ? to.meta.verb : null;
  if (verb !== null) return me.verbs.includes(verb) ? true : homeOf(me.role);
  if (onlyOwn && to.path !== onlyOwn) return onlyOwn;
  return true;
});
