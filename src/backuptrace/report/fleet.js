"use strict";
// The table of VMs: rows that do not fit what was picked or typed are hidden.
(() => {
  const pick = document.getElementById("pick");
  if (!pick) return;
  pick.hidden = false;
  const find = document.getElementById("find");
  const cause = document.getElementById("cause");
  const outcome = document.getElementById("outcome");
  const output = document.getElementById("shown");
  const rows = [...document.querySelectorAll("tr[data-outcome]")].map((row) => ({
    row,
    text: row.textContent.toLowerCase(),
    causes: row.dataset.causes.split(" "),
    outcome: row.dataset.outcome,
  }));

  function apply() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of rows) {
      const fits =
        words.every((word) => entry.text.includes(word)) &&
        (!cause.value || entry.causes.includes(cause.value)) &&
        (!outcome.value || entry.outcome === outcome.value);
      entry.row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    output.textContent = output.dataset.of.replace("{shown}", shown).replace("{all}", rows.length);
  }

  let waiting = 0;
  find.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 80);
  });
  cause.addEventListener("change", apply);
  outcome.addEventListener("change", apply);
  for (const link of document.querySelectorAll("a[data-cause]")) {
    link.addEventListener("click", () => {
      cause.value = link.dataset.cause;
      apply();
    });
  }
  apply();
})();
