import { ActionIcon, Avatar, Group, Kbd, Menu, NavLink, Stack, Text, Tooltip, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconLogout, IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { useMutation, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouterState } from "@tanstack/react-router";

import { api } from "../api/client";
import { me, queries } from "../api/queries";
import { dropDrafts } from "../parts/kept";
import { useUnsaved } from "../parts/unsaved";
import { palette } from "./Palette";
import { PLACES } from "./places";

export function Side() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <Stack justify="space-between" flex={1} gap={0} mt="sm">
      <nav aria-label="Main">
        <UnstyledButton onClick={palette.open} w="100%" mb="xs" px={10} py={7} className="panel">
          <Group justify="space-between" wrap="nowrap">
            <Group gap={8} wrap="nowrap">
              <IconSearch size={15} />
              <Text size="sm" c="dimmed">
                Go to …
              </Text>
            </Group>
            <Kbd size="xs">Ctrl K</Kbd>
          </Group>
        </UnstyledButton>
        {PLACES.map(({ to, text, icon: Symbol }) => {
          const here = to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`);
          return (
            <NavLink
              key={to}
              component={Link}
              to={to}
              label={text}
              active={here}
              aria-current={here ? "page" : undefined}
              leftSection={<Symbol size={17} stroke={1.7} />}
              className="nav-link"
            />
          );
        })}
      </nav>
      <Person />
    </Stack>
  );
}

function Person() {
  const { data } = useSuspenseQuery(me);
  const navigate = useNavigate();
  const leaving = useMutation({
    mutationFn: () => api.DELETE("/api/v1/session"),
    onSettled: () => {
      queries.clear();
      dropDrafts();
      void navigate({ to: "/sign-in", search: {}, ignoreBlocker: true });
    },
  });
  const unsaved = useUnsaved();
  const leave = () => {
    if (!unsaved || window.confirm("What you have changed or begun is not saved. Sign out all the same?")) leaving.mutate();
  };
  return (
    <Group justify="space-between" wrap="nowrap" mt="md">
      <Menu position="top-start" width={200}>
        <Menu.Target>
          <UnstyledButton aria-label={`Account of ${data.name}`}>
            <Group gap={8} wrap="nowrap">
              <Avatar size={30} radius="xl" name={data.name} color="ink" />
              <div>
                <Text size="sm" fw={500} lh={1.2} className="clip" maw={110}>
                  {data.name}
                </Text>
                <Text size="xs" c="dimmed">
                  {data.role}
                </Text>
              </div>
            </Group>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{data.email}</Menu.Label>
          <Menu.Item leftSection={<IconLogout size={15} />} onClick={leave}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Scheme />
    </Group>
  );
}

function Scheme() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const words = dark ? "Light colours" : "Dark colours";
  return (
    <Tooltip label={words}>
      <ActionIcon variant="subtle" color="gray" aria-label={words} onClick={() => setColorScheme(dark ? "light" : "dark")}>
        {dark ? <IconSun size={17} /> : <IconMoon size={17} />}
      </ActionIcon>
    </Tooltip>
  );
}
