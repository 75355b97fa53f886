import { Alert, Button, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";

/** Stands in for a page of which a part could not be fetched. */
export function LoadAnew() {
  return (
    <Alert color="yellow" variant="light" icon={<IconRefresh size={18} />} title="This page could not be loaded whole" role="alert">
      <Text size="sm">Bookward may have been upgraded since it was opened, or the server cannot be reached.</Text>
      <Button mt="sm" size="xs" variant="default" onClick={() => window.location.reload()}>
        Load it anew
      </Button>
    </Alert>
  );
}
