import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/bookward/web/static",
    emptyOutDir: true,
    // Lower ones have no light-dark(), and what Vite puts in its place loses backgrounds.
    target: ["chrome123", "firefox120", "safari17.5"],
    license: { fileName: "licences.md" },
  },
  server: { proxy: { "/api": "http://localhost:8000" } },
});
