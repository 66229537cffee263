"use strict";
// What the page does beyond showing: boxes that hide marks and rows, folded parts that open when something leads into them or when the page is printed.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  for (const part of all("[data-script]")) part.hidden = false;

  const boxes = all("input[data-filter]");
  const entries = all("[data-causes]");
  const output = document.getElementById("shown");
  const button = document.getElementById("show-all");

  function unticked(kind) {
    return new Set(boxes.filter((box) => box.dataset.filter === kind && !box.checked).map((box) => box.value));
  }

  function apply() {
    const causes = unticked("cause");
    const sources = unticked("source");
    let rows = 0;
    let shown = 0;
    for (const entry of entries) {
      const lane = entry.closest("[data-source]");
      const hidden = sources.has(lane.dataset.source) || entry.dataset.causes.split(" ").every((name) => causes.has(name));
      entry.classList.toggle("off", hidden);
      if (entry.localName === "tr") {
        rows += 1;
        shown += hidden ? 0 : 1;
      }
    }
    for (const lane of all("g.lane")) lane.classList.toggle("off", sources.has(lane.dataset.source));
    output.textContent = causes.size + sources.size ? output.dataset.of.replace("{shown}", shown).replace("{all}", rows) : "";
    button.hidden = causes.size + sources.size === 0;
  }

  for (const box of boxes) box.addEventListener("change", apply);
  if (button) {
    button.addEventListener("click", () => {
      for (const box of boxes) box.checked = true;
      apply();
    });
    apply();
  }

  function reveal() {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let part = target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    target.scrollIntoView({ block: "nearest" });
  }
  addEventListener("hashchange", reveal);
  reveal();

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    for (const part of opened) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
  });
})();
