// What is wider than its place scrolls by itself, so the keyboard must reach it.
(function () {
  "use strict";
  const reach = () => {
    for (const box of document.querySelectorAll("pre, .table-wrapper, .katex-display, span.math, .sidebar-scroll, .toc-scroll")) {
      const wider = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight + 1;
      if (wider) box.tabIndex = 0;
    }
  };
  window.addEventListener("load", reach);
  window.addEventListener("resize", reach);
})();
