import { Tabs } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { me } from "../api/queries";
import { Page } from "../parts/Page";
import { isAtLeast } from "../session/roles";
import { SETTINGS } from "../shell/places";
import { Account } from "./settings/Account";
import { Audit } from "./settings/Audit";
import { People } from "./settings/People";
import { Project } from "./settings/Project";
import { Secrets } from "./settings/Secrets";
import { Tokens } from "./settings/Tokens";

const PARTS = { account: Account, tokens: Tokens, secrets: Secrets, project: Project, people: People, audit: Audit };

export function SettingsPage() {
  const { tab = "account" } = useSearch({ from: "/inside/settings" });
  const { data: person } = useSuspenseQuery(me);
  const navigate = useNavigate();
  const shown = SETTINGS.filter(({ needs }) => isAtLeast(person.role, needs));
  return (
    <Page title="Settings">
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(chosen) => void navigate({ to: "/settings", search: { tab: chosen ?? undefined }, replace: true })}
      >
        <Tabs.List mb="lg">
          {shown.map(({ tab: value, text }) => (
            <Tabs.Tab key={value} value={value}>
              {text}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map(({ tab: value }) => {
          const Part = PARTS[value];
          return (
            <Tabs.Panel key={value} value={value}>
              <Part />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </Page>
  );
}
