import type { Schemas } from "../../api/client";

export type Entry = Pick<Schemas["EntryShape"], "action" | "target" | "about" | "before" | "after" | "outcome">;

/** What each action is, for people; what it was done to is said behind it, where that says more. */
const ACTIONS: Record<string, string> = {
  "alert.silence": "Silenced the alerts of",
  "alert.test": "Sent a test message by",
  "alert.unsilence": "Ended the silence of",
  "connection.ask": "Went to authorise",
  "connection.choose": "Chose the organisation of",
  "connection.end": "Disconnected",
  "connection.make": "Connected",
  "connection.test": "Tested the connection of",
  "destination.rename": "Renamed destination",
  "file.create": "Created",
  "file.delete": "Deleted",
  "file.rename": "Renamed",
  "file.replace": "Changed",
  "file.revert": "Brought back a former version of",
  "link.make": "Made an invitation link for",
  "link.withdraw": "Withdrew the invitation of",
  "person.change": "Changed the account of",
  "person.join": "Joined as",
  "person.password": "Changed the password of",
  "person.reset": "Chose another password by a link:",
  "plan.ask": "Asked for a plan of",
  "plan.discard": "Discarded a plan of",
  "row.settle": "Settled an uncertain row of",
  "rows.retry": "Let rejected rows be sent again by",
  "run.approve": "Approved a plan of",
  "run.ask": "Started a run of",
  "secret.remove": "Removed secret",
  "secret.set": "Sealed secret",
  "session.begin": "Signed in:",
  "session.end": "Ended a session of",
  "session.refuse": "Was refused at the sign-in:",
  "sync.rename": "Renamed sync",
  "ticket.cancel": "Stopped work",
  "token.make": "Made API token",
  "token.revoke": "Revoked API token",
};

/** Actions by what they are about, for choosing: each is how they begin. */
export const KINDS = [
  { value: "", label: "Everything" },
  { value: "file.", label: "Changes of files" },
  { value: "run.", label: "Runs and approvals" },
  { value: "row", label: "Rows settled or sent again" },
  { value: "connection.", label: "Connections" },
  { value: "person.", label: "People" },
  { value: "link.", label: "Invitations" },
  { value: "session.", label: "Signing in and out" },
  { value: "token.", label: "API tokens" },
  { value: "secret.", label: "Secrets" },
  { value: "alert.", label: "Alerts" },
];

/** Return what was done, up to the name of what; an action without words of its own says its code. */
export function whatOf({ action, target }: Entry): string {
  const said = ACTIONS[action] ?? action;
  const [, noun] = /^(source|model|destination|sync|alert)s\//.exec(target) ?? [];
  return noun === undefined || said.endsWith(` ${noun}`) ? said : `${said} ${noun}`;
}

/** Return what more is to be said than its name: a role, a plan, a former name. */
export function moreOf({ action, before, after }: Entry): string {
  const role = textOf(after, "role") ?? textOf(before, "role");
  if (action === "link.make" && role) return `as ${role}`;
  if (action === "person.change" && textOf(before, "role") !== textOf(after, "role")) return `now ${role}`;
  if (action.endsWith(".rename") && textOf(after, "slug")) return `to ${textOf(after, "slug")}`;
  if (action === "run.approve") return sumsOf(before);
  return "";
}

/** Return the plan that was approved or started, where it was one. */
export function planOf({ before }: Entry): string | undefined {
  return textOf((before as { wishes?: unknown } | null)?.wishes, "plan");
}

/** Return how it ended, where it did not simply happen. */
export function endOf({ outcome }: Entry): { text: string; color: string } | null {
  if (outcome === "done") return null;
  return outcome === "begun" ? { text: "not known to have ended", color: "yellow" } : { text: "refused", color: "red" };
}

function sumsOf(before: unknown): string {
  const sums = Object.entries((before as { sums?: Record<string, string> } | null)?.sums ?? {});
  return sums.map(([currency, sum]) => `${sum} ${currency}`).join(", ");
}

function textOf(values: unknown, name: string): string | undefined {
  const found = (values as Record<string, unknown> | null | undefined)?.[name];
  return typeof found === "string" ? found : undefined;
}
