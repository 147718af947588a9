/**
 * Whether a path (with `/`) matches a glob pattern: `*` and `?` within a segment, `**` across segments, `[a-z]`, `{a,b}`.
 * A pattern without `/` is matched against the file name, as in VS Code's `files.associations`.
 */
export function matchesGlob(path: string, pattern: string): boolean {
  const subject = pattern.includes("/") ? path : path.slice(path.lastIndexOf("/") + 1);
  return expressionOf(pattern.replace(/^\.\//, "")).test(subject);
}

function expressionOf(pattern: string): RegExp {
  try {
    return new RegExp(`^${sourceOf(pattern)}$`, "u");
  } catch {
    // A class such as [z-a] is no class; the pattern then means itself.
    return new RegExp(`^${escaped(pattern)}$`, "u");
  }
}

function sourceOf(pattern: string): string {
  let source = "";
  let braces = 0;
  for (let i = 0; i < pattern.length; ) {
    const [token] = /^(?:\*\*\/|\*\*|\[!?[^\]/]+\]|[^])/u.exec(pattern.slice(i)) ?? [""];
    i += token.length;
    if (token === "**/") source += "(?:[^/]+/)*";
    else if (token === "**") source += ".*";
    else if (token === "*") source += "[^/]*";
    else if (token === "?") source += "[^/]";
    else if (token === "{" && pattern.includes("}", i)) {
      braces++;
      source += "(?:";
    } else if (token === "}" && braces > 0) {
      braces--;
      source += ")";
    } else if (token === "," && braces > 0) source += "|";
    else if (token.length > 2 && token.startsWith("[")) source += token.replace(/^\[!/, "[^").replaceAll("\\", "\\\\");
    else source += escaped(token);
  }
  return source;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
