import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

/** A page for those who are not signed in. */
export function Bare({ title, under, children }: { title: string; under?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Bookward`;
  }, [title]);
  return (
    <main className="bare">
      <Stack w="100%" maw={400} gap="lg">
        <Group gap={10} justify="center">
          <img src="/icon.svg" width={30} height={30} alt="" />
          <Text fw={650} size="xl">
            Bookward
          </Text>
        </Group>
        <Paper p="xl" shadow="xs">
          <Title order={1} mb={4}>
            {title}
          </Title>
          {under && (
            <Text size="sm" c="dimmed" mb="md">
              {under}
            </Text>
          )}
          {children}
        </Paper>
      </Stack>
    </main>
  );
}
