// Before anything is painted, so that a dark page never begins white.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("bookward-scheme");
  } catch (error) {}
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
