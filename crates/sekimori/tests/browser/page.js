// Finds parts of a page as its users name them. `arguments`: what to do, then its own.
const clean = (text) => (text || "").replace(/\s+/g, " ").trim();
const seen = (el) => el.getClientRects().length > 0 && el.checkVisibility({ visibilityProperty: true });
const bare = (el) => {
  const copy = el.cloneNode(true);
  for (const extra of copy.querySelectorAll(".must, .may, .muted, .unseen, .count")) extra.remove();
  return clean(copy.textContent) || clean(el.textContent);
};
const named = (el) => {
  if (el.getAttribute("aria-label")) return clean(el.getAttribute("aria-label"));
  if (el.labels && el.labels.length > 0) {
    const legend = el.closest("fieldset")?.querySelector("legend");
    const own = bare(el.labels[0]);
    return legend && ["radio", "checkbox"].includes(el.type) ? `${bare(legend)}／${own}` : own;
  }
  return bare(el);
};
const [act, ...given] = arguments;
switch (act) {
  case "find": {
    // The first that has this name, else the first whose name begins with it; what stands in the page's own part first.
    const [kinds, name] = given;
    const all = [...document.querySelectorAll("main, body")].flatMap((part) => [...part.querySelectorAll(kinds)]).filter(seen);
    return all.find((el) => named(el) === name) || all.find((el) => named(el).startsWith(name)) || null;
  }
  case "focused": {
    const el = document.activeElement;
    if (!el || el === document.body) return null;
    const look = getComputedStyle(el);
    const ring = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0;
    // What stands at its upper edge is the thing itself, and not a header above it.
    const box = el.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 40), box.top + Math.min(box.height / 2, 8));
    const chosen = el.tagName === "SELECT" ? clean(el.selectedOptions[0]?.textContent) : null;
    return { name: named(el), tag: el.tagName, type: el.type || "", ring, checked: !!el.checked, chosen,
      inside: !!top && (el.contains(top) || top.contains(el) || [...(el.labels || [])].some((label) => label.contains(top))) };
  }
  case "names":
    return [...document.querySelectorAll(given[0])].filter(seen).map(named);
}
