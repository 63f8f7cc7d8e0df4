//! Macros for request builders: each is a struct, with the options that its verb shares with others.
//!
//! A new verb takes one file with these lines; its own options are methods beside them:
//!
//! ```ignore
//! builder! {
//!     /// Reads one object by its name.
//!     GetRequest<K>           // struct, `new`, `query`, `request`, `Debug`
//! }
//! decode_options!(GetRequest); // options of all reads: `drop_fields`, ...
//! one_message!(GetRequest);    // awaited, it returns one object of kind `K`
//!
//! impl<K> GetRequest<K> {
//!     /// Requests pretty-printed output.
//!     pub fn pretty(mut self) -> Self {
//!         self.call.query("pretty", "true");
//!         self
//!     }
//! }
//! ```
//!
//! | macro | for | gives |
//! |---|---|---|
//! | `builder!` | every verb | the struct, and what every builder has |
//! | `write_options!` | writes | `dry_run`, `pretty`; with `validation`, `field_validation`; with `manager`, `field_manager` too |
//! | `delete_options!` | deletions | grace period, propagation |
//! | `select_options!` | lists, watches, deletions of many | selectors, resource version, time-out |
//! | `shard_option!` | lists and watches | `shard_selector`, `retain` |
//! | `decode_options!` | reads | what is left out of the objects |
//! | `one_message!` | verbs that answer with one object | `IntoFuture` |
//!
//! A builder with another response implements `IntoFuture` itself, over [`respond`](super::respond): see
//! `request/delete.rs`.

macro_rules! builder {
    ($(#[$meta:meta])* $name:ident<$k:ident>) => {
        $(#[$meta])*
        #[must_use = "a request does nothing until it is awaited"]
        pub struct $name<$k> {
            pub(crate) client: $crate::Client,
            pub(crate) call: $crate::wire::Call,
            pub(crate) resource: $crate::wire::ResourceRef,
            kind: ::std::marker::PhantomData<fn() -> $k>,
        }

        impl<$k> $name<$k> {
            pub(crate) fn new(client: &$crate::Client, resource: &$crate::wire::ResourceRef, call: $crate::wire::Call) -> Self {
                Self { client: client.clone(), call, resource: resource.clone(), kind: ::std::marker::PhantomData }
            }

            /// Appends a query parameter that this builder has no method for.
            pub fn query(mut self, name: &str, value: &str) -> Self {
                self.call.query(name, value);
                self
            }

            /// Attaches an extension to the HTTP request, for the client's layers: such as a
            /// [`RetryPolicy`]($crate::retry::RetryPolicy) for this request, or data for a custom layer. It replaces an
            /// earlier one of the same type.
            pub fn extension<T: Clone + Send + Sync + 'static>(mut self, extension: T) -> Self {
                self.call.extension(extension);
                self
            }

            /// Limits the time for the whole request, including its retries and reading the response, in place of
            /// [`Config::request_timeout`]($crate::Config::request_timeout). For a watch or a followed log it limits
            /// the total duration. [`Duration::MAX`](::std::time::Duration::MAX) is no limit.
            pub fn request_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.call.timeouts().request = Some(limit);
                self
            }

            /// Limits the time without data from the server, in place of
            /// [`Config::read_timeout`]($crate::Config::read_timeout). [`Duration::MAX`](::std::time::Duration::MAX) is no
            /// limit, for a watch of objects that seldom change.
            pub fn read_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.call.timeouts().read = Some(limit);
                self
            }

            /// Limits the time to connect, if the client's
            /// [`Config::connect_timeout`]($crate::Config::connect_timeout) is longer.
            pub fn connect_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.call.timeouts().connect = Some(limit);
                self
            }

            /// Returns the HTTP request that would be sent: path and query without a host, and the body.
            ///
            /// # Errors
            /// If the request can't be built, such as for an empty name.
            pub fn request(&self) -> $crate::Result<::http::Request<::bytes::Bytes>> {
                self.call.to_http()
            }
        }

        impl<$k> ::std::fmt::Debug for $name<$k> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.call.operation()).finish()
            }
        }
    };
}

/// Options of every writing verb, documented.
macro_rules! write_options {
    ($name:ident) => {
        impl<K> $name<K> {
            /// Runs every step, admission included, but persists nothing.
            ///
            /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
            pub fn dry_run(mut self) -> Self {
                self.call.query("dryRun", "All");
                self
            }

            /// Requests pretty-printed output, for inspecting the wire; decoding is unaffected.
            pub fn pretty(mut self) -> Self {
                self.call.query("pretty", "true");
                self
            }
        }
    };
    ($name:ident, validation) => {
        write_options!($name);

        impl<K> $name<K> {
            /// Sets how the server treats unknown and duplicate fields. The server's default is to warn. Server-side
            /// apply ignores it: unknown fields always fail it.
            ///
            /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>
            pub fn field_validation(mut self, validation: $crate::request::FieldValidation) -> Self {
                self.call.query("fieldValidation", validation.as_str());
                self
            }
        }
    };
    ($name:ident, manager) => {
        write_options!($name, validation);

        impl<K> $name<K> {
            /// Sets the field manager. The server's default is the user agent up to the first slash.
            ///
            /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers>
            pub fn field_manager(mut self, manager: &str) -> Self {
                self.call.query("fieldManager", manager);
                self
            }
        }
    };
}

/// Options of deletions.
macro_rules! delete_options {
    ($name:ident) => {
        impl<K> $name<K> {
            /// Sets the grace period in seconds; 0 deletes immediately. The default is the object's own.
            pub fn grace_period_seconds(mut self, seconds: i64) -> Self {
                self.call.query_value("gracePeriodSeconds", seconds);
                self
            }

            /// Sets how dependents are garbage-collected. The default is the resource's own, mostly background.
            pub fn propagation_policy(mut self, policy: $crate::request::PropagationPolicy) -> Self {
                self.call.query("propagationPolicy", policy.as_str());
                self
            }

            /// Deletes dependents in the background, after the object.
            pub fn background(self) -> Self {
                self.propagation_policy($crate::request::PropagationPolicy::Background)
            }

            /// Deletes dependents in the foreground, before the object.
            pub fn foreground(self) -> Self {
                self.propagation_policy($crate::request::PropagationPolicy::Foreground)
            }

            /// Orphans dependents.
            pub fn orphan(self) -> Self {
                self.propagation_policy($crate::request::PropagationPolicy::Orphan)
            }

            /// Orphans dependents or not: the deprecated form of [`propagation_policy`](Self::propagation_policy).
            pub fn orphan_dependents(mut self, orphan: bool) -> Self {
                self.call.query_value("orphanDependents", orphan);
                self
            }

            /// Deletes an object even if the server can't read it from its store. It may break the cluster: finalizers
            /// and preconditions are ignored. A server whose feature gate `AllowUnsafeMalformedObjectDeletion` is off,
            /// as it is by default, ignores it: the deletion is an ordinary one.
            ///
            /// <https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/>
            pub fn ignore_store_read_error_with_cluster_breaking_potential(mut self) -> Self {
                self.call.query("ignoreStoreReadErrorWithClusterBreakingPotential", "true");
                self
            }
        }
    };
}

/// Options of reads that skip parts of the response.
macro_rules! decode_options {
    ($name:ident) => {
        impl<K: $crate::message::MessageType> $name<K> {
            /// Skips `metadata.managedFields` while decoding, which is about half of an object's size on the wire and
            /// rarely used. It is still sent, but takes no memory.
            ///
            /// Such an object may be written back: an update without managed fields leaves them unchanged.
            ///
            /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#managed-fields>
            pub fn without_managed_fields(self) -> Self {
                self.drop_fields(&[".metadata.managedFields"])
            }

            /// Skips fields while decoding, by their JSON paths, such as `.spec.template` or
            /// `.status.conditions[].message`. They are still sent, but not decoded, and stay at their defaults.
            ///
            /// Do not write such an object back: an update would remove the skipped fields. A path that names no field
            /// of the kind is an error when the request is sent.
            pub fn drop_fields(mut self, paths: &[&str]) -> Self {
                self.call.drop_fields(K::table(), paths);
                self
            }
        }
    };
}

/// Options of lists, watches and collection deletions.
macro_rules! select_options {
    ($name:ident) => {
        impl<K> $name<K> {
            /// Selects by label, such as `app=web,tier!=cache`. Repeated selectors are combined: all must match.
            ///
            /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>
            pub fn labels(mut self, selector: &str) -> Self {
                self.call.select("labelSelector", selector);
                self
            }

            /// Selects by field, such as `status.phase=Running`. Repeated selectors are combined: all must match.
            ///
            /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/>
            pub fn fields(mut self, selector: &str) -> Self {
                self.call.select("fieldSelector", selector);
                self
            }

            /// Sets the resource version from which to watch, or at which to read.
            ///
            /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#the-resourceversion-parameter>
            pub fn resource_version(mut self, version: &str) -> Self {
                self.call.query("resourceVersion", version);
                self
            }

            /// Sets how the resource version is matched.
            ///
            /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list>
            pub fn resource_version_match(mut self, how: $crate::request::ResourceVersionMatch) -> Self {
                self.call.query("resourceVersionMatch", how.as_str());
                self
            }

            /// Sets the time-out after which the server ends the call, in seconds; 0 is the same as unset. For watches
            /// the server's default is random, 30 to 60 minutes.
            pub fn timeout_seconds(mut self, seconds: u32) -> Self {
                self.call.query_value("timeoutSeconds", seconds);
                self
            }
        }
    };
}

/// The option of lists and watches that a server may ignore silently, which therefore deletions must not have.
macro_rules! shard_option {
    ($name:ident) => {
        impl<K> $name<K> {
            /// Selects the objects of one shard, for a controller whose replicas share the work
            /// ([KEP-5866](https://www.kubernetes.dev/resources/keps/5866/)), such as `shardRange(object.metadata.uid,
            /// '0x0000000000000000', '0x8000000000000000')`. If repeated, the last one counts.
            ///
            /// This requires the feature gate `ShardedListAndWatch` of kube-apiserver, which was added in Kubernetes
            /// 1.36 and is alpha and off by default in 1.36 and 1.37. A server without it ignores the selector and
            /// returns every object, so sharding is verified: a list by its `metadata.shardInfo`, a stream and a watch
            /// by a list of one object that is sent first. (Sharded lists of custom resources, of metadata only and
            /// tables have no `shardInfo`: there the proof is that the server rejects an invalid selector, which costs
            /// one request more.) If the server does not shard, the error is
            /// [`is_not_served`](crate::Error::is_not_served).
            ///
            /// <https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/>
            pub fn shard_selector(mut self, selector: &str) -> Self {
                self.call.needs(crate::Served::since(36));
                self.call.set_query($crate::wire::SHARD_SELECTOR, Some(selector));
                self
            }

            /// Retains only the objects for which the function returns true. It is called with the identity of each object
            /// (`name`, `namespace`, `uid` and `resourceVersion`; other fields are at their defaults) before the object is
            /// decoded: the others are received, but never built. If repeated, all functions must return true.
            ///
            /// This selects what no selector of the server's can, such as the objects of one shard on a server without
            /// [`shard_selector`](Self::shard_selector). It must return the same for all states of an object: an object that
            /// is first retained and then not looks as if it had stopped changing. Tables have all rows.
            pub fn retain(
                mut self,
                is_retained: impl Fn(&$crate::meta::v1::ObjectMeta) -> bool + Send + Sync + 'static,
            ) -> Self {
                self.call.retain($crate::wire::identity::Retain::new(is_retained));
                self
            }
        }
    };
}

/// Implements `IntoFuture` for a builder whose response is one object of its kind.
macro_rules! one_message {
    ($name:ident) => {
        impl<K: $crate::message::MessageType> ::std::future::IntoFuture for $name<K> {
            type Output = $crate::Result<K>;
            type IntoFuture = $crate::request::ResponseFuture<K>;

            fn into_future(self) -> Self::IntoFuture {
                let (resource, options) = (self.resource, self.call.options(K::table()));
                $crate::request::respond(self.client, self.call, move |body| {
                    let mut object: K = $crate::wire::response::decode_with(body, &options)?;
                    $crate::wire::complete(&mut object, &resource);
                    Ok(object)
                })
            }
        }
    };
}
