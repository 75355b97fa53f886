import { Anchor, Breadcrumbs, Group, Text, Title } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";

type Crumb = { text: string; to: LinkProps["to"] };

/** The frame of every page: where one is, its heading, what can be done, and the rest. */
export function Page({
  title,
  slug,
  under,
  actions,
  crumbs = [],
  children,
}: {
  title: string;
  /** How others refer to what has the title; shown beside it where it is another word. */
  slug?: string;
  under?: ReactNode;
  actions?: ReactNode;
  crumbs?: Crumb[];
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Bookward`;
  }, [title]);
  return (
    <>
      {crumbs.length > 0 && (
        <Breadcrumbs mb={6} separator="/" fz="sm">
          {crumbs.map((crumb) => (
            <Anchor key={crumb.text} component={Link} to={crumb.to as string} size="sm" c="dimmed">
              {crumb.text}
            </Anchor>
          ))}
        </Breadcrumbs>
      )}
      <Group justify="space-between" align="flex-start" mb="lg" gap="sm">
        <div>
          <Title order={1}>
            {title}
            {slug && slug !== title && (
              <Text span size="sm" c="dimmed" fw={400} className="mono">
                {" "}
                {slug}
              </Text>
            )}
          </Title>
          {under && (
            <Text component="div" size="sm" c="dimmed" mt={2}>
              {under}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </>
  );
}
