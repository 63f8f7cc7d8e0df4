//! Splits a text into documents, and decodes a document into a type.

use granit_parser::{ErrorKind, Event, Parser, ScanError, StrInput};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::deserializer::Reader;
use super::document::{Builder, Document};
use super::error::{Location, Problem};
use super::options::Options;
use super::totals::Totals;

/// Decodes the only document of a text.
pub(super) fn one<T: DeserializeOwned>(text: &str, options: &Options) -> Result<T, Problem> {
    let mut found = None;
    for document in Documents::new(text, options)? {
        let document = document?;
        if found.is_some() {
            let location = document.location(document.root());
            return Err(Problem::new("the text contains more than one document").or_at(location));
        }
        found = Some(document);
    }
    deserialize(&found.ok_or_else(|| Problem::new("the text contains no document"))?)
}

/// Returns the first document of a text, if any. The rest is ignored.
pub fn first<T: DeserializeOwned>(text: &str, options: &Options) -> Result<Option<T>, Problem> {
    Documents::new(text, options)?.next().map(|document| deserialize(&document?)).transpose()
}

/// Returns every document of a text, each with its own result. The first that is not YAML is the last.
pub fn each<T: DeserializeOwned>(text: &str, options: &Options) -> Vec<Result<T, Problem>> {
    let mut found = Vec::new();
    match Documents::new(text, options) {
        Err(problem) => found.push(Err(problem)),
        Ok(documents) => {
            for document in documents {
                let broken = document.is_err();
                found.push(document.and_then(|document| deserialize(&document)));
                if broken {
                    break;
                }
            }
        }
    }
    found
}

/// Returns every document of a text.
pub fn every<T: DeserializeOwned>(text: &str, options: &Options) -> Result<Vec<T>, Problem> {
    Documents::new(text, options)?.map(|document| deserialize(&document?)).collect()
}

fn deserialize<T: DeserializeOwned>(document: &Document<'_>) -> Result<T, Problem> {
    let source = super::deserializer::Source::new(document);
    T::deserialize(Reader::new(&source, document.root())).map_err(|error| source.location(error, document.root()))
}

/// The start of a line that ends a document, with a comment.
const COMMENTED: &str = "---#";

/// Iterator over the non-empty documents of a text.
struct Documents<'t, 'o> {
    options: &'o Options,
    /// The remaining text: JSON objects one after the other, which need no `---` between them, or YAML up to the next
    /// line that starts with `---#`.
    rest: &'t str,
    /// Start of the text that is being parsed.
    base: Location,
    parser: Option<Parser<'t, StrInput<'t>>>,
    /// Place of `rest`.
    next: Location,
    totals: Totals,
}

impl<'t, 'o> Documents<'t, 'o> {
    fn new(text: &'t str, options: &'o Options) -> Result<Self, Problem> {
        if text.len() > options.max_bytes {
            return Err(Problem::new(format!("the text is longer than the limit of {} bytes", options.max_bytes)));
        }
        let start = Location { line: 1, column: 1 };
        Ok(Self { options, rest: text, base: start, parser: None, next: start, totals: Totals::default() })
    }

    /// Starts parsing the next piece.
    fn advance(&mut self) -> Option<()> {
        if self.rest.is_empty() {
            return None;
        }
        // // YAML has no comment right after the `---`, but kubectl accepts it: the text is split there.
        let commented = self.rest.starts_with(COMMENTED);
        let bare = if commented { self.rest.get(3..).unwrap_or_default() } else { self.rest };
        if commented {
            self.next.column += 3;
        }
        let end = end_of_object_before_another(bare).unwrap_or(bare.len());
        let (piece, _) = bare.split_at(end);
        let end = memchr::memmem::find(piece.as_bytes(), b"\n---#").map_or(end, |at| at + 1);
        let (piece, rest) = bare.split_at(end);
        let lines = memchr::memchr_iter(b'\n', piece.as_bytes()).count();
        let last = piece.rsplit('\n').next().unwrap_or_default().chars().count();
        self.base = self.next;
        self.next = Location {
            line: self.base.line + lines,
            column: if lines == 0 { self.base.column + last } else { last + 1 },
        };
        self.rest = rest;
        let mut options = granit_parser::options! {
            // // One more than the limit, since only the builder counts lists and objects of both styles together.
            flow_nesting_limit: self.options.max_depth.saturating_add(1),
            block_nesting_limit: self.options.max_depth.saturating_add(1),
        };
        options.set_emit_comments(false);
        self.parser = Some(Parser::new_from_str_with_options(piece, options));
        Some(())
    }

    /// Returns the next document, even if it is empty.
    fn parse(&mut self) -> Result<Option<Document<'t>>, Problem> {
        let mut builder = Builder::new(self.options, self.totals);
        loop {
            let Some(event) = self.parser.as_mut().and_then(Parser::next_event) else {
                if self.advance().is_none() {
                    return Ok(None);
                }
                continue;
            };
            let (event, span) = event.map_err(|error| self.not_yaml(&error))?;
            let location = self.location(span.start.line(), span.start.col());
            match event {
                Event::DocumentStart(..) => builder = Builder::new(self.options, self.totals),
                Event::Scalar(text, style, anchor, tag) => {
                    builder.scalar(text, style, anchor, tag.as_deref(), location)?
                }
                Event::SequenceStart(_, anchor, _) => builder.start(false, anchor, location)?,
                Event::MappingStart(_, anchor, _) => builder.start(true, anchor, location)?,
                Event::SequenceEnd | Event::MappingEnd => builder.end()?,
                Event::Alias(anchor) => builder.alias(anchor, location)?,
                Event::DocumentEnd => {
                    let (document, totals) = builder.finish();
                    self.totals = totals;
                    return Ok(Some(document));
                }
                _ => {}
            }
        }
    }

    /// Converts a location in the current piece to one in the text: its line from 1, its column from 0.
    fn location(&self, line: usize, column: usize) -> Location {
        let column = if line <= 1 { self.base.column + column } else { column + 1 };
        Location { line: self.base.line + line.saturating_sub(1), column }
    }

    #[cold]
    fn not_yaml(&self, error: &ScanError) -> Problem {
        let marker = error.marker();
        let message = match error.kind() {
            ErrorKind::RecursionLimitExceeded => format!("nested deeper than {} levels", self.options.max_depth),
            kind => format!("not YAML: {}", describe(kind)),
        };
        Problem::new(message).or_at(self.location(marker.line(), marker.col()))
    }
}

impl<'t> Iterator for Documents<'t, '_> {
    type Item = Result<Document<'t>, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.parse() {
                Ok(Some(document)) if document.is_empty() => {}
                Ok(document) => return document.map(Ok),
                Err(problem) => {
                    (self.rest, self.parser) = ("", None);
                    return Some(Err(problem));
                }
            }
        }
    }
}

impl Drop for Documents<'_, '_> {
    fn drop(&mut self) {
        let count = self.totals.unnamed();
        if count > 0 {
            tracing::warn!(count, "further duplicate keys in this text: the last value of each is used");
        }
    }
}

/// Returns the end of a JSON object at the start of the text, if another one follows it.
fn end_of_object_before_another(text: &str) -> Option<usize> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let end = values.byte_offset();
    text.get(end..)?.trim_start().starts_with('{').then_some(end)
}

/// Describes why a text is not YAML. Not in the parser's words, some of which quote the text.
fn describe(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::UnexpectedEofFlowSequence | ErrorKind::ExpectedFlowSequenceSeparator => {
            "a list in brackets requires `,` or `]` here"
        }
        ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator => "an object in braces requires `,` or `}` here",
        ErrorKind::UnclosedFlowCollection { .. } => "unclosed bracket or brace",
        ErrorKind::MisplacedFlowCollectionEnd | ErrorKind::MismatchedFlowCollectionEnd { .. } => {
            "unmatched closing bracket or brace"
        }
        ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEof
        | ErrorKind::UnexpectedEndOfPlainScalar => "unexpected end of the text",
        ErrorKind::ExpectedDocumentStart | ErrorKind::InvalidDocumentEnd => {
            "a document has ended here; a new one starts with `---`"
        }
        ErrorKind::UnknownAnchor => "an alias has no preceding anchor",
        ErrorKind::MissingAnchorOrAliasName => "an anchor or alias has no name",
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            "expected a key and `:`; is the indentation right?"
        }
        ErrorKind::MappingKeyNotAllowed | ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            "`:` after text that can't be a key here; is the indentation right, and is a value with \
             `: ` in it quoted?"
        }
        ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::BlockEntryInFlowCollection
        | ErrorKind::InvalidBlockEntryWhitespace => "unexpected or missing list item (`- `)",
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidFlowScalarIndent => "wrong indentation",
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => "unexpected tab: indentation must be spaces",
        ErrorKind::ZeroBlockScalarIndent | ErrorKind::InvalidBlockScalarHeader => {
            "a block scalar (`|` or `>`) has an invalid header"
        }
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => "unclosed quote",
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            "unexpected text after a quoted string"
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => "invalid escape (`\\`) in a double-quoted string",
        ErrorKind::CommentNotSeparated | ErrorKind::CommentInterceptedScalar => "unexpected comment (`#`)",
        ErrorKind::UnexpectedCharacter { .. } | ErrorKind::PlainScalarStartsWithDashFlowIndicator => {
            "a string can't start with this character unless it is quoted"
        }
        ErrorKind::BomInsideDocument => "byte order mark inside of a document",
        ErrorKind::UnsupportedYamlMajorVersion => "the text declares an unsupported version of YAML",
        ErrorKind::UndeclaredTagHandle
        | ErrorKind::ExpectedTagBang
        | ErrorKind::InvalidGlobalTagCharacter
        | ErrorKind::InvalidTagTerminator
        | ErrorKind::MissingTagUri
        | ErrorKind::UnclosedVerbatimTag
        | ErrorKind::InvalidTagEscape
        | ErrorKind::InvalidTagUtf8LeadingByte
        | ErrorKind::InvalidTagUtf8TrailingByte
        | ErrorKind::InvalidTagUtf8 => "a tag (`!`) is malformed, or not declared",
        _ => "syntax error",
    }
}
