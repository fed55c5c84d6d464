"""The one table that says which role may do what. Stages ask for verbs, never for roles."""

DUTY_OFFICER = "duty_officer"
SHIFT_HEAD = "shift_head"
DISPATCHER = "dispatcher"
COORDINATOR = "coordinator"
RESPONDER = "responder"
CITIZEN = "citizen"
ADMINISTRATOR = "administrator"
WALL_DISPLAY = "wall_display"
INTAKE = "intake"
DEPARTMENT = "department"
SUPERVISOR = "supervisor"
LEADER = "leader"
# Two that no user can hold: they belong to tokens of devices.
DEVICE = "device"
FLEET = "fleet"

USER_ROLES = (
    DUTY_OFFICER,
    SHIFT_HEAD,
    DISPATCHER,
    COORDINATOR,
    RESPONDER,
    CITIZEN,
    ADMINISTRATOR,
    WALL_DISPLAY,
    INTAKE,
    DEPARTMENT,
    SUPERVISOR,
    LEADER,
)

# Who may close a road for everybody and open it again.
_ROADS = {"road.close"}

# Who takes matters down, calls back, and puts finished ones away.
_COUNTER = {"case.take_in", "case.verify", "case.call_back", "case.archive"}

# The people of a case: take them down, see them masked, open one field with a purpose.
_PARTIES = {"party.add", "party.see", "party.reveal"}

# The figures of the cases; for a department those of its unit.
_FIGURES = {"figure.see"}

# What every seat of the hall (not phones, not citizens) may look at.
_HALL = {
    "town.see",
    "stream.see",
    "alert.see",
    "case.see",
    "order.see",
    "patrol.see",
    "position.see",
    "camera.see",
    "clip.see",
}

_VERBS_OF: dict[str, set[str]] = {
    DUTY_OFFICER: _HALL
    | _FIGURES
    | _ROADS
    | _COUNTER
    | _PARTIES
    | {
        "patrol.watch",
        "alert.take",
        "alert.confirm",
        "alert.dismiss",
        "case.open",
        "case.dispatch",
        "case.resolve",
        "case.link_camera",
    },
    SHIFT_HEAD: _HALL
    | _FIGURES
    | _ROADS
    | _COUNTER
    | _PARTIES
    | {
        "patrol.watch",
        "alert.take",
        "alert.confirm",
        "alert.dismiss",
        "alert.override",
        "case.open",
        "case.dispatch",
        "case.resolve",
        "case.link_camera",
        "case.head",
        "case.supervise",
        "patrol.plan",
        "camera.adjust",
        "audit.see",
        "device.see",
        "registry.export",
    },
    DISPATCHER: _HALL
    | _FIGURES
    | _ROADS
    | _PARTIES
    | {
        "patrol.watch",
        "alert.take",
        "alert.confirm",
        "alert.dismiss",
        "case.open",
        "case.take_in",
        "case.dispatch",
        "case.resolve",
        "case.link_camera",
    },
    COORDINATOR: _HALL
    | _ROADS
    | {"patrol.plan", "patrol.watch", "camera.adjust", "device.see", "registry.import", "registry.export"},
    # A responder sees the town's map, his own orders and what belongs to them; `order.act` is for his own orders only.
    # Of the people of a case he sees, while he is under way for it, whom to ask for, where, and how to call.
    RESPONDER: {
        "town.see",
        "stream.see_own",
        "order.see_own",
        "order.act",
        "position.send_own",
        "patrol.see_own",
        "party.see",
        "party.reveal",
    },
    CITIZEN: {"report.send", "report.see_own"},
    INTAKE: _HALL | _FIGURES | _COUNTER | _PARTIES,
    # 部门: the cases its unit is in charge of or was called to, wherever they lie, and no others.
    # What it began and cannot finish, as the police an incident, it hands over to the center.
    DEPARTMENT: _FIGURES
    | {"town.see", "stream.see_own", "case.see_own", "case.handle", "case.hand_over", "party.see", "party.reveal"},
    SUPERVISOR: _HALL | _FIGURES | {"case.supervise"},
    # Who answers for the center says how it works; an administrator writes it down for him.
    LEADER: _HALL | _FIGURES | {"case.lead", "case.supervise", "profile.write"},
    # Sets cameras up without looking through them.
    ADMINISTRATOR: {
        "town.see",
        "user.manage",
        "device.manage",
        "device.see",
        "camera.adjust",
        "audit.see",
        "profile.write",
        "setting.see",
        "registry.import",
        "registry.export",
    },
    WALL_DISPLAY: set(_HALL),
    DEVICE: {"position.send_own"},
    FLEET: {"position.send_all", "stream.see", "town.see", "patrol.see", "order.see"},
}

VERBS: frozenset[str] = frozenset().union(*_VERBS_OF.values())


def verbs_of(role: str) -> frozenset[str]:
    """All that a role may do; nothing for a role that does not exist."""
    return frozenset(_VERBS_OF.get(role, ()))


def may(role: str, verb: str) -> bool:
    return verb in _VERBS_OF.get(role, ())
