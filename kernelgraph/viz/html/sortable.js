// Gives the tables of a view headings that sort their rows.
(root) => {
  root.addEventListener("keydown", (event) => event.stopPropagation());
  const units = { "%": 1, ns: 1e-9, "µs": 1e-6, ms: 1e-3, s: 1 };
  const value = (row, column) => {
    const text = row.cells[column].textContent.trim();
    const [, digits, unit] = text.match(/^(-?[\d.,e+-]+)\s*(%|ns|µs|ms|s)?$/) || [];
    return digits === undefined ? text : Number(digits.replace(/,/g, "")) * (units[unit] ?? 1);
  };
  const compare = (a, b) => {
    if (typeof a === typeof b) return typeof a === "number" ? a - b : a.localeCompare(b);
    return typeof a === "number" ? 1 : -1;
  };
  root.querySelectorAll("table[data-sortable]").forEach((table) => {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (!head.textContent) return;
      const button = document.createElement("button");
      button.type = "button";
      button.style.cssText = "all:unset;cursor:pointer;font-weight:bold;text-decoration:underline dotted";
      button.addEventListener("focus", () => {
        if (button.matches(":focus-visible")) button.style.outline = "2px solid currentColor";
      });
      button.addEventListener("blur", () => { button.style.outline = ""; });
      button.append(...head.childNodes);
      const sign = document.createElement("span");
      sign.setAttribute("aria-hidden", "true");
      head.append(button, sign);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        heads.forEach((other) => {
          other.removeAttribute("aria-sort");
          if (other.lastChild && other.lastChild !== other.firstChild) other.lastChild.textContent = "";
        });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sign.textContent = down ? " ▼" : " ▲";
        const rows = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column)));
        body.append(...(down ? rows.reverse() : rows));
      });
    });
  });
}
