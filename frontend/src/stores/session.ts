/** Who is signed in, and where each role starts. */
import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { ApiError, api, configureApi } from "../feed/api.ts";
import type { Me, Role } from "../feed/types.ts";

const DECIDES: Role[] = ["duty_officer", "shift_head", "dispatcher"];
const CLOSES: Role[] = ["duty_officer", "shift_head"];
const PLANS: Role[] = ["shift_head", "coordinator"];
const WATCHES: Role[] = ["duty_officer", "shift_head", "dispatcher", "coordinator"];
const SHUTS: Role[] = ["duty_officer", "shift_head", "dispatcher", "coordinator"];
const HALL: Role[] = [
  "duty_officer",
  "shift_head",
  "dispatcher",
  "coordinator",
  "wall_display",
  "administrator",
  "intake",
  "supervisor",
  "leader",
];

const HOME: Partial<Record<Role, string>> = {
  wall_display: "/wall",
  responder: "/phone",
  coordinator: "/patrol",
  administrator: "/import",
  citizen: "/citizen",
  intake: "/work",
  department: "/work",
  supervisor: "/work",
  leader: "/work",
};

export const homeOf = (role: Role) => HOME[role] ?? "/desk";

export const useSession = defineStore("session", () => {
  const me = ref<Me | null>(null);
  const asked = ref(false);
  const is = (roles: Role[]) => computed(() => me.value !== null && roles.includes(me.value.role));

  function set(who: Me | null): void {
    me.value = who;
    configureApi({ csrf: who?.csrf ?? "" });
  }

  /** Ask the server once who this browser is; a line that is down is an error, not a sign-out. */
  async function ask(): Promise<Me | null> {
    if (asked.value) return me.value;
    try {
      set(await api.me());
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) throw error;
      set(null);
    }
    asked.value = true;
    return me.value;
  }

  async function signIn(name: string, password: string): Promise<Me> {
    const who = await api.signIn(name, password);
    asked.value = true;
    set(who);
    return who;
  }

  async function signOut(): Promise<void> {
    await api.signOut().catch(() => undefined);
    set(null);
  }

  return {
    me,
    ask,
    signIn,
    signOut,
    forget: () => set(null),
    decides: is(DECIDES),
    closes: is(CLOSES),
    plans: is(PLANS),
    watches: is(WATCHES),
    shutsRoads: is(SHUTS),
    inHall: is(HALL),
  };
});
