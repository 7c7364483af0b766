// Small comforts. Every page works without this file.
(() => {
  "use strict";
  const narrow = window.matchMedia("(max-width: 820px)");
  const fold = document.querySelector(".menu-fold");
  if (fold && narrow.matches) fold.open = false;
  narrow.addEventListener("change", () => { if (fold) fold.open = !narrow.matches; });

  // The user's menu closes on Escape and on a click elsewhere.
  const drop = document.querySelector("details.me");
  if (drop) {
    document.addEventListener("click", (event) => { if (!drop.contains(event.target)) drop.open = false; });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && drop.open) { drop.open = false; drop.querySelector("summary").focus(); }
    });
  }

  // Bulk decisions: one box for all, and the number on the buttons.
  for (const form of document.querySelectorAll("form[data-bulk]")) {
    const all = form.querySelector("input[data-all]");
    const boxes = () => [...form.querySelectorAll("input[name=task]")];
    const show = () => {
      const n = boxes().filter((box) => box.checked).length;
      if (all) { all.checked = n > 0 && n === boxes().length; all.indeterminate = n > 0 && n < boxes().length; }
      for (const button of form.querySelectorAll("button[data-count]")) {
        button.textContent = button.dataset.count.replace("{n}", n);
        button.disabled = n === 0;
      }
    };
    if (all) { all.hidden = false; all.addEventListener("change", () => { for (const box of boxes()) box.checked = all.checked; show(); }); }
    form.addEventListener("change", show);
    show();
  }

  // A filter that is chosen applies at once.
  for (const form of document.querySelectorAll("form[data-live]")) {
    form.addEventListener("change", (event) => { if (event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit(); });
  }

  // Leaving a form with typed, unsent text asks first.
  for (const form of document.querySelectorAll("form[data-keep]")) {
    let dirty = false;
    form.addEventListener("input", () => { dirty = true; });
    form.addEventListener("submit", () => { dirty = false; });
    window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  }

  // "/" goes to the search box, as on other services.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const box = document.querySelector("form[role=search] input");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  });

  // A table wider than its place is reached and scrolled with the keyboard.
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth <= box.clientWidth || box.querySelector("a, button, input, select")) continue;
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    const name = box.querySelector("caption") || box.closest("section, .card")?.querySelector("h2");
    box.setAttribute("aria-label", (name?.textContent || document.title).trim());
  }

  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // After a mistake the first message is read and reached first.
  const wrong = document.querySelector("[data-first]");
  if (wrong) wrong.focus();
})();
