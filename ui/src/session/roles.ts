import type { Schemas } from "../api/client";

type Role = Schemas["Role"];

export const ROLES: Role[] = ["viewer", "editor", "approver", "admin"];

/** Whether to show what needs a role; whether it may be done is decided by the server alone. */
export const isAtLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);
