// What is wrong with how a page looks and reads: a list of sentences, empty where nothing is.
() => {
  const wrong = [];
  const seen = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const told = (e) => (e.getAttribute("aria-label") || e.textContent || "").trim();
  const say = (text, e) => wrong.push(`${text}: ${e.outerHTML.slice(0, 120)}`);

  if (document.documentElement.lang !== "en") wrong.push("the page has no language");
  if (document.querySelectorAll("h1").length !== 1) wrong.push("the page has not one heading");
  if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page is wider than its window");

  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  ids.filter((id, place) => ids.indexOf(id) !== place).forEach((id) => wrong.push(`two are #${id}`));
  for (const e of document.querySelectorAll("[aria-describedby], [aria-labelledby], a[href^='#']")) {
    const named = `${e.getAttribute("aria-describedby") || ""} ${e.getAttribute("aria-labelledby") || ""}`;
    const all = [...named.split(" "), (e.getAttribute("href") || "").replace(/^[^#].*/, "").slice(1)];
    all.filter((id) => id && !document.getElementById(id)).forEach(() => say("names nothing", e));
  }
  for (const e of document.querySelectorAll("input:not([type=hidden])")) {
    if (!e.labels.length || ![...e.labels].every(told)) say("has no label", e);
    if (e.type !== "checkbox" && !e.autocomplete) say("does not say what to fill in", e);
  }
  for (const e of document.querySelectorAll("a, button")) {
    if (!told(e)) say("has no name", e);
    if (seen(e) && !e.closest("p, li > a:not(.button)") && !e.matches(".skip, .problem a")) {
      const { width, height } = e.getBoundingClientRect();
      if (width < 44 || height < 44) say("is too small to hit", e);
    }
  }

  // Relative luminance and contrast as WCAG 2.2 defines them.
  const parts = (color) => (color.match(/[\d.]+/g) || []).map(Number);
  const light = (color) => {
    const [r, g, b] = parts(color).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const found = getComputedStyle(at).backgroundColor;
      if (parts(found)[3] !== 0) return found;
    }
    return "rgb(255, 255, 255)";
  };
  for (const e of document.querySelectorAll("body *")) {
    const says = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!says || !seen(e) || e.matches(".unseen, .skip, style, script")) continue;
    const [one, two] = [light(getComputedStyle(e).color), light(behind(e))].sort((a, b) => b - a);
    if ((one + 0.05) / (two + 0.05) < 4.5) say("is hard to read", e);
  }
  return wrong;
}
