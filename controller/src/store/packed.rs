//! Objects in their encoded form, for caches that are large and rarely read.

use std::sync::{Arc, PoisonError, RwLock};

use kubewright::meta::v1::{ObjectMeta, PartialObjectMetadata};
use kubewright::{Object, json, protobuf};
use kubewright_runtime::CompactString;
use lz4_flex::block;

use super::uid::Uid;

/// The size up to which a dictionary grows. LZ4 refers to at most 64 KiB before a place, and each compression reads
/// the dictionary once.
const MAX_DICTIONARY: usize = 16 << 10;

/// A shorter encoding is kept as it is.
const MIN_COMPRESSED: usize = 64;

/// Larger buffers, as unusually large objects need them, are freed.
const MAX_BUFFER: usize = 256 << 10;

/// Number of poorly compressed objects after which the first full dictionary is replaced.
const POOR: u32 = 64;

/// An encoded object.
#[derive(Debug)]
pub(crate) struct Packed {
    uid: Option<Uid>,
    version: Option<CompactString>,
    codec: Codec,
    /// The length of the encoding, if the bytes are compressed.
    encoded_len: Option<u32>,
    bytes: Box<[u8]>,
    dictionary: Arc<Dictionary>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Protobuf,
    Json,
}

/// Encodings of earlier objects, to which compressed ones refer for what they have in common.
///
/// It only grows at its start: LZ4 refers to earlier bytes by their distance, so whatever refers to the dictionary
/// still finds the same bytes in the longer one.
#[derive(Debug, Default)]
struct Dictionary(RwLock<Arc<[u8]>>);

impl Dictionary {
    fn bytes(&self) -> Arc<[u8]> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn prepend(&self, encoded: &[u8]) {
        let mut bytes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *bytes = [encoded, &bytes].concat().into();
    }
}

/// Encodes the objects of one kind.
#[derive(Debug)]
pub(crate) struct Packer {
    is_protobuf: bool,
    dictionary: Arc<Dictionary>,
    /// Poorly compressed objects, less the others, since the dictionary is full.
    poor: u32,
    /// At this number a new dictionary is started. It doubles each time: for objects that do not compress, it is no use.
    max_poor: u32,
    encoded: Vec<u8>,
    compressed: Vec<u8>,
}

impl Packer {
    pub(crate) fn new<K: Object>() -> Self {
        Self {
            is_protobuf: protobuf::is_supported(K::table()),
            dictionary: Arc::default(),
            poor: 0,
            max_poor: POOR,
            encoded: Vec::new(),
            compressed: Vec::new(),
        }
    }

    /// Encodes an object. `None` if neither encoding can represent it.
    pub(crate) fn pack<K: Object>(&mut self, object: &K) -> Option<Packed> {
        self.encoded.clear();
        let is_protobuf = self.is_protobuf && protobuf::encode_bare(object, &mut self.encoded).is_ok();
        let codec = if is_protobuf { Codec::Protobuf } else { Codec::Json };
        if codec == Codec::Json {
            json::encode_into(object, &mut self.encoded, json::Mode::Full).ok()?;
        }
        let len = self.compress();
        let (encoded_len, bytes) = match len.zip(u32::try_from(self.encoded.len()).ok()) {
            Some((len, encoded_len)) => (Some(encoded_len), self.compressed[..len].into()),
            None => (None, self.encoded[..].into()),
        };
        let metadata = object.metadata();
        let (uid, version) = (Uid::of(metadata), metadata.resource_version.clone());
        let packed = Packed { uid, version, codec, encoded_len, bytes, dictionary: self.dictionary.clone() };
        self.learn(len);
        if self.encoded.capacity() > MAX_BUFFER {
            (self.encoded, self.compressed) = (Vec::new(), Vec::new());
        }
        Some(packed)
    }

    /// Compresses the encoding; returns the length, if that is shorter.
    fn compress(&mut self) -> Option<usize> {
        if self.encoded.len() < MIN_COMPRESSED {
            return None;
        }
        let room = block::get_maximum_output_size(self.encoded.len());
        if self.compressed.len() < room {
            self.compressed.resize(room, 0);
        }
        let dictionary = self.dictionary.bytes();
        let len = block::compress_into_with_dict(&self.encoded, &mut self.compressed, &dictionary).ok()?;
        (len < self.encoded.len()).then_some(len)
    }

    /// Adds an encoding that has little in common with the dictionary to it.
    fn learn(&mut self, compressed: Option<usize>) {
        let len = self.encoded.len();
        let is_poor = compressed.unwrap_or(len) > len / 3;
        if len < MIN_COMPRESSED || !is_poor {
            self.poor = self.poor.saturating_sub(1);
            return;
        }
        if self.dictionary.bytes().len() + len <= MAX_DICTIONARY {
            self.dictionary.prepend(&self.encoded);
            return;
        }
        self.poor += 1;
        if self.poor >= self.max_poor && len <= MAX_DICTIONARY {
            self.dictionary = Arc::default();
            self.dictionary.prepend(&self.encoded);
            (self.poor, self.max_poor) = (0, self.max_poor.saturating_mul(2));
        }
    }
}

impl Packed {
    pub(crate) fn uid(&self) -> Option<Uid> {
        self.uid.clone()
    }

    pub(crate) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Decodes the object. `None`, with an error in the log, if that fails.
    pub(crate) fn decode<K: Object>(&self) -> Option<K> {
        let mut object = K::default();
        self.read(|codec, bytes| match codec {
            Codec::Protobuf => protobuf::decode_bare(&mut object, bytes, &protobuf::Options::default())
                .map_err(|error| error.to_string()),
            Codec::Json => json::as_utf8(bytes)
                .and_then(|text| json::decode_into(&mut object, text, &json::Options::default()))
                .map_err(|error| error.to_string()),
        })?;
        Some(object)
    }

    /// Decodes the metadata alone, without what is long and of no use for selecting.
    pub(crate) fn metadata<K: Object>(&self) -> Option<ObjectMeta> {
        let starts_with_metadata =
            K::table().fields.iter().any(|field| field.number == 1 && field.json_name() == "metadata");
        if self.codec != Codec::Protobuf || !starts_with_metadata {
            return self.decode::<K>().map(|mut object| std::mem::take(object.metadata_mut()));
        }
        let mut partial = PartialObjectMetadata::default();
        let mut options = protobuf::Options::default();
        options.drop_unknown_fields = true;
        self.read(|_, bytes| protobuf::decode_bare(&mut partial, bytes, &options).map_err(|error| error.to_string()))?;
        Some(partial.metadata)
    }

    /// Passes the encoding to a decoder.
    fn read(&self, decode: impl FnOnce(Codec, &[u8]) -> Result<(), String>) -> Option<()> {
        let result = match self.encoded_len {
            None => decode(self.codec, &self.bytes),
            Some(len) => {
                let mut encoded = vec![0; len as usize];
                block::decompress_into_with_dict(&self.bytes, &mut encoded, &self.dictionary.bytes())
                    .map_err(|error| error.to_string())
                    .and_then(|len| decode(self.codec, &encoded[..len]))
            }
        };
        result
            .map_err(|error| tracing::error!(%error, uid = ?self.uid, "cannot decode an object of a packed store"))
            .ok()
    }
}
