//! Parser of label selectors: the grammar of Go's `labels.Parse`.

use super::label::{Operator, Requirement};
use super::{SelectorError, validate};

/// A token. The words `in` and `notin` are operators only after a key: elsewhere they are identifiers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    End,
    Identifier(&'a str),
    Comma,
    Open,
    Close,
    Not,
    Equals,
    DoubleEquals,
    NotEquals,
    Greater,
    Less,
}

impl Token<'_> {
    fn text(&self) -> &str {
        match self {
            Self::End => "",
            Self::Identifier(text) => text,
            Self::Comma => ",",
            Self::Open => "(",
            Self::Close => ")",
            Self::Not => "!",
            Self::Equals => "=",
            Self::DoubleEquals => "==",
            Self::NotEquals => "!=",
            Self::Greater => ">",
            Self::Less => "<",
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

/// Parses the requirements of a selector, in the order of the text.
pub(super) fn requirements(text: &str) -> Result<Vec<Requirement>, SelectorError> {
    let mut parser = Parser { rest: text };
    let mut requirements = Vec::new();
    loop {
        match parser.peek() {
            Token::End if requirements.is_empty() => return Ok(requirements),
            Token::Identifier(_) | Token::Not => requirements.push(parser.requirement()?),
            other if requirements.is_empty() => return Err(expected(other, "'!', an identifier or the end")),
            other => return Err(expected(other, "an identifier after ','")),
        }
        match parser.next() {
            Token::End => return Ok(requirements),
            Token::Comma => {}
            other => return Err(expected(other, "',' or the end")),
        }
    }
}

fn expected(found: Token<'_>, what: &str) -> SelectorError {
    let found = match found {
        Token::End => "the end".to_owned(),
        other => format!("'{}'", other.text()),
    };
    SelectorError::new(format!("found {found}, expected {what}"))
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Token<'a> {
        self.token().0
    }

    fn next(&mut self) -> Token<'a> {
        let (token, rest) = self.token();
        self.rest = rest;
        token
    }

    /// Returns the next token, and what follows it.
    fn token(&self) -> (Token<'a>, &'a str) {
        let text = self.rest.trim_start_matches(is_space);
        let known = [
            Token::DoubleEquals,
            Token::NotEquals,
            Token::Equals,
            Token::Not,
            Token::Comma,
            Token::Open,
            Token::Close,
            Token::Greater,
            Token::Less,
        ];
        if let Some((token, rest)) = known.iter().find_map(|token| Some((*token, text.strip_prefix(token.text())?))) {
            return (token, rest);
        }
        let end = text.find(|it| is_space(it) || is_special(it)).unwrap_or(text.len());
        match text.split_at(end) {
            ("", rest) => (Token::End, rest),
            (identifier, rest) => (Token::Identifier(identifier), rest),
        }
    }

    fn requirement(&mut self) -> Result<Requirement, SelectorError> {
        let is_negated = self.peek() == Token::Not;
        if is_negated {
            self.next();
        }
        let key = match self.next() {
            Token::Identifier(key) => key,
            other => return Err(expected(other, "an identifier")),
        };
        validate::key(key)?;
        if is_negated {
            return Requirement::new(key, Operator::DoesNotExist, [""; 0]);
        }
        if matches!(self.peek(), Token::End | Token::Comma) {
            return Requirement::new(key, Operator::Exists, [""; 0]);
        }
        let operator = match self.next() {
            Token::Identifier("in") => Operator::In,
            Token::Identifier("notin") => Operator::NotIn,
            Token::Equals => Operator::Equals,
            Token::DoubleEquals => Operator::DoubleEquals,
            Token::NotEquals => Operator::NotEquals,
            Token::Greater => Operator::GreaterThan,
            Token::Less => Operator::LessThan,
            other => return Err(expected(other, "one of in, notin, =, ==, !=, > and <")),
        };
        let values = match operator {
            Operator::In | Operator::NotIn => self.values()?,
            _ => vec![self.value()?],
        };
        Requirement::new(key, operator, values)
    }

    /// Parses one value, which may be empty.
    fn value(&mut self) -> Result<&'a str, SelectorError> {
        match self.peek() {
            Token::End | Token::Comma => Ok(""),
            Token::Identifier(value) => {
                self.next();
                Ok(value)
            }
            other => Err(expected(other, "an identifier")),
        }
    }

    /// Parses values in parentheses. An empty place between commas is the empty value.
    fn values(&mut self) -> Result<Vec<&'a str>, SelectorError> {
        match self.next() {
            Token::Open => {}
            other => return Err(expected(other, "'('")),
        }
        let mut values = Vec::new();
        loop {
            match self.next() {
                Token::Identifier(value) => {
                    values.push(value);
                    match self.next() {
                        Token::Close => return Ok(values),
                        Token::Comma => {}
                        other => return Err(expected(other, "',' or ')'")),
                    }
                }
                Token::Comma => values.push(""),
                // After the parenthesis or a comma.
                Token::Close => {
                    values.push("");
                    return Ok(values);
                }
                other => return Err(expected(other, "',', ')' or an identifier")),
            }
        }
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn is_special(character: char) -> bool {
    matches!(character, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}
