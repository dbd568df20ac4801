//! Closed sets of published words: one enum, one spelling, for JSON, YAML and people alike.

macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$inner])* $variant,)+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];
            /// As they are written, in the order of `ALL`.
            pub const WORDS: &'static [&'static str] = &[$($word,)+];

            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            pub fn from_word(word: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|each| each.word() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": $name::WORDS })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(deserializer)?;
                $name::from_word(&word).ok_or_else(|| {
                    serde::de::Error::custom(format!("`{word}` is not a word of {}", stringify!($name)))
                })
            }
        }
    };
}
pub(crate) use words;

/// Adds to a struct's schema the `type` that it is published with.
pub(crate) fn typed(word: &'static str) -> impl Fn(&mut schemars::Schema) {
    move |schema| {
        let tag = schemars::json_schema!({ "type": "string", "const": word });
        let fields = schema.ensure_object();
        if let Some(properties) = fields
            .get_mut("properties")
            .and_then(|it| it.as_object_mut())
        {
            properties.insert("type".into(), tag.into());
        }
        if let Some(required) = fields.get_mut("required").and_then(|it| it.as_array_mut()) {
            required.push("type".into());
        }
    }
}
