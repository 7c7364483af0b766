//! Flowed text (RFC 3676): lines that a mailer wrapped become one again.

/// The text with its soft line ends taken out.
pub(super) fn unwrapped(text: &str, delete_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let depth = line.len() - line.trim_start_matches('>').len();
        let (quotes, rest) = line.split_at(depth);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        if open.is_some_and(|before| before != depth) {
            out.push('\n');
            open = None;
        }
        if open.is_none() && depth > 0 {
            out.push_str(quotes);
            out.push(' ');
        }
        let soft = rest.ends_with(' ') && rest != "-- ";
        out.push_str(if soft && delete_space { rest.strip_suffix(' ').unwrap_or(rest) } else { rest });
        open = soft.then_some(depth);
        if !soft {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::unwrapped;

    #[test]
    fn soft_line_ends_are_taken_out() {
        assert_eq!(unwrapped("一行目 \n続き\n二行目\n", true), "一行目続き\n二行目\n");
        assert_eq!(unwrapped("> a \n> b\nc \n> d\n-- \n字 ", false), "> a b\nc \n> d\n-- \n字 ");
    }
}
