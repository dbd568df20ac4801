use super::*;
use crate::yaml::parse;

/// What `read` says about the value of `k`, and the faults.
fn read<T: std::fmt::Debug>(yaml: &str, read: impl Fn(&Value<'_>) -> Option<T>) -> String {
    let node = parse(&"f".into(), format!("k: {yaml}\n").as_bytes()).unwrap();
    let faults = Faults::default();
    let table = Value::root(&node, &faults).table(&["k"]).unwrap();
    let found = table.get("k").and_then(|value| read(&value));
    let faults = faults.into_sorted();
    match (found, faults.first()) {
        (Some(found), None) => format!("{found:?}"),
        (None, Some(fault)) => fault.to_string().replace("f:1:4: error: k: ", ""),
        (found, _) => format!("{found:?} with {faults:?}"),
    }
}

#[test]
fn a_flag_is_true_or_false_and_no_other_word() {
    for (yaml, found) in [
        ("true", "true"),
        ("False", "false"),
        ("yes", "found `yes`, expected true or false (write true)"),
        ("off", "found `off`, expected true or false (write false)"),
        ("'true'", "found `true`, expected true or false"),
        ("1", "found `1`, expected true or false"),
        ("[true]", "found a list, expected true or false"),
    ] {
        assert_eq!(read(yaml, |value| value.flag()), found);
    }
}

#[test]
fn an_integer_is_decimal_digits() {
    for (yaml, found) in [
        ("151", "151"),
        ("0", "found `0`, expected a whole number from 1 to 999"),
        (
            "1000",
            "found `1000`, expected a whole number from 1 to 999",
        ),
        ("-1", "found `-1`, expected a whole number from 1 to 999"),
        (
            "'151'",
            "found `151`, expected a whole number from 1 to 999 (write 151 without quotes)",
        ),
        (
            "0151",
            "found `0151`, expected a whole number from 1 to 999 (decimal digits without zeros before them)",
        ),
        (
            "+5",
            "found `+5`, expected a whole number from 1 to 999 (decimal digits without zeros before them)",
        ),
        (
            "0o17",
            "found `0o17`, expected a whole number from 1 to 999",
        ),
        ("1_0", "found `1_0`, expected a whole number from 1 to 999"),
        ("1.0", "found `1.0`, expected a whole number from 1 to 999"),
        (
            "{a: 1}",
            "found a map, expected a whole number from 1 to 999",
        ),
    ] {
        assert_eq!(read(yaml, |value| value.integer(1u32, 999)), found);
    }
}

#[test]
fn a_name_is_one_line_that_no_program_takes_for_an_option() {
    for (yaml, found) in [
        ("UR Server 750", "\"UR Server 750\""),
        ("VM.SIP-1", "\"VM.SIP-1\""),
        ("no", "\"no\""),
        ("04563", "\"04563\""),
        ("' '", "found ` `, expected a text that is not blank"),
        (
            "' a'",
            "found ` a`, expected a name (without blanks before and behind it)",
        ),
        ("'~'", "found `~`, expected a name (a name is not blank)"),
        (
            "\"a\\e[2Jb\"",
            "found `a\\u{1b}[2Jb`, expected a text without control characters",
        ),
        (
            "-oProxyCommand=x",
            "found `-oProxyCommand=x`, expected a name (a program would take it for an option)",
        ),
    ] {
        assert_eq!(read(yaml, |value| value.name()), found);
    }
}

#[test]
fn an_address_is_an_ip_address_or_a_host_name() {
    for (yaml, found) in [
        ("10.0.0.11", "\"10.0.0.11\""),
        ("fe80::1", "\"fe80::1\""),
        ("vm_host1.example.com", "\"vm_host1.example.com\""),
        (
            "10.0.0.256",
            "found `10.0.0.256`, expected an IP address or a host name",
        ),
        (
            "10.0.0.1/24",
            "found `10.0.0.1/24`, expected an IP address or a host name (without the length of the network)",
        ),
        ("-x", "found `-x`, expected an IP address or a host name"),
        (
            "a..b",
            "found `a..b`, expected an IP address or a host name",
        ),
        ("a b", "found `a b`, expected an IP address or a host name"),
    ] {
        assert_eq!(read(yaml, |value| value.address()), found);
    }
}

#[test]
fn durations_offsets_and_sizes_say_how_they_are_written() {
    assert_eq!(read("90s", |value| value.period()), "90s");
    assert_eq!(
        read("0s", |value| value.period()),
        "found `0s`, expected a duration over zero"
    );
    assert_eq!(read("0s", |value| value.duration()), "0ns");
    assert_eq!(
        read("30", |value| value.duration()),
        "found `30`, expected a duration (as in 250ms, 5s, 2m, 1h30m)"
    );
    assert_eq!(read("-2m", |value| value.offset()), "-120000000");
    assert_eq!(
        read("soon", |value| value.offset()),
        "found `soon`, expected a duration with a sign (as in +40s, -2m)"
    );
    assert_eq!(read("1KiB", |value| value.size(1, 2048)), "1024");
    assert_eq!(
        read("1MiB", |value| value.size(1, 2048)),
        "found `1MiB`, expected a size from 1 to 2048 bytes"
    );
    assert_eq!(
        read("big", |value| value.size(1, 2048)),
        "found `big`, expected a size (as in 512, 256KiB, 1MiB)"
    );
}

#[test]
fn a_word_that_is_nearly_one_is_corrected() {
    use crate::topology::VipOrder;
    let order = |value: &Value<'_>| value.word(VipOrder::ALL, VipOrder::word);
    assert_eq!(read("parallel", order), "Parallel");
    assert_eq!(
        read("enable-frist", order),
        "found `enable-frist`, expected enable-first, disable-first, parallel (did you mean `enable-first`?)"
    );
    assert_eq!(
        read("[]", order),
        "found an empty list, expected enable-first, disable-first, parallel"
    );
}

#[test]
fn a_key_without_a_value_is_as_if_it_were_not_there() {
    assert_eq!(read("~", own_text), "None with []");
    assert_eq!(read("", own_text), "None with []");
    assert_eq!(read("'~'", own_text), "\"~\"");
}

fn own_text(value: &Value<'_>) -> Option<String> {
    value.text().map(str::to_owned)
}
