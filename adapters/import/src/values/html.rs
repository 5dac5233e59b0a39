//! HTML to plain text: tags removed, blocks as lines, entities resolved, scripts and comments dropped.

use std::borrow::Cow;

use quick_xml::escape::resolve_html5_entity;

/// Returns true if the text has tags or entities.
fn has_markup(text: &str) -> bool {
    text.contains(['<', '&'])
}

/// Returns the text on one line, with runs of white space as one space.
pub(crate) fn line(text: &str) -> String {
    if has_markup(text) { joined(&strip(text)) } else { joined(text) }
}

/// Returns the text with its paragraphs as lines, without empty ones.
pub(crate) fn paragraphs(text: &str) -> String {
    let plain = if has_markup(text) { Cow::Owned(strip(text)) } else { Cow::Borrowed(text) };
    let lines = plain.split(['\n', '\r']).map(joined).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the words of a plain text with one space between them.
fn joined(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}') {
        if !line.is_empty() && !word.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

fn strip(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if rest.starts_with('&') { entity(rest, &mut text) } else { tag(rest, &mut text) };
    }
    text.push_str(rest);
    text
}

/// Resolves the entity at the start of `rest`; what is none stays as it is.
fn entity<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let end = rest.bytes().take(34).position(|byte| byte == b';');
    let resolved = end.and_then(|end| {
        let name = &rest[1..end];
        let found = match name.strip_prefix('#') {
            Some(number) => {
                let hexadecimal = number.strip_prefix(['x', 'X']);
                let code = hexadecimal
                    .map_or_else(|| number.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok());
                code.and_then(char::from_u32).filter(|c| *c != '\0').map(String::from)
            }
            None => resolve_html5_entity(name).map(str::to_owned),
        };
        found.map(|found| (found, end))
    });
    match resolved {
        Some((found, end)) => {
            text.push_str(&found);
            &rest[end + 1..]
        }
        None => {
            text.push('&');
            &rest[1..]
        }
    }
}

/// Skips the tag at the start of `rest`; a `<` that begins none stays as it is.
fn tag<'a>(rest: &'a str, text: &mut String) -> &'a str {
    if let Some(comment) = rest.strip_prefix("<!--") {
        return comment.find("-->").map_or("", |end| &comment[end + 3..]);
    }
    let name = rest[1..].trim_start_matches('/');
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic())
        || rest.starts_with("<!")
        || rest.starts_with("<?");
    let Some(end) = rest.find('>').filter(|_| begins) else {
        text.push('<');
        return &rest[1..];
    };
    let name_end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    let name = name[..name_end].to_ascii_lowercase();
    if !rest.starts_with("</") && matches!(name.as_str(), "script" | "style") {
        let close = format!("</{name}");
        let Some(at) = rest.to_ascii_lowercase().find(&close) else { return "" };
        return rest[at..].find('>').map_or("", |end| &rest[at + end + 1..]);
    }
    let inline = [
        "a", "abbr", "b", "bdi", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub",
        "sup", "u",
    ];
    if !inline.contains(&name.as_str()) {
        text.push(if matches!(name.as_str(), "td" | "th" | "img") { ' ' } else { '\n' });
    }
    &rest[end + 1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_plain_text() {
        assert_eq!(line("Caf&eacute;&nbsp;<b>molido</b>"), "Café molido");
        assert_eq!(paragraphs("<p>Uno&#8217;s</p><ul><li>dos</li><li>tres</li></ul>"), "Uno’s\ndos\ntres");
        assert_eq!(paragraphs("a<script>alert('<b>')</script>b<style>p{}</style><!-- c -->d"), "abd");
        assert_eq!(line("5 < 6 & R&B &nada; <3"), "5 < 6 & R&B &nada; <3");
        assert_eq!(line("  dos \t líneas \n"), "dos líneas");
        assert_eq!(paragraphs("una<br/>dos\n\n\ntres"), "una\ndos\ntres");
        assert_eq!(line("<p sin cerrar"), "<p sin cerrar");
    }
}
