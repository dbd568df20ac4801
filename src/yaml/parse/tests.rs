use super::*;

/// A tree as text: keys and scalars with their places, a quoted scalar with its quotes.
fn drawn(text: impl AsRef<[u8]>) -> String {
    match parse(&"f".into(), text.as_ref()) {
        Ok(node) => draw(&node),
        Err(faults) => faults
            .iter()
            .map(Fault::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

fn draw(node: &Node) -> String {
    let Place { line, column, .. } = &node.place;
    match &node.content {
        Content::Scalar(scalar) if scalar.quoted => format!("{line}:{column} {:?}", scalar.text),
        Content::Scalar(scalar) => format!("{line}:{column} {}", scalar.text.escape_debug()),
        Content::List(list) => {
            let items: Vec<String> = list.iter().map(draw).collect();
            format!("{line}:{column} [{}]", items.join(", "))
        }
        Content::Map(entries) => {
            let draw_entry = |entry: &Entry| {
                let Place { line, column, .. } = &entry.key_place;
                format!("{line}:{column} {}: {}", entry.key, draw(&entry.value))
            };
            let entries: Vec<String> = entries.iter().map(draw_entry).collect();
            format!("{line}:{column} {{{}}}", entries.join(", "))
        }
    }
}

#[test]
fn a_scalar_keeps_the_spelling_of_the_file() {
    for (yaml, scalar) in [
        ("04563", "04563"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1e999", "1e999"),
        (".nan", ".nan"),
        ("12:30", "12:30"),
        ("2026-01-01", "2026-01-01"),
        ("~", "~"),
        ("no", "no"),
        ("on", "on"),
        ("True", "True"),
        ("a b  # remark", "a b"),
        ("'151'", "\"151\""),
        ("''", "\"\""),
        ("\"a\\nb\"", "\"a\\nb\""),
        ("'it''s'", "\"it's\""),
    ] {
        assert_eq!(
            drawn(format!("k: {yaml}\n")),
            format!("1:1 {{1:1 k: 1:4 {scalar}}}")
        );
    }
    assert_eq!(drawn("k:\n"), "1:1 {1:1 k: 1:2 }");
    assert_eq!(drawn("k: |\n  a\n  b\n"), "1:1 {1:1 k: 2:3 a\\nb\\n}");
    assert_eq!(drawn("k: a\n  b\n"), "1:1 {1:1 k: 1:4 a b}");
    assert_eq!(drawn("no: 1\n1: 2\n"), "1:1 {1:1 no: 1:5 1, 2:1 1: 2:4 2}");
}

#[test]
fn places_count_characters_in_maps_and_lists_of_both_styles() {
    assert_eq!(
        drawn("ä: {aä: b, c: [d, e]}\nf:\n  - g\n"),
        "1:1 {1:1 ä: 1:4 {1:5 aä: 1:9 b, 1:12 c: 1:15 [1:16 d, 1:19 e]}, 2:1 f: 3:3 [3:5 g]}"
    );
    assert_eq!(
        drawn("a: &x 1\nb: *x\n"),
        "1:1 {1:1 a: 1:7 1, 2:1 b: 2:4 1}"
    );
}

#[test]
fn a_byte_order_mark_and_crlf_change_nothing() {
    let plain = drawn("a: b\nc: [d]\n");
    assert_eq!(drawn("\u{FEFF}a: b\r\nc: [d]\r\n"), plain);
}

#[test]
fn nothing_is_an_empty_map() {
    for text in ["", "\n\n", "# only a remark\n", "---\n"] {
        assert_eq!(drawn(text), "1:1 {}", "{text:?}");
    }
}

#[test]
fn what_is_not_our_yaml_is_one_fault_at_its_place() {
    for (text, fault) in [
        (
            "a:\n\tb: c\n",
            "2:2: error: not YAML: tabs disallowed within this context (block indentation) (indent with blanks)",
        ),
        (
            "a: b\n c: d\n",
            "2:3: error: not YAML: mapping values are not allowed in this context (check the indentation; a text that holds `: ` needs quotes)",
        ),
        (
            "a: b: c\n",
            "1:5: error: not YAML: mapping values are not allowed in this context (check the indentation; a text that holds `: ` needs quotes)",
        ),
        ("a: [1, 2\n", "1:4: error: not YAML: unclosed bracket '['"),
        ("a: 'x\n", "1:4: error: not YAML: unclosed quote"),
        (
            "a: @x\n",
            "1:4: error: not YAML: unexpected character: `@' (a text that begins so needs quotes)",
        ),
        (
            "a: *nope\n",
            "1:4: error: not YAML: alias references unknown anchor",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "2:1: error: a second document (one file, one document: remove the `---`)",
        ),
        (
            "a: !foo x\n",
            "1:9: error: a tag (remove the `!` and its word)",
        ),
        (
            "? [a]\n: b\n",
            "1:3: error: a key that is a list or a map, expected a word",
        ),
        (
            "a: b\nc: d\0\n",
            "2:5: error: a NUL byte (is this a text file?)",
        ),
    ] {
        assert_eq!(drawn(text), format!("f:{fault}"));
    }
    assert_eq!(
        drawn(b"a: b\nc: \xFC\n"),
        "f:2:4: error: a byte that is not UTF-8 (save the file as UTF-8)"
    );
    assert_eq!(
        drawn(b"\xFF\xFEa\0"),
        "f:1:1: error: UTF-16, expected UTF-8 (save the file as UTF-8)"
    );
}

#[test]
fn each_repeated_key_and_each_merge_key_is_a_fault() {
    assert_eq!(
        drawn("a: 1\na: 2\nb: {c: 1, c: 2}\n<<: {x: y}\n"),
        "f:2:1: error: a: the key is already on line 1\n\
         f:3:11: error: b.c: the key is already on line 3\n\
         f:4:1: error: <<: merge keys are not supported (write the keys out, so that everyone sees what holds here)"
    );
}

#[test]
fn bombs_are_refused() {
    let deep = "nested deeper than 32 levels";
    let many = "more values or aliases than a configuration may have";
    let ladder: String = (0..2_000).map(|depth| " ".repeat(depth) + "a:\n").collect();
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let inner = format!("*a{}, ", level - 1).repeat(9);
        laughs += &format!("a{level}: &a{level} [{inner}]\n");
    }
    for (text, message) in [
        ("[".repeat(100_000), deep),
        ("{a: ".repeat(100_000), deep),
        ("- ".repeat(100_000), deep),
        (ladder, deep),
        (laughs, many),
        ("a: &a x\n".to_owned() + &"b: *a\n".repeat(2_000), many),
        ("a: b\n".repeat(300_000), many),
        (
            " ".repeat(BYTES_MAX + 1),
            "over 4 MiB, which no configuration needs",
        ),
    ] {
        let faults = parse(&"f".into(), text.as_bytes()).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].message, message);
    }
}

mod arbitrary {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&"f".into(), &bytes);
        }

        #[test]
        fn no_mixture_of_signs_makes_it_panic(text in "([-?:,\\[\\]{}#&*!|>'\"%@` \t\r\na0~<]|\u{FEFF}|ä|---|<<: ){0,60}") {
            let _ = parse(&"f".into(), text.as_bytes());
        }

        /// The oracle is how the text was made: each value stands where it was put.
        #[test]
        fn every_value_is_found_where_it_was_written(words in prop::collection::vec("[a-z]{1,9}", 1..20)) {
            let mut text = String::new();
            let mut wanted = Vec::new();
            for (index, word) in words.iter().enumerate() {
                let indent = index % 5;
                text += &format!("k{index}:\n{}- {word}\n", " ".repeat(indent + 1));
                wanted.push((2 * index as u64 + 2, indent as u64 + 4, word.clone()));
            }
            let node = parse(&"f".into(), text.as_bytes()).unwrap();
            let Content::Map(entries) = node.content else { panic!("a map") };
            let found: Vec<_> = entries.iter().map(|entry| {
                let Content::List(list) = &entry.value.content else { panic!("a list") };
                let Content::Scalar(scalar) = &list[0].content else { panic!("a scalar") };
                (list[0].place.line, list[0].place.column, scalar.text.clone())
            }).collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
