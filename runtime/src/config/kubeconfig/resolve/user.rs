//! A user: credentials, client certificate, and whom to act as.

use super::super::{Cluster, NamedUser, User};
use super::place::At;
use super::{exec, incomplete, invalid, is_secure, plugin, some};
use crate::config::error::{ConfigError, Kind};
use crate::config::{ClientIdentity, Config, Credentials, Impersonate, SecretString};

pub(super) fn read(entry: &NamedUser, cluster: &Cluster, at: &At<'_>, config: &mut Config) -> Result<(), ConfigError> {
    let (user, place) = (&entry.user, &at.place);
    // What client-go checks whether it is used or not.
    if is_set(&user.token) && (some(user.username.as_deref()).is_some() || is_set(&user.password)) {
        return Err(invalid(format!("{place} has both a token and a username or password: remove one of them")));
    }
    let identity = client_identity(user, at)?;
    if let Some(exec) = &user.exec {
        if user.auth_provider.is_some() {
            return Err(invalid(format!("{place} has both `exec` and `auth-provider`: remove one of them")));
        }
        exec::check(exec, place)?;
    }
    config.impersonate = impersonation(user, place)?;
    if !is_secure(&config.server) {
        return Ok(());
    }

    user.exec.as_ref().map(|exec| exec::check_version(exec, place)).transpose()?;
    config.client_identity = identity;
    let provider = user.auth_provider.as_ref().map(|provider| plugin::read(provider, entry, at)).transpose()?;
    config.credentials = match (written(user, at)?, provider, &user.exec) {
        (Some(credentials), _, unused) => {
            if unused.is_some() {
                tracing::debug!(%place, "has a token or login, so that its command is not run");
            }
            credentials
        }
        (None, Some(oidc), _) => Credentials::Oidc(Box::new(oidc)),
        (None, None, Some(_)) if config.client_identity.is_some() => {
            tracing::debug!(%place, "has a client certificate, so that its command is not run");
            Credentials::None
        }
        (None, None, Some(exec)) => Credentials::Exec(Box::new(exec::ready(exec, cluster, at, config))),
        (None, None, None) => Credentials::None,
    };
    halves(user, config, place)
}

/// What is written there itself.
fn written(user: &User, at: &At<'_>) -> Result<Option<Credentials>, ConfigError> {
    let place = &at.place;
    let token = user.token.clone().filter(|token| !token.is_empty());
    let file = user.token_file.as_deref().filter(|file| !file.as_os_str().is_empty());
    let username = some(user.username.as_deref());
    if username.is_some() && (token.is_some() || file.is_some()) {
        return Err(invalid(format!("{place} has both a username and a token: remove one of them")));
    }
    Ok(match (file, token, username) {
        (Some(file), fallback, _) => {
            let path = at.absolute(file);
            let fallback = match fallback {
                Some(token) => Some(token),
                // Read now so that a missing token is an error here and not at the first request.
                None => Some(token_in(&path, place)?),
            };
            Some(Credentials::TokenFile { path, fallback })
        }
        (None, Some(token), _) => Some(Credentials::Token(token)),
        (None, None, Some(username)) => {
            let password = user.password.clone().unwrap_or_default();
            Some(Credentials::Basic { username: username.to_owned(), password })
        }
        (None, None, None) => None,
    })
}

fn token_in(path: &std::path::Path, place: &str) -> Result<SecretString, ConfigError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError::new(Kind::Unreadable, format!("{place}: cannot read its tokenFile, {shown}")).because(error)
    })?;
    let text = zeroize::Zeroizing::new(text);
    match text.trim() {
        "" => Err(invalid(format!("{place}: its tokenFile, {shown}, is empty"))),
        token => Ok(token.into()),
    }
}

fn client_identity(user: &User, at: &At<'_>) -> Result<Option<ClientIdentity>, ConfigError> {
    let data = user.client_certificate_data.as_deref();
    let Some(certificate) = at.pem(data, user.client_certificate.as_deref(), "client-certificate")? else {
        // A key without one is not used; but what is no base64 is an error for client-go before it knows that.
        at.pem(user.client_key_data.as_ref().map(SecretString::expose), None, "client-key")?;
        return Ok(None);
    };
    let data = user.client_key_data.as_ref().map(SecretString::expose);
    let Some(key) = at.pem(data, user.client_key.as_deref(), "client-key")? else {
        let place = &at.place;
        let message = format!("{place} has a client-certificate and no key; add client-key or client-key-data");
        return Err(incomplete(message));
    };
    Ok(Some(ClientIdentity { certificate, key }))
}

/// Half of a pair is ignored, as by client-go, where the user is somebody all the same; else it would be nobody
/// without a word.
fn halves(user: &User, config: &Config, place: &str) -> Result<(), ConfigError> {
    let has_key =
        is_set(&user.client_key_data) || user.client_key.as_ref().is_some_and(|path| !path.as_os_str().is_empty());
    let password = is_set(&user.password) && some(user.username.as_deref()).is_none();
    let key = has_key && config.client_identity.is_none();
    let nobody = config.credentials == Credentials::None && config.client_identity.is_none();
    let message = match (password, key) {
        (true, _) => "has a password and no username; add `username:`",
        (_, true) => "has a client-key and no certificate; add client-certificate or client-certificate-data",
        (false, false) => return Ok(()),
    };
    if nobody {
        return Err(incomplete(format!("{place} {message}")));
    }
    tracing::warn!(%place, "{message}");
    Ok(())
}

fn impersonation(user: &User, place: &str) -> Result<Option<Impersonate>, ConfigError> {
    let uid = some(user.impersonate_uid.as_deref()).map(str::to_owned);
    match some(user.impersonate.as_deref()) {
        Some(name) => Ok(Some(Impersonate {
            user: name.to_owned(),
            uid,
            groups: user.impersonate_groups.clone(),
            extra: user.impersonate_extra.clone(),
        })),
        None if uid.is_some() || !user.impersonate_groups.is_empty() || !user.impersonate_extra.is_empty() => Err(
            incomplete(format!("{place} has as-uid, as-groups or as-user-extra and no `as`; add the user to act as")),
        ),
        None => Ok(None),
    }
}

fn is_set(secret: &Option<SecretString>) -> bool {
    secret.as_ref().is_some_and(|secret| !secret.is_empty())
}
