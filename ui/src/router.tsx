import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";

import { Refusal } from "./api/client";
import { me, queries } from "./api/queries";
import { FilesPage } from "./pages/FilesPage";
import { Overview } from "./pages/Overview";
import { RunsPage } from "./pages/RunsPage";
import { SyncsPage } from "./pages/SyncsPage";
import { Trouble } from "./parts/Trouble";
import { Join } from "./session/Join";
import { SignIn } from "./session/SignIn";
import { NotFound } from "./shell/NotFound";
import { Shell } from "./shell/Shell";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: SignIn,
  validateSearch: (search): { to?: string } => (typeof search.to === "string" ? { to: search.to } : {}),
});

const join = createRoute({ getParentRoute: () => root, path: "/join", component: Join });

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queries.ensureQueryData(me);
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) {
        throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { to: location.href } });
      }
      throw error;
    }
  },
  errorComponent: ({ error, reset }) => (
    <div className="bare">
      <Trouble error={error} onRetry={reset} />
    </div>
  ),
});

const overview = createRoute({ getParentRoute: () => inside, path: "/", component: Overview });
const syncs = createRoute({ getParentRoute: () => inside, path: "/syncs", component: SyncsPage });
const sync = createRoute({
  getParentRoute: () => inside,
  path: "/syncs/$slug",
  component: lazyRouteComponent(() => import("./pages/SyncPage"), "SyncPage"),
  validateSearch: (search): { tab?: string } => (typeof search.tab === "string" ? { tab: search.tab } : {}),
});
const plan = createRoute({
  getParentRoute: () => inside,
  path: "/syncs/$slug/plans/$plan",
  component: lazyRouteComponent(() => import("./pages/PlanPage"), "PlanPage"),
});
const files = createRoute({ getParentRoute: () => inside, path: "/$kind", component: FilesPage });
const file = createRoute({
  getParentRoute: () => inside,
  path: "/$kind/$slug",
  component: lazyRouteComponent(() => import("./pages/FilePage"), "FilePage"),
});
const runs = createRoute({
  getParentRoute: () => inside,
  path: "/runs",
  component: RunsPage,
  validateSearch: (search): { state?: string; sync?: string } => ({
    ...(typeof search.state === "string" ? { state: search.state } : {}),
    ...(typeof search.sync === "string" ? { sync: search.sync } : {}),
  }),
});
const run = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$id",
  component: lazyRouteComponent(() => import("./pages/RunPage"), "RunPage"),
  validateSearch: (search): { tab?: string } => (typeof search.tab === "string" ? { tab: search.tab } : {}),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/SettingsPage"), "SettingsPage"),
  validateSearch: (search): { tab?: string } => (typeof search.tab === "string" ? { tab: search.tab } : {}),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    join,
    inside.addChildren([overview, syncs, sync, plan, runs, run, settings, files, file]),
  ]),
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
