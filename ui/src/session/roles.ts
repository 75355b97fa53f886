import type { Schemas } from "../api/client";

type Role = Schemas["Role"];

const ORDER: Role[] = ["viewer", "editor", "approver", "admin"];

/** Whether to show what needs a role; whether it may be done is decided by the server alone. */
export const isAtLeast = (role: Role, needed: Role): boolean => ORDER.indexOf(role) >= ORDER.indexOf(needed);
