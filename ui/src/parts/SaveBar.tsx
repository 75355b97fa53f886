import { Button, Group, Stack } from "@mantine/core";
import type { ReactNode } from "react";

import { Trouble } from "./Trouble";
import type { Editing } from "./useEditing";

/** Saving what was changed, or not; and what is said where that is refused. */
export function SaveBar({ editing, blocked = false, children }: { editing: Editing; blocked?: boolean; children?: ReactNode }) {
  const { changed, save, undo, reload, isSaving, error, refused } = editing;
  return (
    <Stack>
      <Trouble error={error} />
      <Group justify="space-between">
        <div>{children}</div>
        <Group gap="xs">
          {refused?.status === 412 && (
            <Button variant="default" onClick={reload}>
              Show what is there now
            </Button>
          )}
          <Button variant="default" disabled={!changed} onClick={undo}>
            Undo all
          </Button>
          <Button disabled={!changed || blocked} loading={isSaving} onClick={save}>
            Save
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
