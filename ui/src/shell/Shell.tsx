import { ActionIcon, Burger, Drawer, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";

import { Palette, palette } from "./Palette";
import { Side } from "./Side";

/** What stands around every page: where one can go, who one is, and the command palette. */
export function Shell() {
  const [open, { toggle, close }] = useDisclosure(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(close, [path]);
  return (
    <>
      <a href="#content" className="skip">
        Skip to the content
      </a>
      <div className="top">
        <Burger opened={open} onClick={toggle} size="sm" aria-label="Menu" />
        <Brand />
        <ActionIcon variant="subtle" color="gray" ml="auto" aria-label="Search" onClick={palette.open}>
          <IconSearch size={18} />
        </ActionIcon>
      </div>
      <Drawer opened={open} onClose={close} size={260} withCloseButton={false} padding="sm">
        <Side />
      </Drawer>
      <div className="shell">
        <aside className="side">
          <Brand />
          <Side />
        </aside>
        <main className="content" id="content" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Palette />
    </>
  );
}

function Brand() {
  return (
    <Group gap={9} px={8} py={4} wrap="nowrap">
      <img src="/icon.svg" width={24} height={24} alt="" />
      <Text fw={650} size="lg">
        Bookward
      </Text>
    </Group>
  );
}
