// The little of Markdown that the rules' pages use: titles, paragraphs, lists, tables, code and links.
"use strict";
function markdown(text, element) {
  const page = document.createElement("div"), blocks = [];
  for (let part of text.replace(/\r/g, "").split(/(^```[^\n]*\n[\s\S]*?^```$)/m)) {
    if (part.startsWith("```")) blocks.push(part); else blocks.push(...part.split(/\n\s*\n/).map(p => p.trim()).filter(p => p));
  }
  function inline(into, line) {
    for (const part of line.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*|\[[^\]]+\]\([^)]+\))/)) {
      const link = part.match(/^\[([^\]]+)\]/);
      // What a page links to lies in the repository, not in this file: its words stay.
      if (link) inline(into, link[1]);
      else if (part.startsWith("`")) into.append(element("code", part.slice(1, -1)));
      else if (part.startsWith("**")) into.append(element("strong", part.slice(2, -2)));
      else if (part.startsWith("*") && part.length > 2) into.append(element("em", part.slice(1, -1)));
      else into.append(part);
    }
    return into;
  }
  function table(rows) {
    const body = element("table");
    rows.filter((_, i) => i !== 1).forEach((line, i) => {
      const row = element("tr");
      for (const cell of line.replace(/^\||\|$/g, "").split("|")) row.append(inline(element(i ? "td" : "th"), cell.trim()));
      body.append(row);
    });
    return body;
  }
  for (const block of blocks) {
    if (block.startsWith("```")) page.append(element("pre", block.replace(/^```.*\n/, "").replace(/\n?```$/, "")));
    else if (block.startsWith("#")) page.append(inline(element("h3"), block.replace(/^#+\s*/, "")));
    else if (block.startsWith("|")) page.append(table(block.split("\n")));
    else if (/^[-*] /.test(block)) {
      const list = element("ul");
      for (const item of block.split(/\n(?=[-*] )/)) list.append(inline(element("li"), item.slice(2).replace(/\s*\n\s*/g, " ")));
      page.append(list);
    } else page.append(inline(element("p"), block.replace(/\s*\n\s*/g, " ")));
  }
  return page;
}
