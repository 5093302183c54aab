//! Why an address was refused: one closed list, with the sentence a person reads and a code for programs.

use std::borrow::Cow;
use std::fmt;

use super::characters::CharacterList;

/// The reason an address was refused.
///
/// [`reason`](EmailRefused::reason) gives the sentence; clients of the API find it in `ctx.reason` of a 422.
/// The sentences are those of email-validator 2.3 and pydantic, except for the last group, which holds the rules
/// we add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmailRefused {
    /// More than 2048 characters came in; nothing else was looked at.
    InputTooLong,
    /// A carriage return or a line feed: the way into a mail header.
    LineBreak,

    /// There is no @-sign.
    AtSignMissing,
    /// There is a full-width @-sign where the real one should be.
    AtSignFullWidth,
    /// There is a "small commercial at" where the real @-sign should be.
    AtSignSmall,
    /// The name before `<` has characters that need quotes.
    DisplayNameCharacters(CharacterList),
    /// `<` without `>`.
    AngleBracketOpen,
    /// Text after `>`.
    TextAfterAngleBracket,
    /// Text between a closing quote and the @-sign or the angle bracket.
    TextAfterQuote(CharacterList),
    /// A display name that is not of the simple form `Name <address>`.
    DisplayName,

    /// Nothing before the @-sign.
    LocalPartEmpty,
    /// Characters that may not stand before the @-sign.
    LocalPartCharacters(CharacterList),
    /// Characters that appear before the @-sign once the text is put into NFC, and may not stand there.
    LocalPartCharactersNormalized(CharacterList),
    /// Characters that may not even stand in quotes before the @-sign.
    LocalPartQuotedCharacters(CharacterList),
    /// The part before the @-sign starts with a period.
    LocalPartStartsWithPeriod,
    /// The part before the @-sign ends with a period.
    LocalPartEndsWithPeriod,
    /// The part before the @-sign is quoted.
    LocalPartQuoted,

    /// Controls, bidi overrides, zero-width characters, spaces and the like.
    UnsafeCharacters(CharacterList),
    /// Two periods in a row, on either side.
    TwoPeriods,

    /// Nothing after the @-sign.
    DomainEmpty,
    /// An IP address, or anything else, in square brackets.
    DomainBracketed,
    /// Characters that may not stand after the @-sign.
    DomainCharacters(CharacterList),
    /// Characters that appear after the @-sign once the domain is normalised, and may not stand there.
    DomainCharactersNormalized(CharacterList),
    /// The domain starts with a period.
    DomainStartsWithPeriod,
    /// The domain ends with a period.
    DomainEndsWithPeriod,
    /// The domain starts with a hyphen.
    DomainStartsWithHyphen,
    /// The domain ends with a hyphen.
    DomainEndsWithHyphen,
    /// A label of the domain starts or ends with a hyphen.
    DomainPeriodBesideHyphen,
    /// A label with hyphens in its third and fourth place that is not Punycode.
    DomainReservedLabel,
    /// A label that IDNA does not allow, or Punycode that decodes to none.
    DomainNotInternational,
    /// The domain is longer than 253 bytes as DNS sees it.
    DomainTooLong {
        /// How many bytes are too many.
        excess: usize,
        /// Whether the length is that of the IDNA form, not of what was typed.
        encoded: bool,
    },
    /// A label of the domain is longer than 63 bytes as DNS sees it.
    DomainLabelTooLong {
        /// How many bytes are too many.
        excess: usize,
    },
    /// The domain is a single label.
    DomainWithoutPeriod,
    /// The last label does not end with a letter, so it is no top-level domain.
    DomainNotPublic,
    /// A name that DNS reserves: `.test`, `.local`, `.localhost`, `.invalid`, `.onion`, `.arpa`.
    DomainSpecialUse,

    /// The address is longer than 254 bytes.
    TooLong {
        /// The smallest number of characters that could be the excess.
        characters: usize,
        /// The excess in bytes.
        bytes: usize,
    },
    /// The address is longer than 254 bytes once it is normalised.
    TooLongNormalized {
        /// The excess in bytes.
        bytes: usize,
    },
    /// The address is longer than 254 bytes with its domain in IDNA form.
    TooLongEncoded {
        /// The excess in bytes.
        bytes: usize,
    },

    /// Ours: characters that stand for others, such as full-width letters; NFKC would replace them.
    LookAlikeCharacters(CharacterList),
    /// Ours: characters that are drawn as nothing.
    InvisibleCharacters(CharacterList),
    /// Ours: quotation marks other than the apostrophe.
    QuotationMarks(CharacterList),
}

impl EmailRefused {
    /// The sentence for a person. It names characters, never the whole address.
    pub fn reason(&self) -> Cow<'static, str> {
        let fixed = match self {
            Self::InputTooLong => "Length must not exceed 2048 characters",
            Self::LineBreak => "Carriage return and line feed characters are not allowed",
            Self::AtSignMissing => "An email address must have an @-sign.",
            Self::AtSignFullWidth => {
                "The email address has the \"full-width\" at-sign (@) character instead of a regular at-sign."
            }
            Self::AtSignSmall => {
                "The email address has the \"small commercial at\" character instead of a regular at-sign."
            }
            Self::DisplayNameCharacters(list) => {
                return format!("The display name contains invalid characters when not quoted: {list}.").into();
            }
            Self::AngleBracketOpen => {
                "An open angle bracket at the start of the email address has to be followed by a close angle bracket \
                 at the end."
            }
            Self::TextAfterAngleBracket => "There can't be anything after the email address.",
            Self::TextAfterQuote(list) => {
                return format!("Extra character(s) found after close quote: {list}").into();
            }
            Self::DisplayName => "A display name and angle brackets around the email address are not permitted here.",
            Self::LocalPartEmpty => "There must be something before the @-sign.",
            Self::LocalPartCharacters(list) => {
                return format!("The email address contains invalid characters before the @-sign: {list}.").into();
            }
            Self::LocalPartCharactersNormalized(list) => {
                return format!(
                    "After Unicode normalization: The email address contains invalid characters before the @-sign: \
                     {list}."
                )
                .into();
            }
            Self::LocalPartQuotedCharacters(list) => {
                return format!("The email address contains invalid characters in quotes before the @-sign: {list}.")
                    .into();
            }
            Self::LocalPartStartsWithPeriod => "An email address cannot start with a period.",
            Self::LocalPartEndsWithPeriod => "An email address cannot have a period immediately before the @-sign.",
            Self::LocalPartQuoted => "Quoting the part before the @-sign is not allowed here.",
            Self::UnsafeCharacters(list) => {
                return format!("The email address contains unsafe characters: {list}.").into();
            }
            Self::TwoPeriods => "An email address cannot have two periods in a row.",
            Self::DomainEmpty => "There must be something after the @-sign.",
            Self::DomainBracketed => "A bracketed IP address after the @-sign is not allowed here.",
            Self::DomainCharacters(list) => {
                return format!("The part after the @-sign contains invalid characters: {list}.").into();
            }
            Self::DomainCharactersNormalized(list) => {
                return format!(
                    "The part after the @-sign contains invalid characters after Unicode normalization: {list}."
                )
                .into();
            }
            Self::DomainStartsWithPeriod => "An email address cannot have a period immediately after the @-sign.",
            Self::DomainEndsWithPeriod => "An email address cannot end with a period.",
            Self::DomainStartsWithHyphen => "An email address cannot have a hyphen immediately after the @-sign.",
            Self::DomainEndsWithHyphen => "An email address cannot end with a hyphen.",
            Self::DomainPeriodBesideHyphen => "An email address cannot have a period and a hyphen next to each other.",
            Self::DomainReservedLabel => {
                "An email address cannot have two letters followed by two dashes immediately after the @-sign or \
                 after a period, except Punycode."
            }
            Self::DomainNotInternational => "The part after the @-sign is not a valid internationalized domain name.",
            Self::DomainTooLong { excess, encoded: false } => {
                return format!("The email address is too long after the @-sign {}.", too_many(*excess)).into();
            }
            Self::DomainTooLong { excess, encoded: true } => {
                return format!(
                    "The email address is too long after the @-sign ({} too many after IDNA encoding).",
                    bytes(*excess)
                )
                .into();
            }
            Self::DomainLabelTooLong { excess } => {
                return format!(
                    "After the @-sign, periods cannot be separated by so many characters {}.",
                    too_many(*excess)
                )
                .into();
            }
            Self::DomainWithoutPeriod => "The part after the @-sign is not valid. It should have a period.",
            Self::DomainNotPublic => {
                "The part after the @-sign is not valid. It is not within a valid top-level domain."
            }
            Self::DomainSpecialUse => {
                "The part after the @-sign is a special-use or reserved name that cannot be used with email."
            }
            Self::TooLong { characters, bytes } if characters == bytes => {
                return format!("The email address is too long {}.", too_many(*bytes)).into();
            }
            Self::TooLong { characters, bytes } => {
                return format!(
                    "The email address is too long ({characters}-{bytes} character{} too many).",
                    plural(*bytes)
                )
                .into();
            }
            Self::TooLongNormalized { bytes: excess } => {
                return format!("The email address is too long after normalization ({} too many).", bytes(*excess))
                    .into();
            }
            Self::TooLongEncoded { bytes: excess } => {
                return format!(
                    "The email address is too long when the part after the @-sign is converted to IDNA ASCII ({} too \
                     many).",
                    bytes(*excess)
                )
                .into();
            }
            Self::LookAlikeCharacters(list) => {
                return format!(
                    "The email address contains characters that look like other characters: {list}. Type the usual \
                     ones instead."
                )
                .into();
            }
            Self::InvisibleCharacters(list) => {
                return format!("The email address contains invisible characters: {list}. Type it again without them.")
                    .into();
            }
            Self::QuotationMarks(list) => {
                return format!("The email address contains quotation marks: {list}. Type it again without them.")
                    .into();
            }
        };
        Cow::Borrowed(fixed)
    }

    /// The stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InputTooLong => "EMAIL_INPUT_TOO_LONG",
            Self::LineBreak => "EMAIL_LINE_BREAK",
            Self::AtSignMissing => "EMAIL_AT_SIGN_MISSING",
            Self::AtSignFullWidth => "EMAIL_AT_SIGN_FULL_WIDTH",
            Self::AtSignSmall => "EMAIL_AT_SIGN_SMALL",
            Self::DisplayNameCharacters(_) => "EMAIL_DISPLAY_NAME_CHARACTERS",
            Self::AngleBracketOpen => "EMAIL_ANGLE_BRACKET_OPEN",
            Self::TextAfterAngleBracket => "EMAIL_TEXT_AFTER_ANGLE_BRACKET",
            Self::TextAfterQuote(_) => "EMAIL_TEXT_AFTER_QUOTE",
            Self::DisplayName => "EMAIL_DISPLAY_NAME",
            Self::LocalPartEmpty => "EMAIL_LOCAL_PART_EMPTY",
            Self::LocalPartCharacters(_) => "EMAIL_LOCAL_PART_CHARACTERS",
            Self::LocalPartCharactersNormalized(_) => "EMAIL_LOCAL_PART_CHARACTERS_NORMALIZED",
            Self::LocalPartQuotedCharacters(_) => "EMAIL_LOCAL_PART_QUOTED_CHARACTERS",
            Self::LocalPartStartsWithPeriod => "EMAIL_LOCAL_PART_STARTS_WITH_PERIOD",
            Self::LocalPartEndsWithPeriod => "EMAIL_LOCAL_PART_ENDS_WITH_PERIOD",
            Self::LocalPartQuoted => "EMAIL_LOCAL_PART_QUOTED",
            Self::UnsafeCharacters(_) => "EMAIL_UNSAFE_CHARACTERS",
            Self::TwoPeriods => "EMAIL_TWO_PERIODS",
            Self::DomainEmpty => "EMAIL_DOMAIN_EMPTY",
            Self::DomainBracketed => "EMAIL_DOMAIN_BRACKETED",
            Self::DomainCharacters(_) => "EMAIL_DOMAIN_CHARACTERS",
            Self::DomainCharactersNormalized(_) => "EMAIL_DOMAIN_CHARACTERS_NORMALIZED",
            Self::DomainStartsWithPeriod => "EMAIL_DOMAIN_STARTS_WITH_PERIOD",
            Self::DomainEndsWithPeriod => "EMAIL_DOMAIN_ENDS_WITH_PERIOD",
            Self::DomainStartsWithHyphen => "EMAIL_DOMAIN_STARTS_WITH_HYPHEN",
            Self::DomainEndsWithHyphen => "EMAIL_DOMAIN_ENDS_WITH_HYPHEN",
            Self::DomainPeriodBesideHyphen => "EMAIL_DOMAIN_PERIOD_BESIDE_HYPHEN",
            Self::DomainReservedLabel => "EMAIL_DOMAIN_RESERVED_LABEL",
            Self::DomainNotInternational => "EMAIL_DOMAIN_NOT_INTERNATIONAL",
            Self::DomainTooLong { .. } => "EMAIL_DOMAIN_TOO_LONG",
            Self::DomainLabelTooLong { .. } => "EMAIL_DOMAIN_LABEL_TOO_LONG",
            Self::DomainWithoutPeriod => "EMAIL_DOMAIN_WITHOUT_PERIOD",
            Self::DomainNotPublic => "EMAIL_DOMAIN_NOT_PUBLIC",
            Self::DomainSpecialUse => "EMAIL_DOMAIN_SPECIAL_USE",
            Self::TooLong { .. } | Self::TooLongNormalized { .. } | Self::TooLongEncoded { .. } => "EMAIL_TOO_LONG",
            Self::LookAlikeCharacters(_) => "EMAIL_LOOK_ALIKE_CHARACTERS",
            Self::InvisibleCharacters(_) => "EMAIL_INVISIBLE_CHARACTERS",
            Self::QuotationMarks(_) => "EMAIL_QUOTATION_MARKS",
        }
    }
}

impl fmt::Display for EmailRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason())
    }
}

impl std::error::Error for EmailRefused {}

fn too_many(excess: usize) -> String {
    format!("({excess} character{} too many)", plural(excess))
}

fn bytes(count: usize) -> String {
    format!("{count} byte{}", plural(count))
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
