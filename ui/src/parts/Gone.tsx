import { Button, Group } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { Refusal } from "../api/client";
import { Empty } from "./Empty";

type Props = { kind: string; one: string; slug: string };

/** Whether something is not there, or no longer. */
export const isGone = (error: unknown): boolean => error instanceof Refusal && error.code === "name_unknown";

/** What stands where an object was: links to it outlive it. */
export function Gone({ kind, one, slug }: Props) {
  return (
    <Empty
      icon={IconMapQuestion}
      title={`There is no ${one} ${slug}`}
      action={
        <Group mt="sm">
          <Button component={Link} to={`/${kind}` as "/"} variant="default">
            All {kind}
          </Button>
          {kind === "syncs" && (
            <Button component={Link} to="/runs" search={{ sync: slug } as never} variant="default">
              Its runs
            </Button>
          )}
        </Group>
      }
    >
      It was deleted or has another name now.
      {kind === "syncs" && " What its runs wrote, row by row, is kept all the same."}
    </Empty>
  );
}
