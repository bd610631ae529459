// The little of Markdown that the document's texts use (paragraphs, headings, tables, bold, code, links
// within this site) as nodes. Whatever else is in a text stays text: nothing is ever read as HTML.

import { el } from "../ui/dom.js";

export function blocks(text) {
  return text.split(/\n{2,}/).filter((part) => part.trim()).map((part) => {
    const lines = part.trim().split("\n");
    const heading = /^(#{1,4}) (.*)$/.exec(lines[0]);
    if (heading) return { kind: "heading", level: heading[1].length, text: heading[2] };
    if (lines.length > 2 && lines.every((line) => line.startsWith("|"))) return { kind: "table", rows: tableRows(lines) };
    return { kind: "paragraph", text: lines.join(" ") };
  });
}

function tableRows(lines) {
  return lines.filter((line) => !/^\|[\s:|-]+\|$/.test(line))
    .map((line) => line.replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim()));
}

// [{text}, {text, style: "strong" | "code"}, {text, href}]
export function spans(text) {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\(\/[^)/][^)]*\))/).filter(Boolean).map((part) => {
    if (part.startsWith("**")) return { text: part.slice(2, -2), style: "strong" };
    if (part.startsWith("`")) return { text: part.slice(1, -1), style: "code" };
    const link = /^\[(.+)\]\((\/.+)\)$/.exec(part);
    return link ? { text: link[1], href: link[2] } : { text: part };
  });
}

const spanNode = ({ text, style, href }) => (href ? el("a", { href }, text) : style ? el(style, {}, text) : text);

export const inline = (text) => spans(text).map(spanNode);

const DRAW = {
  heading: ({ level, text }) => el(`h${Math.min(level + 1, 6)}`, {}, inline(text)),
  paragraph: ({ text }) => el("p", {}, inline(text)),
  table: ({ rows: [head, ...rows] }) => el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "Table" }, el("table", { class: "table" },
    el("thead", {}, el("tr", {}, head.map((cell) => el("th", { scope: "col" }, inline(cell))))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell) => el("td", {}, inline(cell)))))))),
};

export const markdown = (text) => blocks(text).map((block) => DRAW[block.kind](block));
