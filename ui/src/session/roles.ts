import type { Schemas } from "../api/client";

type Role = Schemas["Role"];

export const ROLES: Role[] = ["viewer", "editor", "approver", "admin"];

/** The roles for choosing, each with what it may do; what may be done is decided by the server alone. */
export const ROLE_CHOICES = [
  { value: "viewer", label: "Viewer: sees what happens, and no row's words" },
  { value: "editor", label: "Editor: changes files, plans and runs" },
  { value: "approver", label: "Approver: also runs what a guard has stopped" },
  { value: "admin", label: "Admin: also people, connections and the audit log" },
];

/** Whether to show what needs a role; whether it may be done is decided by the server alone. */
export const isAtLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);
