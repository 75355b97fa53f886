import { Text } from "@mantine/core";

import type { Schemas } from "../api/client";
import { calledBy } from "./words";

/** What something is called in a list, with its slug beside a title that is another word. */
export function Called({ slug, about }: Pick<Schemas["GlanceShape"], "slug" | "about">) {
  const title = calledBy(slug, about);
  return (
    <>
      {title}
      {title !== slug && (
        <Text span size="xs" c="dimmed" fw={400} className="mono">
          {" "}
          {slug}
        </Text>
      )}
    </>
  );
}
