//! Results as JUnit XML, for whoever collects them.

use askama::Template;

use super::{Tested, Verdict};

#[derive(Template)]
#[template(path = "junit.xml")]
struct Report<'a> {
    failures: usize,
    cases: Vec<Case<'a>>,
}

struct Case<'a> {
    name: &'a str,
    failure: Option<String>,
}

pub(super) fn report(all: &[Tested]) -> askama::Result<String> {
    let cases: Vec<Case<'_>> = all
        .iter()
        .map(|tested| Case {
            name: &tested.name,
            failure: failure(tested),
        })
        .collect();
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    Report { failures, cases }.render()
}

fn failure(tested: &Tested) -> Option<String> {
    match &tested.verdict {
        Verdict::Passed | Verdict::Blessed => None,
        Verdict::Broken(why) => Some(why.clone()),
        Verdict::Differs(differences) => Some(
            differences
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_in_valid_xml_whatever_it_says() {
        let all = [
            Tested {
                name: "fine".into(),
                verdict: Verdict::Passed,
            },
            Tested {
                name: "a<b".into(),
                verdict: Verdict::Broken("]]> & <x>".into()),
            },
        ];
        let xml = report(&all).unwrap();
        assert!(
            xml.contains(r#"<testsuite name="tailswitch" tests="2" failures="1">"#),
            "{xml}"
        );
        assert!(
            xml.contains(r#"<testcase classname="scenarios" name="a&#60;b">"#),
            "{xml}"
        );
        assert!(!xml.contains("]]>") && !xml.contains("<x>"), "{xml}");
    }
}
