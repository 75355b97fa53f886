import {
  IconBell,
  IconBuildingBank,
  IconDatabase,
  IconHome,
  IconListDetails,
  IconRefresh,
  IconSettings,
  IconTable,
} from "@tabler/icons-react";

/** Where one can go from everywhere. */
export const PLACES = [
  { to: "/", text: "Overview", icon: IconHome },
  { to: "/syncs", text: "Syncs", icon: IconRefresh },
  { to: "/models", text: "Models", icon: IconTable },
  { to: "/sources", text: "Sources", icon: IconDatabase },
  { to: "/destinations", text: "Destinations", icon: IconBuildingBank },
  { to: "/runs", text: "Runs", icon: IconListDetails },
  { to: "/alerts", text: "Alerts", icon: IconBell },
  { to: "/settings", text: "Settings", icon: IconSettings },
] as const;

/** The parts of the settings, and the role that each needs. */
export const SETTINGS = [
  { tab: "account", text: "Account", needs: "viewer" },
  { tab: "tokens", text: "API tokens", needs: "viewer" },
  { tab: "secrets", text: "Secrets", needs: "editor" },
  { tab: "project", text: "Project", needs: "admin" },
  { tab: "people", text: "People", needs: "admin" },
  { tab: "audit", text: "Audit log", needs: "admin" },
] as const;

/** What an editor can add, and by what other words it is sought. */
export const ADDING = [
  { kind: "syncs", text: "Add sync", words: "new create" },
  { kind: "models", text: "Add model", words: "new create query sql" },
  { kind: "sources", text: "Add source", words: "new create warehouse database connect" },
  { kind: "destinations", text: "Add destination", words: "new create xero books connect" },
] as const;
