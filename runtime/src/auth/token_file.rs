//! A token in a file that others replace, as the kubelet does in pods.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::header::{NotAHeader, bearer};
use crate::config::{ConfigError, Kind, SecretString};

/// How long a token is used before its file is read again. The kubelet replaces the tokens of pods when 80 % of their life,
/// an hour by default and ten minutes at least, is over:
/// <https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken>
const AGE: Duration = Duration::from_secs(60);

/// And how long after it could not be read.
const AGE_AFTER_FAILURE: Duration = Duration::from_secs(10);

/// The longest file that is read.
const LIMIT: u64 = 1 << 20;

/// Reads the token again at most once a minute, and at once when the server refuses it. While the file can't be read, the
/// last token stays in use.
pub(super) struct TokenFile {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    header: Option<HeaderValue>,
    /// When to read the file again.
    next: Option<Instant>,
}

impl TokenFile {
    pub(super) fn new(path: &Path, fallback: Option<&SecretString>) -> Result<Self, ConfigError> {
        let header = fallback.map(|token| bearer(token).map_err(|error| unusable("the token", error))).transpose()?;
        Ok(Self { path: path.to_owned(), state: Mutex::new(State { header, next: None }) })
    }

    pub(super) fn header(&self) -> Result<HeaderValue, ConfigError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let (Some(header), Some(_)) = (&state.header, state.next.filter(|next| now < *next)) {
            return Ok(header.clone());
        }
        match (self.read(), &state.header) {
            (Ok(header), _) => {
                *state = State { header: Some(header.clone()), next: Some(now + AGE) };
                Ok(header)
            }
            (Err(error), Some(last)) => {
                let path = self.path.display();
                tracing::warn!(%path, %error, "cannot read the token file; the last token stays in use");
                let last = last.clone();
                state.next = Some(now + AGE_AFTER_FAILURE);
                Ok(last)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// After the server refused this token: another one, if the file has one by now.
    pub(super) fn another(&self, refused: &HeaderValue) -> Option<HeaderValue> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.header.as_ref() == Some(refused) {
            match self.read() {
                Ok(header) => *state = State { header: Some(header), next: Some(Instant::now() + AGE) },
                Err(error) => {
                    let path = self.path.display();
                    tracing::debug!(%path, %error, "the server refused the token, and its file cannot be read");
                }
            }
        }
        // Another request may have read it already.
        state.header.clone().filter(|header| header != refused)
    }

    // Blocks, once a minute, for one small file, usually in memory: not worth a thread.
    fn read(&self) -> Result<HeaderValue, ConfigError> {
        let path = self.path.display();
        let text = read(&self.path).map_err(|error| {
            ConfigError::new(Kind::Unreadable, format!("cannot read the token file {path}")).because(error)
        })?;
        let token = SecretString::from(text.trim());
        match token.is_empty() {
            true => Err(ConfigError::new(Kind::Invalid, format!("the token file {path} is empty"))),
            false => bearer(&token).map_err(|error| unusable(&format!("the token in {path}"), error)),
        }
    }
}

fn read(path: &Path) -> std::io::Result<Zeroizing<String>> {
    use std::io::Read as _;
    let file = std::fs::File::open(path)?;
    let length = file.metadata()?.len().min(LIMIT);
    // As large as the file from the start: a text that grows leaves copies of itself behind.
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(length).unwrap_or(0) + 64));
    file.take(LIMIT).read_to_string(&mut text)?;
    Ok(text)
}

pub(super) fn unusable(what: &str, error: NotAHeader) -> ConfigError {
    let message = format!("{what} has characters that an HTTP header can't have, such as line breaks");
    ConfigError::new(Kind::Invalid, message).because(error)
}
