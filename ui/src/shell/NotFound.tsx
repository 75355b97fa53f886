import { Button } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { Empty } from "../parts/Empty";

export function NotFound() {
  return (
    <div className="bare">
      <Empty
        icon={IconMapQuestion}
        title="There is no such page"
        action={
          <Button component={Link} to="/" variant="default" mt="sm">
            To the overview
          </Button>
        }
      >
        It may have been renamed, or the address is not whole.
      </Empty>
    </div>
  );
}
