//! Rust source as the rules see it: only the code that ships, line for line where it stands.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of src, without its comments, the insides of its literals, and its tests.
pub struct Source {
    /// From the root of the package: `src/config/files.rs`.
    pub path: String,
    /// As long as the file, with blanks for what was taken out.
    pub code: String,
    /// The file as it is.
    pub text: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            code: without_tests(&without_text(text)),
            text: text.to_owned(),
        }
    }

    /// Every file that ships, sorted by path. What stands in `tests.rs` or below `tests/` is declared
    /// `#[cfg(test)]`, which `a_module_of_tests_is_only_built_for_tests` sees to.
    pub fn shipped() -> Vec<Source> {
        files("src", "rs")
            .into_iter()
            .filter(|path| !is_test(path))
            .map(|path| Source::new(&path, &read(&path)))
            .collect()
    }

    /// The modules down to this one: `["config", "files"]`, none for the crate's root.
    pub fn module(&self) -> Vec<&str> {
        let inside = self.path.trim_start_matches("src/");
        let modules: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
        match modules[..] {
            ["lib"] => Vec::new(),
            _ => modules,
        }
    }

    /// The module right below the crate's root: the unit of the layers.
    pub fn top(&self) -> &str {
        self.module().first().copied().unwrap_or("lib")
    }

    /// Where each of the words stands in the code, as `file:line`. A word is no part of a longer name, so `fs::`
    /// is not found in `offs::`.
    pub fn places(&self, word: &str) -> Vec<String> {
        let joins = |c: char| c.is_alphanumeric() || c == '_';
        let borders = |at: usize| {
            let before = self.code[..at].chars().next_back();
            let after = self.code[at + word.len()..].chars().next();
            let grows_left = word.starts_with(joins) && before.is_some_and(joins);
            let grows_right = word.ends_with(joins) && after.is_some_and(joins);
            !grows_left && !grows_right
        };
        self.code
            .match_indices(word)
            .filter(|(at, _)| borders(*at))
            .map(|(at, _)| self.place(at))
            .collect()
    }

    pub fn place(&self, at: usize) -> String {
        let line = self.code[..at].matches('\n').count() + 1;
        format!("{}:{line}", self.path)
    }

    /// The modules right below the root that the code names, each with its place.
    pub fn arrows(&self) -> Vec<(String, String)> {
        let depth = self.module().len();
        let to_root = if depth == 0 {
            "self::".to_owned()
        } else {
            "super::".repeat(depth)
        };
        let mut arrows = Vec::new();
        for way in ["crate::", "tailswitch::", &to_root] {
            for (at, _) in self.code.match_indices(way) {
                let inside = self.code[..at].ends_with([':', '_'])
                    || self.code[..at].ends_with(char::is_alphanumeric);
                if inside {
                    continue;
                }
                let place = self.place(at);
                let named = heads(&self.code[at + way.len()..]);
                arrows.extend(named.into_iter().map(|name| (name, place.clone())));
            }
        }
        arrows
    }
}

/// Files below a folder with this ending, sorted.
pub fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn is_test(path: &str) -> bool {
    path.split('/')
        .any(|part| part == "tests" || part == "tests.rs")
}

/// The first names of `a::b`, or of each branch of `{a::b, c}`.
fn heads(code: &str) -> Vec<String> {
    let Some(group) = code.strip_prefix('{') else {
        return vec![name(code)];
    };
    let (mut heads, mut depth, mut begins) = (Vec::new(), 0, true);
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && !c.is_whitespace() => {
                heads.push(name(&group[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    heads
}

fn name(code: &str) -> String {
    code.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// Blanks for comments and for what stands inside of string and character literals.
fn without_text(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let joined = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let may_begin = matches!(first, '/' | '"' | '\'' | 'b' | 'c' | 'r');
        let found = may_begin.then(|| literal(rest, joined)).flatten();
        let (kept, taken) = match found {
            Some(length) => ("", length),
            None => (&rest[..first.len_utf8()], first.len_utf8()),
        };
        code.push_str(kept);
        if kept.is_empty() {
            blank(&mut code, &rest[..taken]);
        }
        rest = &rest[taken..];
    }
    code
}

/// As many bytes as `text`, with its line ends.
fn blank(code: &mut String, text: &str) {
    code.extend(
        text.bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
    );
}

/// The length of the comment or literal that begins here. `joined`: right behind a name, so an `r` is part of it.
fn literal(rest: &str, joined: bool) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    let prefix = if joined {
        0
    } else {
        ["br", "cr", "r", "b", "c"]
            .into_iter()
            .find(|prefix| {
                let behind = rest.strip_prefix(prefix).unwrap_or_default();
                let hashes = behind.trim_start_matches('#');
                let raw = prefix.ends_with('r');
                hashes.starts_with('"') && (raw || hashes.len() == behind.len())
            })
            .map_or(0, str::len)
    };
    let (prefix, behind) = rest.split_at(prefix);
    if prefix.ends_with('r') {
        let hashes = behind.len() - behind.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let begin = prefix.len() + hashes + 1;
        let length = rest[begin..].find(&end).map(|at| begin + at + end.len());
        return Some(length.unwrap_or(rest.len()));
    }
    let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    if quote == '\'' && !is_character(behind) {
        return None; // A lifetime.
    }
    let mut escaped = true; // So that the opening quote is passed over.
    for (at, c) in behind.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(prefix.len() + at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}

/// `'a'` and `'\n'`, but not `'a`.
fn is_character(rest: &str) -> bool {
    let mut behind = rest.chars().skip(1);
    let first = behind.next();
    first == Some('\\') || behind.next() == Some('\'')
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    for (at, _) in rest.char_indices() {
        if rest[at..].starts_with("/*") {
            depth += 1;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at + 2;
            }
        }
    }
    rest.len()
}

/// Blanks for every item that is built for tests only: `#[cfg(test)]`, `#[cfg(all(test, unix))]`.
fn without_tests(code: &str) -> String {
    const TEST: [&str; 2] = ["#[cfg(test)]", "#[cfg(all(test,"];
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = TEST.iter().filter_map(|mark| rest.find(mark)).min() {
        kept.push_str(&rest[..at]);
        let attribute = rest[at..].find(']').map_or(0, |end| end + 1);
        let length = attribute + item(&rest[at + attribute..]);
        blank(&mut kept, &rest[at..at + length]);
        rest = &rest[at + length..];
    }
    kept + rest
}

/// The length of the item that begins here: to its `;`, or to the end of its braces.
fn item(code: &str) -> usize {
    let mut depth = 0usize;
    for (at, c) in code.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && c == '}' {
                    let behind = &code[at + 1..];
                    return at + 1 + usize::from(behind.starts_with(';'));
                }
            }
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_left_of_a_text_and_stays_on_its_line() {
        for (text, left) in [
            ("a // fs::b\nc", "a c"),
            ("a /* x /* y */ z */ b", "a b"),
            ("f(\"fs::x \\\" y\")+z", "f( )+z"),
            ("f(r#\"a \" b\"#)+z", "f( )+z"),
            ("f(b\"\\\\\")+z", "f( )+z"),
            ("for\"x\"", "for "),
            ("a::<'b>('\\'','x','\"')+z", "a::<'b>( , , )+z"),
            ("a\n#[cfg(test)]\nmod tests { f { x } g }\nb", "a b"),
            ("#[cfg(test)]\n#[path(x)]\nmod tests;\nb", " b"),
            ("#[cfg(test)]\nuse a::{b, c};\nd", " d"),
            ("#[cfg(all(test, unix))]\nmod tests;\nd", " d"),
            ("#[cfg(not(test))]\nmod a;\nd", "#[cfg(not(test))] mod a; d"),
        ] {
            let code = Source::new("src/a.rs", text).code;
            assert_eq!(squeezed(&code), left, "{text}");
            assert_eq!(code.len(), text.len(), "{text}");
            assert_eq!(code.lines().count(), text.lines().count(), "{text}");
        }
    }

    /// One blank for each run of them.
    fn squeezed(code: &str) -> String {
        let mut squeezed = String::new();
        for c in code
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c })
        {
            if c != ' ' || !squeezed.ends_with(' ') {
                squeezed.push(c);
            }
        }
        squeezed
    }

    #[test]
    fn a_word_is_found_where_it_stands_alone() {
        let source = Source::new("src/a.rs", "offs::x;\nfs::x(my_fs::y);\nstd::fs::z");
        assert_eq!(source.places("fs::"), ["src/a.rs:2", "src/a.rs:3"]);
    }

    #[test]
    fn an_arrow_is_found_however_it_is_written() {
        for (path, code, named) in [
            ("src/a.rs", "use crate::b::C;", vec!["b"]),
            ("src/a.rs", "use crate::{b::{C, D}, e};", vec!["b", "e"]),
            ("src/a.rs", "fn f() { crate::b::c() }", vec!["b"]),
            ("src/a.rs", "use super::b;", vec!["b"]),
            (
                "src/a/x.rs",
                "use super::b; use super::super::c;",
                vec!["c"],
            ),
            ("src/main.rs", "tailswitch::cli::run()", vec!["cli"]),
            ("src/a.rs", "$crate_x::b; // crate::c", vec![]),
        ] {
            let arrows = Source::new(path, code).arrows();
            let found: Vec<String> = arrows.into_iter().map(|(name, _)| name).collect();
            assert_eq!(found, named, "{code}");
        }
    }
}
