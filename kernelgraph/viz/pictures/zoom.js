// A picture in a box that scrolls can be made smaller and larger: with buttons, and with the keys
// + − 0 while the box has the focus. What was in the middle stays there. `others` says what further
// keys do.
function zoomable(box, picture, others = {}) {
  const least = 0.05;
  const most = 8;
  const width = Number(picture.getAttribute("width"));
  const said = element("span", { "aria-live": "polite", style: "margin-left:4px" });

  function zoom(factor) {
    const now = picture.getBoundingClientRect().width || width;
    const scale = Math.min(Math.max(factor === null ? 1 : now * factor / width, least), most);
    const across = (box.scrollLeft + box.clientWidth / 2) / box.scrollWidth;
    const along = (box.scrollTop + box.clientHeight / 2) / box.scrollHeight;
    picture.style.maxWidth = "none";
    picture.style.height = "auto";
    picture.style.width = `${width * scale}px`;
    box.scrollLeft = across * box.scrollWidth - box.clientWidth / 2;
    box.scrollTop = along * box.scrollHeight - box.clientHeight / 2;
    said.textContent = `${Math.round(100 * scale)} %`;
  }

  const factors = { "+": 1.25, "=": 1.25, "-": 0.8, "−": 0.8, 0: null };
  const button = (sign, name) => {
    const made = element("button", { type: "button", "aria-label": name,
      title: `${name} (key ${sign === "1:1" ? 0 : sign})`,
      style: "min-width:2.6em;margin-right:4px" }, sign);
    made.addEventListener("click", () => zoom(sign === "1:1" ? null : factors[sign]));
    return made;
  };
  const bar = element("div", { "data-role": "zoom", role: "group", "aria-label": "zoom" },
    button("−", "smaller"), button("+", "larger"), button("1:1", "true size"), said);
  keepKeys(bar);
  keepKeys(box, event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = event.key in factors ? () => zoom(factors[event.key]) : others[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  box.before(bar);
  return bar;
}
