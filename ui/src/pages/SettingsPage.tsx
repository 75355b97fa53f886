import { Tabs } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { me } from "../api/queries";
import { Page } from "../parts/Page";
import { isAtLeast } from "../session/roles";
import { Account } from "./settings/Account";
import { Audit } from "./settings/Audit";
import { People } from "./settings/People";
import { Project } from "./settings/Project";
import { Secrets } from "./settings/Secrets";
import { Tokens } from "./settings/Tokens";

const TABS = [
  { value: "account", text: "Account", needs: "viewer", part: Account },
  { value: "tokens", text: "API tokens", needs: "viewer", part: Tokens },
  { value: "secrets", text: "Secrets", needs: "editor", part: Secrets },
  { value: "project", text: "Project", needs: "admin", part: Project },
  { value: "people", text: "People", needs: "admin", part: People },
  { value: "audit", text: "Audit log", needs: "admin", part: Audit },
] as const;

export function SettingsPage() {
  const { tab = "account" } = useSearch({ from: "/inside/settings" });
  const { data: person } = useSuspenseQuery(me);
  const navigate = useNavigate();
  const shown = TABS.filter(({ needs }) => isAtLeast(person.role, needs));
  return (
    <Page title="Settings">
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(chosen) => void navigate({ to: "/settings", search: { tab: chosen ?? undefined }, replace: true })}
      >
        <Tabs.List mb="lg">
          {shown.map(({ value, text }) => (
            <Tabs.Tab key={value} value={value}>
              {text}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map(({ value, part: Part }) => (
          <Tabs.Panel key={value} value={value}>
            <Part />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
