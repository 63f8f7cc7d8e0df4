//! The bytes of a kubeconfig: encodings, byte order marks, several documents.

use super::*;

const TEXT: &str = "apiVersion: v1\r\nkind: Config\r\ncurrent-context: one\r\nclusters:\r\n  - name: one\r\n    cluster: {server: \"https://127.0.0.1:6443\"}\r\ncontexts:\r\n  - name: one\r\n    context: {cluster: one, user: é}\r\nusers:\r\n  - name: é\r\n    user: {token: 𝕥}\r\n";

fn utf16(text: &str, mark: [u8; 2], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
}

#[test]
fn a_kubeconfig_can_be_utf_8_or_utf_16_with_a_byte_order_mark() {
    let files = [
        TEXT.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", TEXT.as_bytes()].concat(),
        utf16(TEXT, [0xff, 0xfe], u16::to_le_bytes),
        utf16(TEXT, [0xfe, 0xff], u16::to_be_bytes),
    ];
    let folder = folder_with(&[]);
    for (index, bytes) in files.iter().enumerate() {
        let path = folder.path().join("config");
        std::fs::write(&path, bytes).expect("a file");
        for kubeconfig in [Kubeconfig::read(&path), Kubeconfig::read_all([&path]), Kubeconfig::from_slice(bytes)] {
            let kubeconfig = kubeconfig.unwrap_or_else(|error| panic!("file {index}: {error}"));
            let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("good");
            assert_eq!(config.credentials, Credentials::Token("𝕥".into()), "file {index}");
        }
        let environment =
            Environment { kubeconfig: Some(path.clone().into()), ..environment(&folder.path().join("nowhere")) };
        assert_eq!(Config::infer_from(&environment).expect("good").server, "https://127.0.0.1:6443/");
    }
}

#[test]
fn bytes_that_are_no_text_are_an_error_that_names_the_file_and_not_the_bytes() {
    for bytes in [
        &b"users: [{name: a, user: {token: sek\xff}}]"[..],
        b"\xff\xfea",
        b"\xff\xfe\x00\xd8",
        b"\xfe\xff\xdc\x00",
        b"\x00\x00\xfe\xff",
    ] {
        let folder = folder_with(&[]);
        let path = folder.path().join("config");
        std::fs::write(&path, bytes).expect("a file");
        let error = Kubeconfig::read(&path).expect_err("no text");
        assert!(error.is_invalid(), "{error:?}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert!(!format!("{error:?}").contains("sek"), "{error:?}");
    }
}

#[test]
fn a_document_of_comments_alone_is_an_empty_kubeconfig() {
    for text in ["# nothing\n", "---\n# nothing\n---\n", "---\n", "\u{feff}", "\u{feff}# nothing"] {
        assert!(Kubeconfig::from_yaml(text).expect(text).is_empty(), "{text:?}");
    }
    let two = "# first\n---\ncurrent-context: one\n---\n# last\n";
    assert_eq!(Kubeconfig::from_yaml(two).expect(two).current_context.as_deref(), Some("one"));
}

#[test]
fn json_is_read_with_all_of_its_escapes() {
    let text = r#"{"current-context": "a\/b\u0041", "users": [{"name": "u", "user": {"token": "t"}}]}"#;
    let kubeconfig = Kubeconfig::from_yaml(text).expect("JSON is YAML");
    assert_eq!(kubeconfig.current_context.as_deref(), Some("a/bA"));
}
