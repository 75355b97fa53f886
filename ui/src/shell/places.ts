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
